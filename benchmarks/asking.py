"""What asking one engine costs the thread that asks, without storing anything.

    .venv/bin/python benchmarks/asking.py [--containers 100] [--rounds 60] [--base-port 25600] [--code DIR]

A simulated engine is looked at in turns as by a sweep that finds nothing new, and as by one to which the list of
containers is another while each of them is as it was: what every host costs on which something changed, before anything
is inspected. `--code` is another checkout of Loadline to ask with.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.simulation import simulator  # noqa: E402


def measure(url: str, rounds: int) -> None:
    from fleet.engines import Plan, collect, look
    from fleet.inventory import NothingNew
    from fleet.transport import Endpoint, EngineClient

    def timed(plan: Plan) -> tuple[float, Any]:
        """Milliseconds of the thread's processor time, connection included."""
        began = time.thread_time()
        with EngineClient(Endpoint(url, None)) as client:
            found = look(client, now=datetime.now(UTC), plan=plan)
        return 1000 * (time.thread_time() - began), found

    few: dict[str, Any] = {"things": False, "sizes": False, "usage": False, "probe": False, "attached": frozenset({1})}
    took: dict[str, list[float]] = {"nothing new": [], "another list, nothing inspected": []}
    while min(map(len, took.values())) < rounds:
        with EngineClient(Endpoint(url, None)) as client:
            seen = collect(client, now=datetime.now(UTC), plan=Plan(**few))
        if seen.looks is None or seen.images_seen or seen.gaps:
            continue
        images = {facts.image_id: False for facts in seen.containers if facts.image_id}
        plan = Plan(known=seen.remembered, looks=seen.looks, events_since=time.time() - 30, images=images, **few)
        spent, found = timed(plan)
        if isinstance(found, NothingNew):
            took["nothing new"].append(spent)
        spent, found = timed(replace(plan, looks=replace(seen.looks, containers="another")))
        if not isinstance(found, NothingNew) and not found.containers:
            took["another list, nothing inspected"].append(spent)
    for name, times in took.items():
        times.sort()
        print(f"{name:<34} {times[0]:6.2f} ms at least, {times[len(times) // 2]:6.2f} ms half of the time", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--containers", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--base-port", type=int, default=25600)
    parser.add_argument("--code", default=str(ROOT))
    options = parser.parse_args()
    with simulator(1, options.containers, options.base_port) as (_, urls), tempfile.TemporaryDirectory() as data:
        os.environ |= {"LOADLINE_DATA": data, "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        os.chdir(options.code)
        sys.path.insert(0, options.code)
        for name in [name for name in sys.modules if name.partition(".")[0] in {"fleet", "dashboard"}]:
            del sys.modules[name]
        import django

        django.setup()
        gc.disable()
        measure(urls[0].replace("http://", "tcp://"), options.rounds)


if __name__ == "__main__":
    main()
