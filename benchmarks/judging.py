"""What judging costs from stored facts: a whole fleet again, and after one container changed.

    .venv/bin/python benchmarks/judging.py                          # 1,000 hosts with 100 containers each
    .venv/bin/python benchmarks/judging.py --hosts 20 --stored      # and what it costs to write what was judged

The fleet is written straight into a database of its own: facts with no two containers alike, 40 kinds of settings, ten
services to a host. Then every host is judged from what is stored, as a preview of the policy in force does it: the
same code as after a sweep, on every rule, down to the verdict of each service, and nothing written. The figures are of
processor time, on one core. After that, one container of a fleet that was judged and stored changes.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PER_HOST = 100
#: Of the hundred on a host, each ten are one service's.
PER_SERVICE = 10
KINDS = 40


def busy(work: Callable[[], object]) -> float:
    """Seconds of processor time."""
    began = time.process_time()
    work()
    return time.process_time() - began


def kinds() -> list[dict[str, Any]]:
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
        }
        for _ in range(KINDS)
    ]


def containers(host: int) -> Iterator[Any]:
    from tests.builders import OWNED, container

    settings = kinds()
    for number in range(PER_HOST):
        service = f"service-{host * PER_HOST // PER_SERVICE + number // PER_SERVICE}"
        yield container(
            id=f"{host * PER_HOST + number:064x}",
            name=f"{service}-{number % PER_SERVICE}",
            labels={**OWNED, "loadline.service": service},
            image_id=f"sha256:{number % 10:064x}",
            image_reference=f"registry.internal/app-{number % 10}:1.{host}",
            **settings[(host + number) % KINDS],
        )


def seed(hosts: int) -> None:
    """As recording leaves it, judged by nobody yet."""
    from fleet.recording import record
    from tests.builders import NOW, image, snapshot
    from tests.rows import host_row

    images = tuple(image(id=f"sha256:{number:064x}") for number in range(10))
    for number in range(hosts):
        machine = host_row(f"host-{number:04}")
        taken = snapshot(*containers(number), images=images)
        record(machine.pk, replace(taken, host=replace(taken.host, engine_id=f"ID:{number}")), now=NOW)


def judge_everything() -> None:
    from fleet.assessment.members import Cluster
    from fleet.assessment.services import gather
    from fleet.foresight.preview import UnderPolicy
    from fleet.governance.policy import in_force
    from fleet.models import Host, Service
    from tests.builders import NOW

    judged = UnderPolicy(in_force(), NOW)
    for host in Host.objects.order_by("pk").values_list("pk", flat=True):
        judged.add(host)
    services = list(Service.objects.order_by("pk"))
    for members in gather(services, Cluster.load(services, now=NOW, policy=judged.policy)):
        judged.verdict(members.case)


def read_everything() -> None:
    """The floor: every container's facts and standings out of the database, and nothing done with them."""
    from fleet.models import Container

    for _ in Container.objects.order_by("pk").iterator(chunk_size=500):
        pass


def judge_and_store(*, days: int) -> None:
    """As workers do, host by host, with every row that differs written."""
    from fleet.assessment import assess_host, assess_services
    from fleet.models import Container, Host
    from tests.builders import NOW

    now = NOW + timedelta(days=days)
    for host in Host.objects.order_by("pk").values_list("pk", flat=True):
        assess_host(host, now=now)
        assess_services(Container.objects.filter(host=host).values_list("service", flat=True), now=now)


def one_change() -> None:
    """On a host and a service beside others that were judged and stored."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from fleet.models import Container, Service
    from tests.builders import NOW
    from tests.rows import host_row, swept
    from tests.statements import statements

    machine = host_row("changing")
    first, *others = containers(5000)
    swept(machine, first, *others)
    later = NOW.replace(minute=NOW.minute + 5)
    with CaptureQueriesContext(connection) as asked:
        spent = busy(lambda: swept(machine, replace(first, cap_add=("NET_ADMIN",)), *others, now=later))
    told = [sql.replace('"', "").replace("INTO ", "").replace("FROM ", "") for sql in statements(asked)]
    words = [sql.replace("COPY ", "INSERT ").split() for sql in told]
    written = Counter(f"{word[0]} {word[1]}" for word in words if word[0] in {"INSERT", "UPDATE", "DELETE"})
    judged = Container.objects.filter(judged_at=later).values_list("name", flat=True)
    services = Service.objects.filter(judged_at=later).values_list("name", flat=True)
    print(f"one container of {PER_HOST} changed: {spent:.3f} s, {len(words)} queries")
    print(f"  judged anew: containers {list(judged)}, services {list(services)}")
    print(f"  written: {dict(written)}")


def measure(hosts: int, *, stored: bool) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    print(f"{hosts * PER_HOST} containers on {hosts} hosts; recording them took {busy(lambda: seed(hosts)):.0f} s")
    floor, spent = busy(read_everything), busy(judge_everything)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    each = 1e6 * spent / (hosts * PER_HOST)
    print(
        f"judged from stored facts: {spent:.1f} s of processor time, {each:.0f} µs a container,"
        f" {spent / floor:.1f} times reading the rows, {most:.0f} MiB at most"
    )
    if stored:
        first, day = busy(lambda: judge_and_store(days=0)), busy(lambda: judge_and_store(days=1))
        print(f"judged and stored: the first time {first / spent:.1f} times that, on a new day {day / spent:.1f} times")
    one_change()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--stored", action="store_true", help="also with what is judged written, which takes longer")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {"LOADLINE_DATA": data, "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        measure(options.hosts, stored=options.stored)


if __name__ == "__main__":
    main()
