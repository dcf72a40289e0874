from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fleet.inventory import ContainerFacts, RestartPolicy
from fleet.models import Container, Host, Service
from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


def one(name: str = "checkout", **changes: Any) -> ContainerFacts:
    return container(labels={**OWNED, "loadline.service": name}, **changes)


def test_a_service_in_no_host_of_production_is_in_staging() -> None:
    swept(host_row("staging-01", environment="staging"), one())
    assert Service.objects.get().stage == "staging"


def test_a_bad_copy_on_a_test_host_does_not_make_production_worse() -> None:
    swept(host_row("prod-01"), one())
    swept(host_row("test-01", environment="test"), one(privileged=True))
    service = Service.objects.get()
    assert (service.stage, service.verdict) == ("production", "ready")
    assert (service.containers_total, service.hosts_total) == (2, 2)


def test_one_bad_replica_decides() -> None:
    swept(host_row("prod-01"), one(), one(id="b" * 64, privileged=True))
    assert Service.objects.get().verdict == "not-ready"


def test_a_finished_container_does_not_count_beside_running_ones() -> None:
    ended = one(id="b" * 64, state="exited", restart_policy=RestartPolicy("no"), privileged=True)
    swept(host_row("prod-01"), one(), ended)
    assert Service.objects.get().verdict == "ready"


def test_only_finished_containers_show_an_experiment() -> None:
    swept(host_row("prod-01"), one(state="exited", restart_policy=RestartPolicy("no")))
    service = Service.objects.get()
    assert (service.stage, service.containers_running) == ("experiment", 0)


def test_a_service_whose_containers_all_went_is_in_no_stage_and_unknown() -> None:
    host = swept(host_row("prod-01"), one())
    swept(host, container(id="d" * 64, labels={**OWNED, "loadline.service": "other"}), now=NOW + timedelta(minutes=1))
    gone = Service.objects.get(name="checkout")
    assert (gone.stage, gone.verdict, gone.containers_total) == ("none", "unknown", 0)


def test_the_verdict_turns_unknown_when_the_host_stops_answering() -> None:
    swept(host_row("prod-01"), one())
    services = Service.objects.all()
    assert services.with_verdict_now(NOW + timedelta(minutes=1)).get().verdict_now == "ready"
    stale = services.with_verdict_now(NOW + timedelta(hours=1)).get()
    assert (stale.verdict_now, stale.pillars_now["network"]) == ("unknown", "unknown")


def test_a_stale_host_of_a_lesser_stage_leaves_the_verdict_alone() -> None:
    host = host_row("prod-01")
    swept(host_row("test-01", environment="test"), one())
    later = NOW + timedelta(hours=1)
    swept(host, one(), now=later)
    assert Service.objects.with_verdict_now(later).get().verdict_now == "ready"


def test_production_since_is_the_first_time() -> None:
    host = swept(host_row("prod-01"), one())
    swept(host, one(memory=1), now=NOW + timedelta(days=1))
    assert Service.objects.get().production_since == NOW


if connection.vendor == "postgresql":  # SQLite has one writer at a time, so there nobody waits with a lock in hand

    def test_adding_up_waits_for_no_container_of_another_host_and_lets_others_point_to_the_service() -> None:
        # Four workers with forty services in common were ended by the database 45 times in 70 sweeps without either.
        swept(host_row("staging-01", environment="staging"), one())
        with CaptureQueriesContext(connection) as queries:
            swept(host_row("prod-01"), one())
        locks = [query["sql"] for query in queries if " FOR " in query["sql"]]
        assert any('"fleet_container"' in sql and sql.endswith("FOR NO KEY UPDATE SKIP LOCKED") for sql in locks)
        # Patterns are locked against their deletion only, which keeps nobody else from locking them so.
        assert all("FOR NO KEY UPDATE" in sql or sql.endswith("FOR KEY SHARE") for sql in locks)


def test_pillars_of_a_container_that_is_unknown_anyway_turn_unknown_with_the_evidence() -> None:
    """Its verdict does not change when it goes stale, and its green pillars must not hide behind that."""
    host = swept(host_row("prod-01"), one(privileged=None))
    later = NOW + timedelta(hours=1)
    for now, network in ((NOW, "ready"), (later, "unknown")):
        row = Container.objects.with_verdict_now(now).get()
        assert (row.verdict_now, row.pillars_now["network"]) == ("unknown", network)
        assert Host.objects.with_verdict_now(now).get(pk=host.pk).pillars_now["hardening"] == network
