"""On how many things a rule fails among those that hold services back: a network counts once, whoever shares it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from fleet.models import Container, Finding
from fleet.models.container import network_keys, volume_names
from fleet.readiness.vocabulary import Scope

Thing = tuple[object, ...]
_COLUMNS = ("rule", "subject_kind", "subject_pk", "subject_id", "subject_name", "host_id")


def places_of(held: Mapping[str, Collection[int]]) -> Counter[str]:
    """By rule, how many subjects it fails on or cannot tell of in the services that it holds back."""
    services = {service for chosen in held.values() for service in chosen}
    users, hosts = _users(services)
    found: Counter[str] = Counter()
    rows = Finding.objects.open().filter(rule__in=held, host__in=hosts).exclude(subject_kind=Scope.SERVICE.value)
    for rule, *about in rows.values_list(*_COLUMNS):
        if any(not users[thing].isdisjoint(held[rule]) for thing in _names(*about) if thing in users):
            found[rule] += 1
    own = Finding.objects.open().filter(rule__in=held, subject_kind=Scope.SERVICE.value, service__in=services)
    found.update(rule for rule, service in own.values_list("rule", "service_id") if service in held[rule])
    return found


def _users(services: Collection[int]) -> tuple[Mapping[Thing, set[int]], set[int]]:
    """Which of the services hang on each thing, and the hosts that they run on."""
    carrying = Container.objects.present().filter(service__in=services, carries_verdict=True)
    users: defaultdict[Thing, set[int]] = defaultdict(set)
    hosts: set[int] = set()
    for pk, host, image, facts, service in carrying.values_list("pk", "host_id", "image_id", "facts", "service_id"):
        hosts.add(host)
        for thing in _below(pk, host, image, facts):
            users[thing].add(service or 0)
    return dict(users), hosts


def _below(pk: int, host: int, image: int | None, facts: Mapping[str, Any]) -> Iterator[Thing]:
    yield Scope.CONTAINER.value, pk
    yield Scope.HOST.value, host
    if image is not None:
        yield Scope.IMAGE.value, image
    for key in network_keys(facts.get("networks")):
        yield Scope.NETWORK.value, host, key
    for name in volume_names(facts.get("mounts")):
        yield Scope.VOLUME.value, host, name


def _names(kind: str, pk: int, engine_id: str, name: str, host: int) -> Iterator[Thing]:
    """What a container's facts may call the subject: networks by id or by name."""
    yield kind, pk
    if kind == Scope.NETWORK.value:
        yield kind, host, engine_id
        yield kind, host, name
    elif kind == Scope.VOLUME.value:
        yield kind, host, engine_id
