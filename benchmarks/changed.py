"""What a host with a few changes costs: processor time of one process and of its PostgreSQL backend, and statements.

    .venv/bin/python manage.py simulate --engines 40 --containers 100 --churn 1 --base-port 27000
    DATABASE_URL=postgres://… .venv/bin/python benchmarks/changed.py [--rounds 6]

Sweeps the hosts that are registered in that database, which are those engines, as one worker process does, services
included; then again every 30 s. The first round after the first sweep is left out of the sum.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.apparatus.accounting import cpu_seconds  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
PAUSE = 30.0
THREADS = 16


def backend_seconds(connection: Any) -> float:
    """Processor time of the backend that serves this connection; it runs on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    return cpu_seconds(pid)


def swept(connection: Any) -> list[float]:
    """Seconds of this process and of the backend, statements, hosts and changes of one sweep of all hosts."""
    from django.utils import timezone

    from fleet.models import Host
    from fleet.sweeping import claim_hosts, sweep_claimed

    keys, statements = list(Host.objects.values_list("pk", flat=True)), [0]

    def counted(execute: Any, *told: Any) -> Any:
        statements[0] += 1
        return execute(*told)

    backend, own = backend_seconds(connection), time.process_time()
    with connection.execute_wrapper(counted):
        shards = claim_hosts(keys, timezone.now(), shard_size=len(keys))
        results = [one for shard in shards for one in sweep_claimed(shard, threads=THREADS)]
    used = [time.process_time() - own, backend_seconds(connection) - backend, float(statements[0])]
    return [*used, float(len(results)), float(sum(one.changed for one in results))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6)
    rounds = parser.parse_args().rounds

    import django

    django.setup()
    from django.db import connection

    from fleet.garbage import collect_seldom

    collect_seldom()
    swept(connection)
    total = [0.0] * 5
    for number in range(rounds + 1):
        time.sleep(PAUSE)
        told = swept(connection)
        total = [a + b for a, b in zip(total, told, strict=True)] if number else total
        own, backend, statements, hosts, changes = told
        print(
            f"a host: {1000 * own / hosts:.1f} ms here, {1000 * backend / hosts:.1f} ms of PostgreSQL, "
            f"{statements / hosts:.1f} statements, {changes / hosts:.1f} changes",
            flush=True,
        )
    own, backend, statements, hosts, changes = total
    print(
        f"all but the first: {1000 * own / hosts:.1f} ms here, {1000 * backend / hosts:.1f} ms of PostgreSQL, "
        f"{statements / hosts:.1f} statements, {changes / hosts:.1f} changes"
    )


if __name__ == "__main__":
    main()
