"""Hosts that fall silent and come back: what rests on them is noted as a change, and services are added up anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from fleet.assessment.flips import note_verdict
from fleet.assessment.services import assess_services
from fleet.models import Host, Service
from fleet.readiness.vocabulary import Verdict


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """How many hosts went silent, how many came back, and how many services were added up again."""

    silent: int
    back: int
    services: int


def catch_up(now: datetime) -> CaughtUp:
    """Notes what no sweep can: that evidence has grown too old, or is there again.

    A verdict on stale evidence is unknown from the moment a page asks, whether this runs or not; this is what writes
    the change down, and puts those rules to a service again that ask whether every host answered or wait for the end
    of a rollout.
    """
    enabled = Host.objects.filter(enabled=True, answered_at__isnull=False).select_related("environment")
    light = enabled.defer("facts", "swarm", "gaps", "standing", "own_standing")
    went = list(light.stale(now).filter(noted_silent=False))
    back = list(light.fresh(now).filter(noted_silent=True))
    with transaction.atomic():
        _note(went, now, silent=True)
        _note(back, now, silent=False)
        for rows, noted in ((went, True), (back, False)):
            Host.objects.filter(pk__in=[host.pk for host in rows]).update(noted_silent=noted)
    answered = not Host.objects.filter(enabled=True).stale(now).exists()
    inhabited = Service.objects.filter(containers_total__gt=0)
    services = list(inhabited.exclude(hosts_answered=answered).values_list("pk", flat=True))
    cause = "every host answers again" if answered else "a host of the fleet does not answer"
    settled = list(inhabited.filter(settles_at__lte=now).values_list("pk", flat=True))
    causes = {**dict.fromkeys(settled, ("its last rollout is over",)), **dict.fromkeys(services, (cause,))}
    assess_services(causes, now=now, causes=causes)
    return CaughtUp(len(went), len(back), len(causes))


def _note(hosts: Sequence[Host], now: datetime, *, silent: bool) -> None:
    for host in hosts:
        cause = (
            f"{host.name} has not answered since {host.answered_at:%H:%M} UTC"
            if silent
            else f"{host.name} answers again"
        )
        _turn(host, host.verdict, cause=cause, now=now, silent=silent)
        for service in _resting_on(host):
            _turn(service, service.verdict, cause=cause, now=now, silent=silent)


def _resting_on(host: Host) -> Iterable[Service]:
    rows = Service.objects.filter(
        containers__host=host, containers__carries_verdict=True, containers__gone_at__isnull=True
    )
    return rows.distinct().defer("standing", "own_standing")


def _turn(judged: Host | Service, verdict: str, *, cause: str, now: datetime, silent: bool) -> None:
    if verdict == Verdict.UNKNOWN.value:
        return
    before, after = (verdict, Verdict.UNKNOWN.value) if silent else (Verdict.UNKNOWN.value, verdict)
    note_verdict(judged, before=before, after=after, causes=(cause,), now=now)
