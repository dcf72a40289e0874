"""What recording and judging cost in queries: a quiet host a constant few, a changed container its own rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fleet.inventory import ContainerFacts
from fleet.models import Container, Host
from tests.builders import NOW, container
from tests.rows import host_row, swept
from tests.statements import statements

pytestmark = pytest.mark.django_db

WRITES = ("INSERT", "UPDATE", "DELETE")


def fleet_of(count: int) -> list[ContainerFacts]:
    return [
        container(id=f"{number:064x}", name=f"web-{number}", labels={"loadline.service": "web"})
        for number in range(count)
    ]


def cost(host: Host, *containers: ContainerFacts, minutes: int = 1) -> tuple[int, Counter[str]]:
    """Queries of a sweep, reading its result back not counted, and what it wrote: "UPDATE fleet_host" and so on."""
    with CaptureQueriesContext(connection) as captured:
        swept(host, *containers, now=NOW + timedelta(minutes=minutes))
    told = [sql.replace('"', "") for sql in statements(captured)]
    words = [sql.replace("INTO ", "").replace("FROM ", "").replace("COPY ", "INSERT ").split()[:2] for sql in told]
    return len(told) - 1, Counter(" ".join(pair) for pair in words if pair[0] in WRITES)


def test_a_quiet_host_costs_one_small_update_however_many_containers_it_runs() -> None:
    small, large = host_row("small"), host_row("large")
    swept(small, *fleet_of(2))
    swept(large, *fleet_of(60))
    few, written = cost(small, *fleet_of(2))
    many, written_by_many = cost(large, *fleet_of(60))
    assert few == many <= 20
    assert written == written_by_many == {"UPDATE fleet_host": 1}


def test_one_changed_container_writes_its_own_rows_and_no_others() -> None:
    host = host_row()
    first, *others = fleet_of(60)
    swept(host, first, *others)
    judged_before = dict(Container.objects.values_list("engine_id", "judged_at"))
    _, written = cost(host, replace(first, privileged=True), *others)
    assert written["INSERT fleet_finding"] == 2  # all its changed findings at once, and those of its service
    assert written["UPDATE fleet_container"] <= 2  # its facts, and how it was judged
    judged_after = dict(Container.objects.values_list("engine_id", "judged_at"))
    assert [key for key in judged_after if judged_after[key] != judged_before[key]] == [first.id]


def test_containers_that_got_the_same_verdict_are_written_together() -> None:
    _, written = cost(host_row(), *fleet_of(60))
    assert written["UPDATE fleet_container"] <= 2  # how they were judged, and that their service rests on them


def test_a_verdict_that_stayed_keeps_its_time() -> None:
    host = swept(host_row(), container())
    swept(host, container(memory=1 << 30), now=NOW + timedelta(minutes=1))
    assert Container.objects.get().judged_at == NOW


def test_a_host_that_moves_to_another_environment_takes_its_services_along() -> None:
    host = swept(host_row(environment="staging"), container())
    host.environment = host_row("other", environment="production").environment
    host.save()
    swept(host, container(), now=NOW + timedelta(minutes=1))
    service = Container.objects.get().service
    assert service is not None
    assert service.stage == "production"
