"""Hosts that fall silent and come back: what rests on them is noted as a change, and services are added up anew."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from fleet.assessment.adding_up import add_up_marked
from fleet.assessment.flips import Turn, note_turns
from fleet.assessment.services import assess_services
from fleet.governance.policy import in_force
from fleet.models import Container, Host, Service
from fleet.models.container import ContainerQuerySet
from fleet.readiness.vocabulary import Verdict

#: Seconds for services that were left marked, by a worker that died or by many that had no time: a seventh of the time
#: between two runs.
_AT_MOST: Final = 2.0


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
    # A worker that died between storing a host and adding up its services left them marked. Before all else, while the
    # silence of a host that is back is still noted: what happened in it is no change, nobody saw it.
    marked = add_up_marked(now, seconds=_AT_MOST)
    enabled = Host.objects.filter(enabled=True, answered_at__isnull=False).select_related("environment")
    light = enabled.defer("facts", "swarm", "gaps", "standing", "own_standing")
    went = list(light.stale(now).filter(noted_silent=False))
    back = list(light.fresh(now).filter(noted_silent=True))
    with transaction.atomic():
        _note(went, now, silent=True)
        Host.objects.filter(pk__in=[host.pk for host in went]).update(noted_silent=True)
        Host.objects.filter(pk__in=[host.pk for host in back]).update(noted_silent=False)
        services = _add_up_again(now, unseen=_resting_on(back))
        # After that, so that what they come back with is what they are now.
        _note(back, now, silent=False)
    return CaughtUp(len(went), len(back), services + marked)


def _add_up_again(now: datetime, *, unseen: Collection[int]) -> int:
    """Services to which it matters that every host answers, or that one does not, or that a rollout is over."""
    answered = not Host.objects.missing().exists()
    inhabited = Service.objects.filter(containers_total__gt=0)
    services = list(inhabited.exclude(hosts_answered=answered).values_list("pk", flat=True))
    cause = "every host answers again" if answered else "a host of the fleet does not answer"
    settled = list(inhabited.filter(settles_at__lte=now).values_list("pk", flat=True))
    causes = {**dict.fromkeys(settled, (_settled_by(),)), **dict.fromkeys(services, (cause,))}
    assess_services(causes, now=now, causes=causes, unseen=unseen)
    return len(causes)


def _settled_by() -> str:
    """A rollout is over, or where the policy waits for it a stage has been stood in for long enough."""
    return f"its last rollout is over{', or it has run for long enough' if in_force().policy.stage_minutes else ''}"


def _note(hosts: Sequence[Host], now: datetime, *, silent: bool) -> None:
    """The turn of each host, and of each service that rests on one and on no other whose silence is noted."""
    said = {
        host.pk: f"no answer of {host.name} since {host.answered_at:%H:%M} UTC"
        if silent
        else f"an answer of {host.name} again"
        for host in hosts
    }
    place = {key: number for number, key in enumerate(said)}
    causes: dict[int, list[str]] = {}
    for service, key in sorted(_carried(hosts), key=lambda pair: place[pair[1]]):
        causes.setdefault(service, []).append(said[key])
    other = _carrying().filter(host__noted_silent=True).exclude(host__in=hosts)
    turned = Service.objects.filter(pk__in=causes).exclude(pk__in=other.values("service"))
    judged: list[tuple[Host | Service, list[str]]] = [(host, [said[host.pk]]) for host in hosts]
    judged += [(row, causes[row.pk]) for row in turned.defer("standing", "own_standing")]
    note_turns([_turn(one, why, silent=silent) for one, why in judged if one.verdict != Verdict.UNKNOWN.value], now=now)


def _resting_on(hosts: Sequence[Host]) -> set[int]:
    return {service for service, _ in _carried(hosts)}


def _carried(hosts: Sequence[Host]) -> set[tuple[int, int]]:
    """Services and those of the hosts on which they run: keys."""
    if not hosts:
        return set()
    rows = _carrying().filter(host__in=hosts).values_list("service", "host")
    return {(service, host) for service, host in rows.distinct() if service is not None}


def _carrying() -> ContainerQuerySet:
    return Container.objects.present().filter(carries_verdict=True, service__isnull=False)


def _turn(judged: Host | Service, causes: Sequence[str], *, silent: bool) -> Turn:
    unknown = Verdict.UNKNOWN.value
    before, after = (judged.verdict, unknown) if silent else (unknown, judged.verdict)
    return Turn(judged, before, after, causes)
