"""On how many things a rule fails among those that hold services back: a network counts once, whoever shares it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from fleet.models import Container, Finding
from fleet.models.container import network_keys, volume_names
from fleet.readiness.catalogue import by_slug
from fleet.readiness.vocabulary import Scope

Thing = tuple[object, ...]
#: Up to so many services are named to the database; of more everything is read.
_FEW: Final = 1000
EVERYWHERE: Final = ""
_COLUMNS = ("rule", "subject_kind", "subject_pk", "subject_id", "subject_name", "host_id")


#: Rules of which no container's facts have to be read to tell who hangs on what they judge.
_BY_KEY: Final = {Scope.CONTAINER, Scope.IMAGE, Scope.HOST, Scope.SERVICE}


def places_of(held: Mapping[str, Collection[int]]) -> Counter[str]:
    """By rule, how many subjects it fails on or cannot tell of in the services that it holds back."""
    found = places_by({rule: dict.fromkeys(services, EVERYWHERE) for rule, services in held.items()})
    return Counter({rule: number for (rule, _), number in found.items()})


def places_by(held: Mapping[str, Mapping[int, str]]) -> Counter[tuple[str, str]]:
    """The same by rule and by what each held service is put under, its stage for one; and once more EVERYWHERE. A
    subject that services of several stages hang on counts under each of them.
    """
    known = by_slug()
    by_key = {rule: of for rule, of in held.items() if rule in known and known[rule].scope in _BY_KEY}
    others = {rule: of for rule, of in held.items() if rule not in by_key}
    found = _counted(by_key, facts=False) + _counted(others, facts=True)
    own = Finding.objects.open().filter(rule__in=held, subject_kind=Scope.SERVICE.value, service__isnull=False)
    told = own.order_by().values_list("rule", "service_id").iterator(chunk_size=5000)
    for rule, service in told:
        if service in held[rule]:
            found.update((rule, one) for one in {EVERYWHERE, held[rule][service]})
    return found


def _counted(held: Mapping[str, Mapping[int, str]], *, facts: bool) -> Counter[tuple[str, str]]:
    """Of subjects other than services; `facts` says whether those of containers have to be read."""
    found: Counter[tuple[str, str]] = Counter()
    services = {service for chosen in held.values() for service in chosen}
    if not services:
        return found
    users = _users(services, facts=facts)
    rows = Finding.objects.open().filter(rule__in=held).exclude(subject_kind=Scope.SERVICE.value).order_by()
    for rule, *about in rows.values_list(*_COLUMNS).iterator(chunk_size=5000):
        of = held[rule]
        hanging = (users[thing] for thing in _names(*about) if thing in users)
        under = {of[one] for some in hanging for one in some if one in of}
        if under:
            found.update((rule, one) for one in {EVERYWHERE, *under})
    return found


def _users(services: Collection[int], *, facts: bool) -> Mapping[Thing, set[int]]:
    """Which of the services hang on each thing."""
    carrying = Container.objects.present().filter(carries_verdict=True, service__isnull=False).order_by()
    if len(services) <= _FEW:
        carrying = carrying.filter(service__in=services)
    columns = ["pk", "host_id", "image_id", "service_id", *(["facts"] if facts else [])]
    users: defaultdict[Thing, set[int]] = defaultdict(set)
    for pk, host, image, service, *more in carrying.values_list(*columns).iterator(chunk_size=5000):
        if service in services:
            for thing in _below(pk, host, image, *more):
                users[thing].add(service)
    return dict(users)


def _below(pk: int, host: int, image: int | None, facts: Mapping[str, Any] = MappingProxyType({})) -> Iterator[Thing]:
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
