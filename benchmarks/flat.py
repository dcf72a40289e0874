"""Whether a host costs the same in a large fleet as in a small one, and whether a process stays as small as it was.

    .venv/bin/python benchmarks/flat.py [--hosts 10,100,1000] [--containers 100] [--sweeps 200]

One process with PostgreSQL sweeps as a worker does, shard by shard, simulated engines on which nothing changes: its
processor time per host in a quiet sweep, and that of PostgreSQL, for each size of the fleet. Before that, its resident
memory after some and after all of `--sweeps` sweeps of ten hosts on which much changes.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.apparatus.accounting import cpu_seconds, interrupted_like_terminated  # noqa: E402
from benchmarks.apparatus.engines import engines  # noqa: E402
from benchmarks.apparatus.installation import installation  # noqa: E402

SMALL = 10  # hosts whose sweeps are counted for the memory
HOST_SWEEPS = 300  # that many at least for one figure, or the tenth of a second of a tick is all one sees


def resident() -> float:
    """MiB of this process."""
    return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024


def register(hosts: list[tuple[str, str]]) -> None:
    from django.utils import timezone

    from fleet.registration import Entry
    from fleet.registration.simulated import register_simulated

    register_simulated([Entry(name=name, url=url, environment="production") for name, url in hosts], now=timezone.now())


def sweep() -> int:
    """Every host once; how many were swept."""
    from django.utils import timezone

    from fleet.models import Host
    from fleet.sweeping import claim_hosts, sweep_claimed

    results = [
        one
        for shard in claim_hosts(Host.objects.values_list("pk", flat=True), timezone.now())
        for one in sweep_claimed(shard)
    ]
    failed = [one for one in results if not one.ok]
    if failed:
        raise RuntimeError(f"{len(failed)} sweeps failed, the first of {failed[0].name}: {failed[0].error}")
    return len(results)


def memory(options: argparse.Namespace, stack: ExitStack) -> None:
    from django.utils import timezone

    from fleet.registration import remove_simulated

    churn = ("--churn", "2", "--churn-seconds", "1")
    fleet = stack.enter_context(engines(SMALL, options.containers, *churn, base_port=options.base_port))
    register(fleet.hosts)
    marks = {options.sweeps // 10, options.sweeps // 2, options.sweeps}
    for number in range(1, options.sweeps + 1):
        sweep()
        if number in marks:
            print(f"resident after {number:>4} sweeps of {SMALL} hosts: {resident():7.1f} MiB", flush=True)
    remove_simulated(now=timezone.now())


def costs(options: argparse.Namespace, stack: ExitStack, database: int) -> None:
    sizes = [int(size) for size in options.hosts.split(",")]
    fleet = stack.enter_context(engines(max(sizes), options.containers, base_port=options.base_port + SMALL))
    print(f"{'hosts':>6}{'ms a host':>11}{'PostgreSQL':>12}{'simulator':>11}{'times the first':>17}{'first sweep':>13}")
    first: float | None = None
    for size in sizes:
        register(fleet.hosts[:size])
        began = time.process_time()
        sweep()
        cold = time.process_time() - began
        sweep()  # the first one after everything was new may find a turn of inspection or two
        rounds = max(3, -(-HOST_SWEEPS // size))
        before = (time.process_time(), cpu_seconds(database), cpu_seconds(fleet.pid))
        count = sum(sweep() for _ in range(rounds))
        after = (time.process_time(), cpu_seconds(database), cpu_seconds(fleet.pid))
        own, theirs, simulated = (1000 * (b - a) / count for a, b in zip(before, after, strict=True))
        first = first or own
        print(f"{size:>6}{own:>11.2f}{theirs:>12.2f}{simulated:>11.2f}{own / first:>17.2f}{cold:>11.1f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", default="10,100,1000")
    parser.add_argument("--containers", type=int, default=100)
    parser.add_argument("--sweeps", type=int, default=200)
    parser.add_argument("--base-port", type=int, default=24400)
    options: Any = parser.parse_args()
    interrupted_like_terminated()
    with ExitStack() as stack:
        site = stack.enter_context(installation())
        for name in ("DATABASE_URL", "CELERY_BROKER_URL", "LOADLINE_DATA"):
            os.environ[name] = site.environment[name]
        os.environ |= {"DJANGO_SETTINGS_MODULE": "dashboard.settings", "LOG_LEVEL": "ERROR"}
        import django

        django.setup()
        memory(options, stack)
        costs(options, stack, site.roots["PostgreSQL"])
        django.db.connections.close_all()


if __name__ == "__main__":
    main()
