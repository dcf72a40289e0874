"""A fleet of any size in a PostgreSQL of its own, in minutes: what benchmarks/pages.py asks.

A thousand containers are really recorded and judged: ten hosts, services of five replicas each on another host, forty
kinds of settings. Their rows are then multiplied in SQL under other names and keys, which is the same as sweeping ten
hosts more, a hundred times as fast. What rules say is all there, as rows and as sheets.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import psycopg2

BLOCK: Final = 1000  # containers that are recorded and judged, and then multiplied
HOSTS: Final = ("production",) * 6 + ("staging",) * 2 + ("test", "development")
PER_HOST: Final = BLOCK // len(HOSTS)
REPLICAS: Final = 5
#: Keys of one block; those of the next are so much higher.
STRIDE: Final = 100_000
TABLES: Final = ("host", "service", "image", "network", "volume", "container", "finding", "answersheet")
_TOOLS: Final = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
_OPTIONS: Final = (
    "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c shared_buffers=2GB -c effective_cache_size=6GB"
    " -c work_mem=16MB -c maintenance_work_mem=512MB -c max_wal_size=8GB -c random_page_cost=1.1"
)


@contextmanager
def server(folder: Path | None) -> Iterator[Path]:
    """The folder of its socket. A folder that is named is kept with all databases, and taken up again."""
    with tempfile.TemporaryDirectory(prefix="llb-") as scratch:
        sockets = Path(scratch)
        home = folder or sockets
        home.mkdir(parents=True, exist_ok=True)
        as_server = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            for place in (home, sockets):
                shutil.chown(place, "postgres")
            as_server = ["runuser", "-u", "postgres", "--"]
        data = home / "data"
        if not (data / "PG_VERSION").exists():
            _run(*as_server, str(_TOOLS[-1] / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres", "-N")
        control = [*as_server, str(_TOOLS[-1] / "pg_ctl"), "-D", str(data), "-w"]
        _run(*control, "-l", str(home / "log"), "-o", f"{_OPTIONS} -k {sockets}", "start")
        try:
            yield sockets
        finally:
            _run(*control, "-m", "fast", "stop")


def database(sockets: Path, name: str) -> str:
    """DATABASE_URL of that database, which is made where it is missing."""
    link = psycopg2.connect(host=str(sockets), user="postgres", dbname="postgres")
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f'CREATE DATABASE "{name}"')
    link.close()
    return f"postgres://postgres@{quote(str(sockets), safe='')}/{name}"


def _run(*words: str) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd="/")


def fill(containers: int) -> None:
    """Takes a database that is migrated and empty. All or nothing: half a fleet would be taken for a whole one."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        _record_block()
        cursor.execute("SET session_replication_role = replica")  # nothing that refers to nothing is made here
        for table in TABLES:
            _multiply(cursor, table, containers // BLOCK)
        _history(cursor, containers)
        cursor.execute("SET session_replication_role = DEFAULT")
        for table in (*TABLES, "change", "ruleday", "waiver"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('fleet_{table}', 'id'), max(id)) FROM fleet_{table}")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def freshen() -> None:
    """As if every host had been swept within the last half minute, and one of twenty had stopped to answer."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fleet_host SET attempted_at = now(), next_sweep_at = now() + interval '30 s',"
            " sweep_seconds = 0.05 + (id % 50) / 100.0, rows_written = id % 7, claim = '',"
            " answered_at = now() - CASE WHEN id / 7 % 20 = 3 THEN interval '2 days'"
            " ELSE (id % 30) * interval '1 s' END,"
            " error_code = CASE WHEN id / 7 % 20 = 3 THEN 'timeout' ELSE '' END,"
            " error = CASE WHEN id / 7 % 20 = 3 THEN 'It did not answer within 10 s.' ELSE '' END"
        )
        cursor.execute("VACUUM ANALYZE fleet_host")


def _kinds() -> list[dict[str, Any]]:
    """Settings that containers share, most of them good; the same in every run."""
    chance = random.Random(1)
    return [
        {
            "memory": chance.choice([0, 1 << 28, 1 << 29, 1 << 30]),
            "pids_limit": chance.choice([None, 100, 200]),
            "privileged": chance.random() < 0.03,
            "cap_add": ("SYS_ADMIN",) if chance.random() < 0.1 else (),
            "user": chance.choice(["", "1000", "app"]),
            "readonly_root": chance.random() < 0.5,
            "health": chance.choice(["healthy", "healthy", "healthy", "none", "unhealthy"]),
            "state": chance.choice(["running"] * 12 + ["exited"]),
            "restart_count": chance.choice([0] * 9 + [4]),
        }
        for _ in range(40)
    ]


def _record_block() -> None:
    """Ten hosts as sweeps leave them. Replica r of a service runs on the r-th host of its environment, in turn."""
    from tests.builders import NOW, OWNED, container, image, network, snapshot, volume, volume_mount
    from tests.rows import host_row, swept

    kinds = _kinds()
    first = {environment: HOSTS.index(environment) for environment in HOSTS}
    for place, environment in enumerate(HOSTS):
        peers = HOSTS.count(environment)
        team = f"team-{place % 4}"
        machine = host_row(f"{environment}-{place}", environment=environment, team=team)
        on_it = []
        for slot in range(PER_HOST):
            number = (place - first[environment]) + slot * peers  # of the replicas in this environment
            service = f"{environment}-shop-{number // REPLICAS}"
            kind = kinds[(first[environment] + number // REPLICAS) % len(kinds)]
            own = {"mounts": (volume_mount(f"data-{slot}"),)} if slot % 10 == 0 else {}
            on_it.append(
                container(
                    id=f"{place * PER_HOST + slot:08x}" * 8,
                    name=f"{service}-{number % REPLICAS}",
                    labels={**OWNED, "loadline.service": service, "loadline.team": f"team-{number // REPLICAS % 4}"},
                    image_id=f"sha256:{slot % 10:064x}",
                    image_reference=f"registry.internal/app-{slot % 10}:1.{place}",
                    **kind,
                    **own,
                )
            )
        taken = snapshot(
            *on_it,
            images=tuple(image(id=f"sha256:{number:064x}") for number in range(10)),
            networks=(network(), *(network(id=f"{number:064x}", name=f"net-{number}") for number in range(4))),
            volumes=tuple(volume(name=f"data-{slot}") for slot in range(0, PER_HOST, 10)),
        )
        swept(machine, seen=replace(taken, host=replace(taken.host, engine_id=f"ID:{place}")), now=NOW)


#: Columns that another block has otherwise: keys, and what has to be unique or ought to differ.
_OTHERWISE: Final = {
    **{
        name: f"{name} + block * {STRIDE}"
        for name in ("id", "host_id", "image_id", "service_id", "container_id", "subject_pk")
    },
    "url": "replace(url, '.internal', '-' || block || '.internal')",
    "slug": "slug || '-' || block",
    "team": "CASE team WHEN '' THEN '' ELSE team || '-' || block %% 10 END",
}
_NAMED: Final = {"host", "service", "container"}


def _multiply(cursor: Any, table: str, blocks: int) -> None:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
        [f"fleet_{table}"],
    )
    columns = [name for (name,) in cursor.fetchall()]
    otherwise = dict(_OTHERWISE)
    if table in _NAMED:
        otherwise["name"] = "name || '-' || block"
    if table == "container":
        otherwise["engine_id"] = "md5(engine_id || block) || md5(block || engine_id)"
    if table in {"finding", "answersheet"}:
        apart = "subject_kind IN ('container', 'host', 'service')"
        otherwise["subject_name"] = f"CASE WHEN {apart} THEN subject_name || '-' || block ELSE subject_name END"
        otherwise["subject_id"] = (
            "CASE subject_kind WHEN 'container' THEN md5(subject_id || block) || md5(block || subject_id)"
            " WHEN 'service' THEN subject_id || '-' || block ELSE subject_id END"
        )
    taken = ", ".join(otherwise.get(name, name) for name in columns)
    cursor.execute(
        f"INSERT INTO fleet_{table} ({', '.join(columns)}) SELECT {taken}"
        f" FROM generate_series(1, %s) AS block, fleet_{table} WHERE id < {STRIDE}",
        [blocks - 1],
    )


def _history(cursor: Any, containers: int) -> None:
    """Ninety days of figures, a flip for each third container, and waivers of which each covers a few failures."""
    from django.utils import timezone

    from fleet.models import Day, Waiver
    from fleet.readiness.catalogue import rules

    today = timezone.now().date()
    services = containers // REPLICAS
    for back in range(90):
        Day.objects.create(
            day=today - timedelta(days=back), services=services, stage_none=0, stage_experiment=services // 5,
            stage_staging=services // 5, stage_production=services * 3 // 5, ready=services // 5, at_risk=services // 5,
            not_ready=services // 5, unknown=0, hosts=containers // PER_HOST, hosts_answering=containers // PER_HOST,
            containers=containers, pillars_ready={"network": services // 2},
        )  # fmt: skip
    for rule in rules():
        cursor.execute(
            "INSERT INTO fleet_ruleday (day, rule, passed, failed, waived, unknown, not_applicable)"
            " SELECT current_date - back, %s, 900 - back, 100 + back, 5, 3, 2 FROM generate_series(0, 29) AS back",
            [rule.slug],
        )
    cursor.execute(
        "INSERT INTO fleet_change (kind, service_id, rule, pillar, severity, before, after, better, cause, first_at,"
        " at, flips, history) SELECT CASE id % 3 WHEN 0 THEN 'verdict' ELSE 'finding' END, service_id,"
        " CASE id % 3 WHEN 0 THEN '' ELSE 'privileged-container' END, 'hardening', 'critical',"
        " CASE id % 3 WHEN 0 THEN 'ready' ELSE 'pass' END, CASE id % 3 WHEN 0 THEN 'not-ready' ELSE 'fail' END,"
        " false, 'its settings changed', now() - (id % 43200) * interval '1 min',"
        " now() - (id % 43200) * interval '1 min', 1 + id % 4, '[]' FROM fleet_container WHERE id % 3 = 0"
    )
    now = timezone.now()
    cursor.execute(
        "SELECT id, rule, service_id, severity, fingerprint FROM fleet_finding WHERE status = 'fail'"
        " AND service_id IS NOT NULL AND subject_kind = 'container' ORDER BY md5(id::text) LIMIT %s",
        [min(300, containers // 50)],
    )
    for key, rule, service, severity, fingerprint in cursor.fetchall():
        made = Waiver.objects.create(
            rule=rule, kind="service", service_id=service, environment="production", severity=severity,
            fingerprints=[fingerprint], reason="It is replaced soon.", control="Watched.", ticket="https://t.internal/1",
            state="active", requester="ops", requested_at=now, expires_at=now + timedelta(days=7 + key % 60),
        )  # fmt: skip
        cursor.execute("UPDATE fleet_finding SET waiver_id = %s WHERE id = %s", [made.pk, key])
