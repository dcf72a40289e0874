"""What previews of a policy cost the hosts that are to be swept meanwhile: real workers, PostgreSQL and Redis.

    .venv/bin/python benchmarks/turns.py [--engines 100] [--containers 50] [--previews 20] [--seconds 100]
    .venv/bin/python benchmarks/turns.py --code DIR        (another version, unpacked there)

One worker with two processes sweeps simulated engines that are all well. Then so many previews are asked for at once.
For so many seconds each answer of a host is noted, and how long *Sweep now* takes that is asked for ten seconds after
them. Prints both, how many previews were done meanwhile, and when the last of them was.
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.apparatus.accounting import interrupted_like_terminated  # noqa: E402
from benchmarks.apparatus.answers import HOSTS, Answers  # noqa: E402
from benchmarks.apparatus.engines import engines  # noqa: E402
from benchmarks.apparatus.installation import Installation, installation  # noqa: E402

INTERVAL = 30
ASKED_AFTER = 10.0
PREVIEWS = """
from django.utils import timezone
from dashboard.queueing import ask_for_preview
from fleet.governance.policy import in_force, plain
from fleet.models import PolicyVersion
document = plain(in_force().policy)
for _ in range({previews}):
    assert ask_for_preview(PolicyVersion.objects.create(document=document, created_at=timezone.now()))
"""
DONE = "SELECT count(*) FROM fleet_policyversion WHERE preview_state = 'done'"
ANSWERED = "SELECT answered_at > %s FROM fleet_host WHERE name = %s"


def settled(place: Installation, answers: Answers) -> None:
    """Until every host has answered twice."""
    while len(answers.gaps) < len(answers.good):
        answers.look(place.rows(HOSTS))
        time.sleep(1)
    answers.forget()


def measure(options: argparse.Namespace, stack: ExitStack) -> None:
    fleet = stack.enter_context(engines(options.engines, options.containers, base_port=options.base_port))
    place = stack.enter_context(installation(code=options.code.resolve()))
    place.run("host", "import", str(fleet.sheet))
    place.start_web()
    place.start_worker()
    place.start_beat()
    answers = Answers({name for name, _ in fleet.hosts}, INTERVAL)
    settled(place, answers)
    place.run("shell", "--no-imports", "-c", PREVIEWS.format(previews=options.previews))
    began, last, done, shown = time.monotonic(), 0.0, 0, None
    asked, asked_at, name = None, None, fleet.hosts[0][0]
    while (passed := time.monotonic() - began) < options.seconds:
        answers.look(place.rows(HOSTS))
        now_done = place.rows(DONE)[0][0]
        if now_done != done:
            done, last = now_done, passed
        if asked is None and passed >= ASKED_AFTER:
            asked_at, asked = place.rows("SELECT now()")[0][0], time.monotonic()
            place.post(f"/hosts/{name}/sweep")
        if asked is not None and shown is None and place.rows(ANSWERED, asked_at, name)[0][0]:
            shown = time.monotonic() - asked
        time.sleep(0.25)
    answers.close(place.rows("SELECT now()")[0][0])
    waits, late = answers.waits(), sorted(answers.late)
    print(f"{done} of {options.previews} previews were done, the last after {last:.0f} s")
    print(f"{len(waits)} waits between two answers: half up to {waits[len(waits) // 2]:.0f} s, "
          f"19 of 20 up to {waits[len(waits) * 19 // 20]:.0f} s, longest {waits[-1]:.0f} s; "
          f"late by up to {late[-1] if late else 0:.0f} s")  # fmt: skip
    print(f"Sweep now: {'never' if shown is None else f'{shown:.1f} s'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", type=int, default=100)
    parser.add_argument("--containers", type=int, default=50)
    parser.add_argument("--previews", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=100)
    parser.add_argument("--base-port", type=int, default=33500)
    parser.add_argument("--code", type=Path, default=ROOT)
    interrupted_like_terminated()
    with ExitStack() as stack:
        measure(parser.parse_args(), stack)


if __name__ == "__main__":
    main()
