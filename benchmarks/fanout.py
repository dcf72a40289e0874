"""What hosts that begin to hang cost the others: real workers, PostgreSQL, Redis and simulated engines.

    .venv/bin/python benchmarks/fanout.py [--engines 1000] [--containers 5] [--hang 0.05] [--seconds 120]
    .venv/bin/python benchmarks/fanout.py --code DIR        (another version, unpacked there)

One worker with two processes sweeps the fleet until every host that can has answered; that is the cold start. Then
those that hang are forgiven, so that all of them hang anew, and for so many seconds each answer of the others is noted.
Prints how long hosts waited between two answers, and the processor time and memory of the workers.
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.apparatus.accounting import cpu_seconds, interrupted_like_terminated, memory  # noqa: E402
from benchmarks.apparatus.answers import HOSTS, Answers  # noqa: E402
from benchmarks.apparatus.engines import engines, spoiled  # noqa: E402
from benchmarks.apparatus.installation import installation  # noqa: E402

#: Hosts swept early in the cold start waited for the others; that is no wait for hosts that hang.
SETTLE_SECONDS = 40
INTERVAL = 30
GOOD = "SELECT name FROM fleet_host WHERE answered_at IS NOT NULL"


def measure(options: argparse.Namespace, stack: ExitStack) -> None:
    fault = f"hang={options.hang}"
    fleet = stack.enter_context(
        engines(options.engines, options.containers, "--fault", fault, base_port=options.base_port)
    )
    place = stack.enter_context(installation(code=options.code.resolve()))
    place.run("host", "import", str(fleet.sheet))
    good = {name for name, _ in fleet.hosts} - spoiled(options.engines, [fault]).keys()
    began = time.monotonic()
    place.start_worker(processes=2)
    place.start_beat()
    while good - {name for (name,) in place.rows(GOOD)}:
        time.sleep(1)
    print(f"cold start: {len(good)} hosts answered after {time.monotonic() - began:.0f} s", flush=True)
    time.sleep(SETTLE_SECONDS)
    place.rows("UPDATE fleet_host SET failures = 0, next_sweep_at = now() WHERE error_code <> ''")
    worker = place.roots["worker 1"]
    spent, simulated = cpu_seconds(worker), cpu_seconds(fleet.pid)
    answers, began = Answers(good, INTERVAL), time.monotonic()
    while time.monotonic() - began < options.seconds:
        answers.look(place.rows(HOSTS))
        time.sleep(1)
    wall = time.monotonic() - began
    answers.close(place.rows("SELECT now()")[0][0])
    waits = answers.waits()
    print(f"{len(waits)} waits between two answers: half up to {waits[len(waits) // 2]:.0f} s, "
          f"19 of 20 up to {waits[len(waits) * 19 // 20]:.0f} s, longest {waits[-1]:.0f} s")  # fmt: skip
    print(f"workers: {(cpu_seconds(worker) - spent) / wall:.2f} cores, {memory(worker)[0]:.0f} MiB; "
          f"simulator {(cpu_seconds(fleet.pid) - simulated) / wall:.2f} cores")  # fmt: skip
    failed = place.rows("SELECT error_code, count(*) FROM fleet_host WHERE error_code <> '' GROUP BY 1")
    sessions = place.rows("SELECT sessions FROM pg_stat_database WHERE datname = current_database()")[0][0]
    print(f"failing: {dict(failed)}; database sessions so far: {sessions}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", type=int, default=1000)
    parser.add_argument("--containers", type=int, default=5)
    parser.add_argument("--hang", type=float, default=0.05)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--base-port", type=int, default=30500)
    parser.add_argument("--code", type=Path, default=ROOT)
    interrupted_like_terminated()
    with ExitStack() as stack:
        measure(parser.parse_args(), stack)


if __name__ == "__main__":
    main()
