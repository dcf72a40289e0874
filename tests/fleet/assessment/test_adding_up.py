from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from fleet.assessment import add_up_marked, assess_recorded, mark_services
from fleet.inventory import ContainerFacts
from fleet.models import Host, Service, ServiceMark
from fleet.recording import record
from fleet.silence import catch_up
from fleet.simulation import running, synthetic
from fleet.sweeping import claim_hosts, concluding, sweep_claimed
from tests.builders import NOW, container, snapshot
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)


def stored(host: Host, *containers: ContainerFacts) -> None:
    """As a sweep does up to the moment at which its worker could die."""
    recorded = record(host.pk, snapshot(*containers), now=LATER)
    assess_recorded(recorded, now=LATER)


def shop(*, privileged: bool = False) -> ContainerFacts:
    return container(privileged=privileged)


def marked() -> Sequence[str]:
    return list(ServiceMark.objects.values_list("service__name", flat=True))


def test_a_change_marks_its_service_until_it_is_added_up() -> None:
    host = swept(host_row(), shop())
    before = Service.objects.get().verdict
    stored(host, shop(privileged=True))
    assert marked() == [Service.objects.get().name]
    assert Service.objects.get().verdict == before
    assert add_up_marked(LATER) == 1
    assert Service.objects.get().verdict != before
    assert not marked()


def test_a_mark_left_by_a_worker_that_died_is_worked_off_by_the_job() -> None:
    host = swept(host_row(), shop())
    stored(host, shop(privileged=True))
    assert catch_up(LATER).services == 1
    assert not marked()


def test_a_service_that_many_hosts_marked_is_added_up_once() -> None:
    for number in range(5):
        host = swept(host_row(f"prod-{number}"), shop())
        mark_services(
            [Service.objects.get().pk], now=LATER, causes={Service.objects.get().pk: [f"{host.name} changed"]}
        )
    with CaptureQueriesContext(connection) as queries:
        add_up_marked(LATER)
    reads = [query for query in queries.captured_queries if query["sql"].startswith('SELECT "fleet_service"')]
    assert len(reads) == 1
    assert not marked()


def test_marks_outlast_a_database_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object, **__: object) -> int:
        raise OperationalError("deadlock detected")

    with running(synthetic(engines=1, containers=2)) as engines:
        host = host_row(url=engines[0].url)
        with monkeypatch.context() as patched:
            patched.setattr(concluding, "add_up_marked", refuses)
            (shard,) = claim_hosts([host.pk], NOW)
            assert sweep_claimed(shard)[0].ok
        assert marked()
        catch_up(NOW)
    assert not marked()
    assert Service.objects.exclude(judged_at=None).exists()


def test_a_removed_service_takes_its_marks_with_it() -> None:
    swept(host_row(), shop())
    mark_services([Service.objects.get().pk], now=LATER)
    Service.objects.all().delete()
    assert add_up_marked(LATER) == 0
