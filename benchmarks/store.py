"""What the store costs at size: bytes a table, rows renewed where they stand, and what retention keeps others from.

    .venv/bin/python benchmarks/store.py                 # PostgreSQL, a server of its own
    .venv/bin/python benchmarks/store.py --sqlite        # retention alone

A fleet as that of benchmarks/judging.py is recorded and judged. Then: the size of each table for 100,000 containers;
the share of updates that PostgreSQL could make where the row stands (HOT), and the bytes of its log, over rounds in
which every host is swept and one of its containers changed, beside the same with the indexes and parameters of before;
and the deletion of things that went, in the batches of `fleet.retention` beside one statement for all, while another
process stores sweeps: how long each of these took.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.judging import PER_HOST, containers, judge_and_store, seed  # noqa: E402

TABLES = ("host", "container", "finding", "answersheet", "service", "image", "network")
#: Indexes on what every sweep writes to a host, as they once were, and no room for a row's next version.
BEFORE = (
    "CREATE INDEX before_1 ON fleet_host (next_sweep_at)",
    "CREATE INDEX before_2 ON fleet_host (answered_at)",
    *(f"ALTER TABLE fleet_{name} RESET (fillfactor, toast_tuple_target)" for name in TABLES),
    # Long values stay where they are until they are written anew.
    "UPDATE fleet_host SET facts = facts::text::jsonb, standing = standing::text::jsonb",
    "UPDATE fleet_service SET standing = standing::text::jsonb, own_standing = own_standing::text::jsonb",
    "UPDATE fleet_container SET facts = facts::text::jsonb, own_standing = own_standing::text::jsonb",
)


def asked(sql: str, *values: object) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchall() if cursor.description else []


def sweep(host: Any, number: int, minute: int, *, changed: bool) -> None:
    """From the claim to the rest, as a worker does it, with an engine that answers at once."""
    from django.db import transaction

    from fleet.assessment import assess_recorded
    from fleet.recording import record
    from fleet.sweeping.claims import begin, claim_hosts, rest
    from tests.builders import NOW, image, snapshot

    now = NOW + timedelta(minutes=minute)
    [shard] = claim_hosts([host.pk], now)
    begin(shard, now)
    first, *others = containers(number)
    if changed:
        first = replace(first, memory=(minute + 1) << 20)
    taken = snapshot(first, *others, images=tuple(image(id=f"sha256:{one:064x}") for one in range(10)))
    taken = replace(taken, host=replace(taken.host, engine_id=f"ID:{number}"))
    with transaction.atomic():
        recorded = record(host.pk, taken, now=now, claim=shard.claim)
        assess_recorded(recorded, now=now)
        rest(host.pk, due=now, now=now, written=recorded.changed)


def sizes(hosts: int) -> None:
    times = 100_000 / (hosts * PER_HOST)
    print(f"for 100,000 containers ({times:.0f} times what {hosts * PER_HOST} take):")
    for name in TABLES:
        [(rows, heap, toast, indexes)] = asked(
            "SELECT s.n_live_tup, pg_relation_size(c.oid), coalesce(pg_total_relation_size(c.reltoastrelid), 0),"
            " pg_indexes_size(c.oid) FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid"
            " WHERE c.relname = %s",
            f"fleet_{name}",
        )
        told = ", ".join(
            f"{what} {times * size / (1 << 20):.0f} MiB"
            for what, size in (("rows", heap), ("long values", toast), ("indexes", indexes))
        )
        print(f"  {name:<10} {times * rows:>9,.0f} rows: {told}")


def updates(hosts: int, rounds: int, *, first: int) -> tuple[dict[str, tuple[int, int]], int]:
    """By table how many updates there were and how many of them were HOT; and bytes of log. Tables begin full."""
    from fleet.models import Host

    for name in TABLES:
        asked(f"VACUUM FULL fleet_{name}")
    rows = list(Host.objects.order_by("name")[:hosts])

    def every_host(minute: int) -> None:
        for number, host in enumerate(rows):
            sweep(host, number, minute, changed=True)

    every_host(first)
    asked("SELECT pg_stat_reset()")
    [(began,)] = asked("SELECT pg_current_wal_lsn()")
    for one in range(rounds):
        every_host(first + 1 + one)
    [(log,)] = asked("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), %s)::bigint", began)
    asked("SELECT pg_stat_force_next_flush()")
    found = asked("SELECT relname, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname LIKE 'fleet%%'")
    return {name.removeprefix("fleet_"): (all_, hot) for name, all_, hot in found if all_}, log


def hot(hosts: int, rounds: int) -> None:
    now, log = updates(hosts, rounds, first=200)
    pages = pages_of_containers()
    for sql in BEFORE:
        asked(sql)
    before, log_before = updates(hosts, rounds, first=rounds + 202)
    print(
        f"{rounds} sweeps of each of {hosts} hosts, one container of {PER_HOST} changed in each: updates, of them HOT"
    )
    for name, (number, where_they_stand) in sorted(now.items()):
        share, was = where_they_stand / number, before[name][1] / before[name][0]
        print(f"  {name:<10} {share:4.0%} of {number}, before {was:4.0%} of {before[name][0]}")
    print(f"  pages that a count of containers reads: {pages}, before {pages_of_containers()}")
    print(f"  log: {log / rounds / hosts / 1024:.0f} KiB a sweep, before {log_before / rounds / hosts / 1024:.0f} KiB")


def pages_of_containers() -> int:
    return int(asked("SELECT pg_relation_size('fleet_container') / 8192")[0][0])


def bury(number: int) -> None:
    """Things that went long ago, and that nobody says anything of any more."""
    from fleet.models import Container

    fields = Container._meta.concrete_fields  # noqa: SLF001 - Django's documented model API
    names = [f'"{field.column}"' for field in fields if not field.primary_key]
    other = {'"engine_id"': "'gone-' || n", '"gone_at"': "'2020-01-01 00:00:00+00:00'"}
    asked(
        f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {number})"
        f" INSERT INTO fleet_container ({', '.join(names)}) SELECT {', '.join(other.get(one, one) for one in names)}"
        " FROM (SELECT * FROM fleet_container WHERE gone_at IS NULL LIMIT 1) one, numbers"
    )


@contextmanager
def somebody_sweeping(log: Path) -> Iterator[None]:
    """A process that stores one sweep after another and notes how long each took."""
    process = subprocess.Popen([sys.executable, __file__, "--keep-sweeping", str(log)])
    try:
        while not log.exists() or len(log.read_text().split()) < 5:
            time.sleep(0.1)
        log.write_text("")
        yield
    finally:
        process.terminate()
        process.wait()


def keep_sweeping(log: Path) -> None:
    import django

    django.setup()
    from fleet.models import Host

    host = Host.objects.get(name="host-0000")
    minute = 1000
    while True:
        began = time.perf_counter()
        sweep(host, 0, minute, changed=True)
        with log.open("a") as file:
            file.write(f"{time.perf_counter() - began}\n")
        minute += 1
        time.sleep(0.02)


def in_one_statement() -> None:
    from fleet.models import Container

    Container.objects.filter(gone_at__lt="2021-01-01T00:00Z").delete()


def in_batches() -> None:
    from fleet.retention import tidy
    from tests.builders import NOW

    while "Container" in tidy(NOW).left:
        pass


def retention(number: int, folder: Path) -> None:
    ways: dict[str, Callable[[], None] | None] = {
        "nothing is deleted": None,
        "in batches": in_batches,
        "in one statement": in_one_statement,
    }
    print(f"{number} containers that went are deleted while somebody stores sweeps; how long one of these took:")
    for name, delete in ways.items():
        if delete:
            bury(number)
        log = folder / name.replace(" ", "-")
        with somebody_sweeping(log):
            began = time.perf_counter()
            (delete or (lambda: time.sleep(5)))()
            took = time.perf_counter() - began
        waited = [float(one) for one in log.read_text().split()]
        told = f"half below {statistics.median(waited):.3f} s, longest {max(waited):.2f} s of {len(waited)}"
        print(
            f"  {name:<20} {took:6.1f} s{f', {number / took:,.0f} rows a second' if delete else ''}: {told}", flush=True
        )


def measure(options: argparse.Namespace, folder: Path) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    seed(options.hosts)
    judge_and_store(days=0)
    if not options.sqlite:
        asked("VACUUM ANALYZE")
        sizes(options.hosts)
        hot(options.hosts, options.rounds)
    retention(options.gone, folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--gone", type=int, default=50_000)
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--keep-sweeping", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.keep_sweeping:
        keep_sweeping(options.keep_sweeping)
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {"LOADLINE_DATA": data, "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        if options.sqlite:
            os.environ.pop("DATABASE_URL", None)
            measure(options, Path(data))
            return
        from tests.servers import postgresql_server

        with postgresql_server() as server:
            os.environ["DATABASE_URL"] = server.url
            measure(options, Path(data))


if __name__ == "__main__":
    main()
