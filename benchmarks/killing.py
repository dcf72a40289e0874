"""Three workers, one of them killed with -9 every ten seconds: no host is missed for long, and no row is there twice.

    .venv/bin/python benchmarks/killing.py [--engines 100] [--containers 10] [--seconds 120] [--every 10]

Real PostgreSQL and Redis. The simulated engines (that share of them, --slow) take half a second for every answer, so
that kills meet sweeps that are under way; how many hosts they met is printed. The workers take turns to be killed, with
their children, and are started again at once, as a supervisor would. Exit status 1 when a host waited longer than two
intervals, or anything is double.
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.apparatus.accounting import interrupted_like_terminated  # noqa: E402
from benchmarks.apparatus.answers import HOSTS, Answers  # noqa: E402
from benchmarks.apparatus.engines import engines  # noqa: E402
from benchmarks.apparatus.installation import Installation, installation  # noqa: E402

INTERVAL = 30
WORKERS = (1, 2, 3)
CLAIMED = "SELECT id, claim, next_sweep_at FROM fleet_host WHERE claim <> ''"
DOUBLE = {
    "containers": "SELECT 1 FROM fleet_container WHERE gone_at IS NULL GROUP BY host_id, engine_id HAVING count(*) > 1",
    "findings": "SELECT 1 FROM fleet_finding GROUP BY rule, subject_kind, subject_pk HAVING count(*) > 1",
    "changes": "SELECT 1 FROM fleet_change GROUP BY at, rule, host_id, service_id, kind HAVING count(*) > 1",
}


def run(place: Installation, names: set[str], *, seconds: float, every: float) -> Answers:
    """Kills for so long, then looks for two intervals more: what the last kill held up counts, too."""
    for number in WORKERS:
        place.start_worker(number, processes=1)
    place.start_beat()
    while place.rows("SELECT 1 FROM fleet_host WHERE answered_at IS NULL"):
        time.sleep(1)
    print("every host has answered; now they are killed", flush=True)
    answers, kills, met, marks = Answers(names, INTERVAL), 0, 0, set[tuple[Any, ...]]()
    began = time.monotonic()
    while time.monotonic() - began < seconds + 2 * INTERVAL:
        if kills < seconds // every and time.monotonic() - began >= (kills + 1) * every:
            number = WORKERS[kills % len(WORKERS)]
            place.kill_worker(number)
            marks = set(place.rows(CLAIMED))
            place.start_worker(number, processes=1)
            kills += 1
        # What others had under way is stored or prolonged by then; what the dead one had is as it was.
        if marks and time.monotonic() - began >= kills * every + 6:
            met += len(marks & set(place.rows(CLAIMED)))
            marks = set()
        answers.look(place.rows(HOSTS))
        time.sleep(0.5)
    answers.close(place.rows("SELECT now()")[0][0])
    print(f"{kills} kills met {met} hosts under way")
    return answers


def measure(options: argparse.Namespace, stack: ExitStack) -> bool:
    """Whether it holds."""
    fault = f"slow={options.slow}"
    fleet = stack.enter_context(
        engines(options.engines, options.containers, "--fault", fault, base_port=options.base_port)
    )
    place = stack.enter_context(installation(code=options.code.resolve()))
    place.run("host", "import", str(fleet.sheet))
    names = {name for name, _ in fleet.hosts}
    waits = run(place, names, seconds=options.seconds, every=options.every).waits()
    held_up = place.rows("SELECT count(*) FROM fleet_host WHERE claim <> ''")[0][0]
    double = {name: len(place.rows(query)) for name, query in DOUBLE.items()}
    print(f"{len(waits)} waits between two answers: half up to {waits[len(waits) // 2]:.1f} s, "
          f"19 of 20 up to {waits[len(waits) * 19 // 20]:.1f} s, longest {waits[-1]:.1f} s")  # fmt: skip
    print(f"longer than {2 * INTERVAL} s: {sum(wait > 2 * INTERVAL for wait in waits)}; "
          f"under way at the end: {held_up}; double rows: {double}")  # fmt: skip
    return waits[-1] <= 2 * INTERVAL and not any(double.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", type=int, default=100)
    parser.add_argument("--containers", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--every", type=float, default=10)
    parser.add_argument("--slow", type=float, default=1.0)
    parser.add_argument("--base-port", type=int, default=30500)
    parser.add_argument("--code", type=Path, default=ROOT)
    interrupted_like_terminated()
    with ExitStack() as stack:
        kept = measure(parser.parse_args(), stack)
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
