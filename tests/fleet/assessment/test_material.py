"""What is read of a service's hosts: where it keeps its state follows what they tell of volumes and plugins."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fleet.assessment import assess_services
from fleet.inventory import Snapshot
from fleet.models import Host, Service
from fleet.state import Form
from tests.builders import NOW, OWNED, container, snapshot, volume, volume_mount
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=1)


def seen(driver: str = "flocker", *, warnings: tuple[str, ...] = (), **changes: Any) -> Snapshot:
    """One container that writes into the volume `data`."""
    writes = container(labels={**OWNED, "loadline.service": "ledger"}, mounts=(volume_mount(driver=driver),), **changes)
    taken = snapshot(writes, volumes=(volume(driver=driver),), plugins=())
    return replace(taken, host=replace(taken.host, volume_warnings=warnings))


def ledger() -> Service:
    return Service.objects.get(name="ledger")


def test_the_kind_and_its_evidence_are_stored() -> None:
    swept(host_row("prod-01"), seen=seen("local"))
    kept = ledger().read_state()
    assert ledger().state_kind == "one-disk"
    assert kept is not None
    assert kept.sentence == "The volume data lies on prod-01 alone."
    assert [(one.form, one.source, one.hosts) for one in kept.places] == [(Form.VOLUME, "data", ("prod-01",))]


def test_a_plugin_that_dies_makes_it_unknown_and_one_that_comes_back_known_again() -> None:
    host = swept(host_row("prod-01"), seen=seen())
    assert ledger().state_kind == "networked"
    swept(host, seen=seen(warnings=("flocker: connection refused",)), now=LATER)
    assert ledger().state_kind == "unknown"
    swept(host, seen=seen(), now=LATER + timedelta(minutes=1))
    assert ledger().state_kind == "networked"


def test_a_service_whose_containers_all_went_is_unknown() -> None:
    host = swept(host_row("prod-01"), seen=seen("local"))
    swept(host, container(id="d" * 64, labels={**OWNED, "loadline.service": "other"}), now=LATER)
    assert ledger().state_kind == "unknown"


def test_replicas_on_other_hosts_belong_to_it() -> None:
    swept(host_row("prod-01"), seen=seen("local"))
    swept(host_row("prod-02"), seen=seen("local"), now=LATER)
    kept = ledger().read_state()
    assert kept is not None
    assert [one.hosts for one in kept.places] == [("prod-01", "prod-02")]


def test_what_says_the_same_is_not_written_again() -> None:
    host = swept(host_row("prod-01"), seen=seen("local"))
    Service.objects.update(judged_key="another")
    with CaptureQueriesContext(connection) as asked:
        assess_services([ledger().pk], now=NOW)
    assert [one for one in asked if one["sql"].startswith("UPDATE") and "state_evidence" in one["sql"]] == []
    assert host.pk == Host.objects.get().pk


def test_old_evidence_makes_it_unknown_when_somebody_asks() -> None:
    swept(host_row("prod-01"), seen=seen("local"))
    services = Service.objects.all()
    fresh, stale = (services.with_verdict_now(NOW + timedelta(hours=hours)) for hours in (0, 1))
    assert [fresh.of_state(kind).count() for kind in ("one-disk", "unknown")] == [1, 0]
    assert [stale.of_state(kind).count() for kind in ("one-disk", "unknown")] == [0, 1]
    assert (fresh.get().state_kind_now, stale.get().state_kind_now) == ("one-disk", "unknown")
