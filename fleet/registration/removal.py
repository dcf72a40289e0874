"""Taking hosts away with everything that rests on them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from fleet.assessment import assess_services
from fleet.models import Container, Host, Service


def remove_hosts(hosts: QuerySet[Host], *, now: datetime) -> int:
    """How many went. Services they shared with others are added up again, so that no page counts what is gone."""
    with transaction.atomic():
        # Hosts first, as a sweep does: a sweep under way is stored before, one that ends later finds no host.
        locked = Host.objects.select_for_update().filter(pk__in=hosts.values("pk")).order_by("pk")
        chosen = list(locked.values_list("pk", flat=True))
        touched = set(
            Container.objects.filter(host__in=chosen, service__isnull=False).values_list("service", flat=True)
        )
        for host in Host.objects.filter(pk__in=chosen):
            host.delete()  # one by one: each leaves its line in the audit trail
        _drop_empty_simulated(touched)
        assess_services(touched, now=now)
    return len(chosen)


def remove_simulated(*, now: datetime) -> int:
    """The simulated fleet with its services. A service that a real host runs too stays, and is real from now on."""
    with transaction.atomic():
        gone = remove_hosts(Host.objects.filter(simulated=True), now=now)
        leftover = Service.objects.filter(simulated=True)
        _drop_empty_simulated(set(leftover.values_list("pk", flat=True)))
        leftover.update(simulated=False)
    return gone


def _drop_empty_simulated(services: set[int]) -> None:
    containers = Container.objects.filter(service=OuterRef("pk"))
    Service.objects.filter(pk__in=services, simulated=True, declared=False).exclude(Exists(containers)).delete()
