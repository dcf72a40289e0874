"""What a large fleet costs and how late it is: production's own processes on one machine, simulated engines beside.

    .venv/bin/python benchmarks/fleet.py                                     # 1,000 x 100, ten minutes
    .venv/bin/python benchmarks/fleet.py --engines 100 --containers 20 --minutes 2

Starts PostgreSQL, Redis, the web server, beat, a worker and the simulator, and ends them again. First
the cold start: from the moment at which worker and beat are started until every engine that is not spoiled has answered
once. Then, over the minutes asked for, when each of them answered (one look at the rows a second), how long it takes
until a change on an engine is in the API, waiting for the next sweep and asking for one, and what each group of
processes costs. Prints a table; everything as JSON with --json FILE.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.apparatus.accounting import Watch, idle_seconds, interrupted_like_terminated  # noqa: E402
from benchmarks.apparatus.answers import HOSTS, LATE_SECONDS, Answers  # noqa: E402
from benchmarks.apparatus.engines import Engines, engines, spoiled  # noqa: E402
from benchmarks.apparatus.installation import Installation, installation  # noqa: E402


class Changes(threading.Thread):
    """Makes a change on a random good engine now and then, and waits until the API shows it.

    Every second time it also asks for a sweep. Places are taken from the end, where no two changes meet.
    """

    def __init__(
        self, site: Installation, fleet: Engines, good: Sequence[str], *, every: float, containers: int
    ) -> None:
        super().__init__(daemon=True)
        self.site, self.fleet, self.every, self.containers = site, fleet, every, containers
        self.turns = iter(random.Random(1).sample(sorted(good), len(good)))
        self.ended = threading.Event()
        self.waited: list[float] = []
        self.asked: list[float] = []
        self.never = 0
        self.errors: list[str] = []

    def run(self) -> None:
        ask = False
        while not self.ended.is_set():
            name = next(self.turns, None)
            if name is None:
                return
            began = time.monotonic()
            try:
                self._one(name, ask=ask)
            except Exception as error:  # the run goes on, and the table says that this one failed
                self.errors.append(f"{name}: {error!r}")
            ask = not ask
            self.ended.wait(max(self.every - (time.monotonic() - began), 0))

    def _one(self, name: str, *, ask: bool) -> None:
        made, began = self.fleet.change(name, place=self.containers - 1), time.monotonic()
        if ask:
            self.site.post(f"/hosts/{name}/sweep")
        while not self.ended.is_set():
            items = self.site.get("/containers", host=name, q=made["container"])["items"]
            if any(item["id"] == made["id"] for item in items):
                (self.asked if ask else self.waited).append(time.monotonic() - began)
                return
            if time.monotonic() - began > 120:
                self.never += 1
                return
            time.sleep(0.2 if ask else 0.5)


def seconds_until(done: Callable[[], bool], *, at_most: float, every: float = 1.0) -> float | None:
    """None when it did not happen."""
    began = time.monotonic()
    while not done():
        if time.monotonic() - began > at_most:
            return None
        time.sleep(every)
    return time.monotonic() - began


def spread_of(values: list[float]) -> dict[str, Any]:
    if not values:
        return {"times": 0, "median": None, "max": None}
    ordered = sorted(values)
    middle, longest = (round(value, 2) for value in (statistics.median(ordered), ordered[-1]))
    return {"times": len(ordered), "median": middle, "max": longest, "all": [round(value, 2) for value in ordered]}


def measure(options: argparse.Namespace, stack: ExitStack) -> dict[str, Any]:
    wrong = spoiled(options.engines, options.fault)
    words = [word for fault in options.fault for word in ("--fault", fault)]
    words += ["--churn", str(options.churn), "--churn-seconds", str(options.interval), "--agents", str(options.agents)]
    fleet = stack.enter_context(engines(options.engines, options.containers, *words, base_port=options.base_port))
    site = stack.enter_context(installation(LOADLINE_SWEEP_SECONDS=str(options.interval)))
    good = {name for name, _ in fleet.hosts} - wrong.keys()
    site.run("host", "import", str(fleet.sheet))
    say(f"{len(fleet.hosts)} hosts are registered, {len(good)} of them good")
    site.start_web()
    for number in range(1, options.workers + 1):
        site.start_worker(number, processes=options.processes)
    site.start_beat()
    found: dict[str, Any] = {"options": {**vars(options), "json": None}, "good_hosts": len(good)}

    def cold() -> bool:
        return not good - {name for name, answered, _, _ in site.rows(HOSTS) if answered is not None}

    with_simulator = {**site.roots, "simulator": fleet.pid}
    watch = Watch(with_simulator)
    watch.start()
    seconds = seconds_until(cold, at_most=options.cold_at_most)
    found["cold_start"] = {
        "seconds": None if seconds is None else round(seconds, 1),
        "costs": costs(watch, seconds or options.cold_at_most),
    }
    say(f"cold start: {found['cold_start']['seconds']} s")
    if seconds is None:
        missing = good - {name for name, answered, _, _ in site.rows(HOSTS) if answered is not None}
        found["cold_start"]["missing"] = len(missing)
        say(f"{len(missing)} hosts did not answer within {options.cold_at_most:.0f} s; their first sweeps go on")
    found["steady"] = steady(options, site, fleet, good, with_simulator)
    found["simulator"] = fleet.usage()
    found["failing"] = dict(site.rows("SELECT error_code, count(*) FROM fleet_host WHERE error <> '' GROUP BY 1"))
    found["good_hosts_failing"] = sum(
        1 for (name,) in site.rows("SELECT name FROM fleet_host WHERE error <> ''") if name in good
    )
    found["containers"] = site.rows("SELECT sum(containers_total) FROM fleet_host")[0][0]
    return found


def steady(
    options: argparse.Namespace, site: Installation, fleet: Engines, good: set[str], roots: dict[str, int]
) -> dict[str, Any]:
    answers = Answers(good, options.interval)
    for _ in clock_of(options.settle):
        answers.look(site.rows(HOSTS))
    answers.forget()
    changes = Changes(site, fleet, sorted(good), every=options.change_every, containers=options.containers)
    watch = Watch(roots)
    watch.start()
    changes.start()
    began, idle = time.monotonic(), idle_seconds()
    for _ in clock_of(60 * options.minutes):
        answers.look(site.rows(HOSTS))
    wall = time.monotonic() - began
    answers.close(site.rows("SELECT now()")[0][0])
    spent = costs(watch, wall)
    idle, waiting = (round((now - before) / wall, 2) for now, before in zip(idle_seconds(), idle, strict=True))
    changes.ended.set()
    changes.join(60)
    return {
        "seconds": round(wall, 1),
        "sweeps": answers.told(),
        "change_until_shown": spread_of(changes.waited),
        "change_and_sweep_now_until_shown": spread_of(changes.asked),
        "changes_never_shown": changes.never,
        "errors": changes.errors,
        "cores_idle": idle,
        "cores_waiting_for_a_disk": waiting,
        "costs": spent,
    }


def clock_of(seconds: float) -> Iterator[None]:
    """Once a second for so long."""
    ending = time.monotonic() + seconds
    while time.monotonic() < ending:
        yield
        time.sleep(1)


def costs(watch: Watch, wall: float) -> dict[str, Any]:
    return {
        name: {
            **{key: round(value, 1) for key, value in asdict(account).items()},
            "cores": round(account.seconds / wall, 3),
        }
        for name, account in watch.stop().items()
    }


def say(words: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {words}", file=sys.stderr, flush=True)


def show(found: dict[str, Any]) -> None:
    options, cold, since = found["options"], found["cold_start"], found["steady"]
    sweeps = since["sweeps"]
    size = f"{options['engines']} engines x {options['containers']} containers"
    print(f"{size}, {options['churn']} % churn in {options['interval']} s, faults {' '.join(options['fault'])}")
    print(f"{found['good_hosts']} good hosts, {found['good_hosts_failing']} of them failing at the end; "
          f"{found['containers']} containers stored")  # fmt: skip
    print(f"cold start of every good host: {cold['seconds'] or 'not within the time'} s")
    print(f"then {since['seconds']:.0f} s: {sweeps['answers']} answers of {sweeps['hosts_with_answers']} hosts, "
          f"{sweeps['gaps_longer_than_60s']} gaps longer than {LATE_SECONDS:.0f} s "
          f"on {sweeps['hosts_with_such_gaps']} of them")  # fmt: skip
    line("seconds", "p50", "p95", "max")
    line("longest gap between answers of a good host", *(sweeps["longest_gap"][name] for name in QUANTILES))
    line("late against due", *(sweeps["late"][name] for name in QUANTILES))
    line("seconds", "times", "median", "max")
    for words, key in (("from a change until the API shows it", "change_until_shown"),
                       ("the same with Sweep now", "change_and_sweep_now_until_shown")):  # fmt: skip
        line(words, *(since[key][name] for name in ("times", "median", "max")))
    line("changes not shown within two minutes", since["changes_never_shown"])
    line("cores with nothing to do", since["cores_idle"])
    line("cores waiting for a disk", since["cores_waiting_for_a_disk"])
    for error in since["errors"]:
        print(f"error: {error}")
    for words, spent in (("cold start", cold["costs"]), ("since", since["costs"])):
        line(words, "CPU s", "cores", "PSS MiB", "RSS MiB")
        for name, one in spent.items():
            line(f"  {name}", one["seconds"], one["cores"], one["peak_pss"], one["peak_rss"])


QUANTILES = ("p50", "p95", "max")


def line(words: str, *values: object) -> None:
    print(f"{words:<44}" + "".join(f"{'-' if value is None else value:>9}" for value in values[:4]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", type=int, default=1000)
    parser.add_argument("--containers", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--churn", type=float, default=1, help="per cent of the containers in an interval")
    parser.add_argument(
        "--fault", action="append", help="as ./loadline simulate takes it (default hang=5%%; none: --fault hang=0)"
    )
    parser.add_argument("--agents", type=int, default=0, help="services with a container on every engine")
    parser.add_argument("--interval", type=int, default=30, help="LOADLINE_SWEEP_SECONDS")
    parser.add_argument("--workers", type=int, default=1, help="Celery workers (default 1)")
    parser.add_argument("--processes", type=int, help="of each worker (default: as many as one has by itself)")
    parser.add_argument("--settle", type=float, default=60, help="seconds between the cold start and the measurement")
    parser.add_argument(
        "--cold-at-most", type=float, default=1200, help="seconds after which the cold start is given up"
    )
    parser.add_argument("--change-every", type=float, default=20, help="seconds between two changes that are followed")
    parser.add_argument("--base-port", type=int, default=23000)
    parser.add_argument("--json", type=Path, help="write everything there")
    options = parser.parse_args()
    options.fault = options.fault or ["hang=5%"]
    interrupted_like_terminated()
    with ExitStack() as stack:
        found = measure(options, stack)
    show(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2, default=str) + "\n")


if __name__ == "__main__":
    main()
