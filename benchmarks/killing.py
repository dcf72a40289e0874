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
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.fanout import GOOD, Installation, Watch, installation, kill, simulated  # noqa: E402

INTERVAL = 30
CLAIMED = "SELECT id, claim, next_sweep_at FROM fleet_host WHERE claim <> ''"
DOUBLE = {
    "containers": "SELECT 1 FROM fleet_container WHERE gone_at IS NULL GROUP BY host_id, engine_id HAVING count(*) > 1",
    "findings": "SELECT 1 FROM fleet_finding GROUP BY rule, subject_kind, subject_pk HAVING count(*) > 1",
    "changes": "SELECT 1 FROM fleet_change GROUP BY at, rule, host_id, service_id, kind HAVING count(*) > 1",
}


def run(place: Installation, *, seconds: float, every: float) -> Watch:
    """Kills for so long, then looks for two intervals more: what the last kill held up counts, too."""
    workers = {name: place.worker(name, 1) for name in ("one", "two", "three")}
    place.beat()
    while len(place.rows(GOOD)) < len(place.rows("SELECT id FROM fleet_host")):
        time.sleep(1)
    print("every host has answered; now they are killed", flush=True)
    watch, kills, met, marks, began = Watch(place), 0, 0, set[tuple[Any, ...]](), time.monotonic()
    while time.monotonic() - began < seconds + 2 * INTERVAL:
        if kills < seconds // every and time.monotonic() - began >= (kills + 1) * every:
            name = tuple(workers)[kills % len(workers)]
            kill(workers[name])
            marks = set(place.rows(CLAIMED))
            workers[name] = place.worker(name, 1)
            kills += 1
        # What others had under way is stored or prolonged by then; what the dead one had is as it was.
        if marks and time.monotonic() - began >= kills * every + 6:
            met += len(marks & set(place.rows(CLAIMED)))
            marks = set()
        watch.look()
        time.sleep(0.5)
    print(f"{kills} kills met {met} hosts under way")
    return watch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", type=int, default=100)
    parser.add_argument("--containers", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--every", type=float, default=10)
    parser.add_argument("--slow", type=float, default=1.0)
    parser.add_argument("--base-port", type=int, default=30500)
    parser.add_argument("--code", type=Path, default=ROOT)
    options = parser.parse_args()
    fleet = simulated(options.engines, options.containers, options.base_port, slow=options.slow)
    with fleet as (_, urls), installation(options.code.resolve()) as place:
        place.register(urls)
        gaps = run(place, seconds=options.seconds, every=options.every).gaps()
        held_up = place.rows("SELECT count(*) FROM fleet_host WHERE claim <> ''")[0][0]
        double = {name: len(place.rows(query)) for name, query in DOUBLE.items()}
        print(f"{len(gaps)} waits between two answers: half up to {gaps[len(gaps) // 2]:.1f} s, "
              f"19 of 20 up to {gaps[len(gaps) * 19 // 20]:.1f} s, longest {gaps[-1]:.1f} s")  # fmt: skip
        print(f"longer than {2 * INTERVAL} s: {sum(gap > 2 * INTERVAL for gap in gaps)}; "
              f"under way at the end: {held_up}; double rows: {double}")  # fmt: skip
    sys.exit(1 if gaps[-1] > 2 * INTERVAL or any(double.values()) else 0)


if __name__ == "__main__":
    main()
