"""Taking the simulated fleet away."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fleet.models import Host, Service
from fleet.registration import remove_hosts, remove_simulated
from tests.builders import NOW, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


def _runs(service: str) -> dict[str, str]:
    return {"loadline.service": service}


def test_simulated_hosts_go_with_their_services_and_real_ones_stay() -> None:
    swept(host_row("sim", simulated=True), container(labels=_runs("toy")))
    swept(host_row("real"), container(labels=_runs("shop")))
    assert remove_simulated(now=NOW) == 1
    assert list(Host.objects.values_list("name", flat=True)) == ["real"]
    assert list(Service.objects.values_list("name", flat=True)) == ["shop"]


def test_a_service_that_a_real_host_runs_too_stays_and_is_real() -> None:
    swept(host_row("sim", simulated=True), container(labels=_runs("shop"), privileged=True))
    swept(host_row("real"), container(labels=_runs("shop")))
    remove_simulated(now=NOW)
    shop = Service.objects.get()
    assert not shop.simulated
    assert (shop.containers_total, shop.hosts_total) == (1, 1)
    assert shop.verdict != "not-ready"


def test_a_service_that_a_person_entered_stays() -> None:
    swept(host_row("sim", simulated=True), container(labels=_runs("shop")))
    Service.objects.update(declared=True)
    remove_simulated(now=NOW)
    assert Service.objects.get().containers_total == 0


def test_without_a_simulated_fleet_nothing_happens() -> None:
    swept(host_row("real"), container(labels=_runs("shop")))
    assert remove_simulated(now=NOW) == 0
    assert Service.objects.count() == 1


if connection.vendor == "postgresql":  # SQLite has one writer at a time

    def test_the_host_is_held_before_what_is_on_it_is_looked_at() -> None:
        # Else a sweep that stores at that moment holds the host, wants its containers, and both wait for ever.
        swept(host_row("real"), container())
        with CaptureQueriesContext(connection) as queries:
            remove_hosts(Host.objects.all(), now=NOW)
        first = next(query["sql"] for query in queries if query["sql"].startswith("SELECT"))
        assert '"fleet_host"' in first
        assert first.endswith("FOR UPDATE")
