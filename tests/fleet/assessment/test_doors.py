"""Doors that are kept with a service."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fleet.assessment import assess_services
from fleet.inventory import NetworkAttachment, PublishedPort
from fleet.models import Container, Service
from fleet.reaching.kept import kept_doors
from tests.builders import NOW, OWNED, container, network
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
LABELS = {**OWNED, "loadline.service": "shop"}
DOOR = PublishedPort(8080, "tcp", "0.0.0.0", 80)


def kept() -> list[tuple[str, int | None, int]]:
    return [
        (door.kind.value, door.host_port, door.hosts) for door in kept_doors(Service.objects.get(name="shop")).doors
    ]


def test_doors_are_kept_when_a_service_is_added_up() -> None:
    swept(host_row("a"), container(labels=LABELS, ports=(DOOR,)))
    swept(host_row("b"), container(labels=LABELS, ports=(DOOR,)))
    assert kept() == [("published-port", 80, 2)]
    assert Service.objects.get(name="shop").doors_total == 1
    assert list(Service.objects.with_doors()) == [Service.objects.get(name="shop")]


def test_a_door_that_closes_goes() -> None:
    row = host_row("a")
    swept(row, container(labels=LABELS, ports=(DOOR,)))
    swept(row, container(labels=LABELS), now=NOW + timedelta(minutes=1))
    assert kept() == []
    assert not Service.objects.with_doors().exists()


def test_what_stands_beside_the_host_and_what_shares_a_namespace_has_doors_too() -> None:
    wire = network(id="w" * 64, name="wire", driver="macvlan")
    lan = container(labels=LABELS, networks=(NetworkAttachment("wire", "w" * 64),), network_mode="wire")
    other = container(id="e" * 64, name="other", ports=(PublishedPort(1, "tcp", "0.0.0.0", 81),))
    side = container(id="f" * 64, name="side", labels=LABELS, networks=(), network_mode="container:" + "e" * 64)
    swept(host_row("a"), lan, other, side, networks=(wire, network()))
    assert kept() == [("direct-attachment", None, 1), ("published-port", 81, 1)]


def test_a_service_without_containers_has_none() -> None:
    row = host_row("a")
    swept(row, container(labels=LABELS, ports=(DOOR,)))
    swept(row, container(id="e" * 64, name="else"), now=NOW + timedelta(minutes=1))
    assert not Container.objects.present().filter(service__name="shop").exists()
    assert Service.objects.get(name="shop").doors_total == 0


def test_doors_that_stay_are_no_change() -> None:
    swept(host_row("a"), container(labels=LABELS, ports=(DOOR,)))
    service = Service.objects.get(name="shop")
    Service.objects.update(judged_key="")
    assert assess_services([service.pk], now=NOW + timedelta(minutes=1)) == 0
    again = Service.objects.get(name="shop")
    assert (again.judged_key, again.judged_at) == (service.judged_key, service.judged_at)
