"""What is read for one question about a loss: few queries, and no more rows than one page has time for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber

from fleet.inventory import SwarmFacts
from fleet.inventory.plain import from_plain
from fleet.models import Container, Host, Image, Network, Volume
from fleet.models.host import fresh_at
from fleet.models.traits import OpensDoors

#: Containers that are read with their facts, those elsewhere of the same services, and what stands beside them.
MOST_READ: Final = 3_000
MOST_ELSEWHERE: Final = 20_000
MOST_THINGS: Final = 10_000
#: Other hosts on which it is tried whether what is lost could be started there; managers that are asked.
MOST_CANDIDATES: Final = 12
_MOST_MANAGERS: Final = 30
_CHOSEN, _MANAGER, _CANDIDATE = range(3)

_HOST: Final = (
    "pk", "name", "environment__slug", "answered_at", "enabled", "error_code", "facts__swarm", "facts__architecture",
    "facts__volume_plugins", "facts__network_plugins", "facts__runtimes", "facts__volume_warnings", "swarm", "turn",
)  # fmt: skip
_ELSEWHERE: Final = (
    "pk", "engine_id", "name", "host_id", "host__name", "host__answered_at", "service_id", "state", "health",
    "expected_running", "image_reference", "image_id",
)  # fmt: skip
_READ: Final = (
    *_ELSEWHERE, "service__name", "service__slug", "service__team", "service__stage", "service__source",
    "service__tier", "facts",
)  # fmt: skip


class HostRow(NamedTuple):
    pk: int
    name: str
    environment: str
    answered_at: datetime | None
    enabled: bool
    error_code: str
    swarm: dict[str, Any] | None
    architecture: str | None
    volume_plugins: list[str] | None
    network_plugins: list[str] | None
    runtimes: list[str] | None
    volume_warnings: list[str] | None
    told: dict[str, Any]  # services, tasks, nodes and plugins
    turn: int

    @property
    def swarm_facts(self) -> SwarmFacts | None:
        return from_plain(SwarmFacts, self.swarm) if self.swarm else None


class ContainerRow(NamedTuple):
    pk: int
    engine_id: str
    name: str
    host_id: int
    host: str
    answered_at: datetime | None
    service_id: int
    state: str
    health: str
    expected: bool
    image_reference: str
    image_id: int | None
    service: str = ""
    slug: str = ""
    team: str = ""
    stage: str = ""
    source: str = ""
    tier: int | None = None  # as a person entered it
    facts: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """`cut` says that there were more containers than are read."""

    hosts: Mapping[int, HostRow] = field(default_factory=dict)
    read: tuple[ContainerRow, ...] = ()
    doors: tuple[ContainerRow, ...] = ()
    elsewhere: tuple[ContainerRow, ...] = ()
    neighbours: Mapping[int, dict[str, Any]] = field(default_factory=dict)
    things: tuple[tuple[str, int, int, str, str, dict[str, Any]], ...] = ()  # kind, key, host, id, name, facts
    cut: bool = False

    def chosen(self) -> list[HostRow]:
        return [row for row in self.hosts.values() if row.turn == _CHOSEN]

    def candidates(self) -> list[HostRow]:
        fresh = [row for row in self.hosts.values() if row.turn == _CANDIDATE and not row.error_code]
        return fresh[:MOST_CANDIDATES]


def host_rows(names: Collection[str], now: datetime) -> dict[int, HostRow]:
    """The hosts of these names, managers of swarms, and hosts of the same environments that answer, idlest first: of
    several environments the idlest of each, then the next, lest one has all the places that are tried.
    """
    environments = Host.objects.filter(name__in=names).order_by().values("environment")
    managers = Q(swarm__has_key="services")
    others = Q(environment__in=environments, enabled=True, error_code="") & fresh_at(now)
    turn = Case(
        When(name__in=names, then=Value(_CHOSEN)),
        When(managers, then=Value(_MANAGER)),
        default=Value(_CANDIDATE),
        output_field=IntegerField(),
    )
    place = Window(
        RowNumber(), partition_by=[F("turn"), F("environment")], order_by=[F("containers_running"), F("name")]
    )
    order = ("turn", "place", "containers_running", "name")
    wanted = Host.objects.filter(Q(name__in=names) | managers | others).annotate(turn=turn, place=place)
    most = len(names) + _MOST_MANAGERS + MOST_CANDIDATES
    # Apart, so that nothing is unpacked of the facts of those that are only sorted.
    first = wanted.order_by(*order).values("pk")[:most]
    found = Host.objects.filter(pk__in=first).annotate(turn=turn, place=place).order_by(*order)
    return {row.pk: row for row in (HostRow(*one) for one in found.values_list(*_HOST))}


def container_rows(where: Q, *, doors_on: Collection[int] = ()) -> tuple[list[ContainerRow], list[ContainerRow], bool]:
    """Containers with their facts; those on other hosts that open doors, for their ports; and whether it was cut."""
    chosen = where | (Q(host__in=doors_on) & Q(OpensDoors())) if doors_on else where
    rows = Container.objects.present().filter(chosen).order_by().values_list(*_READ)[: MOST_READ + 1]
    found = [ContainerRow(*one) for one in rows]
    doors = set(doors_on)
    read = [row for row in found if row.host_id not in doors]
    return read[:MOST_READ], [row for row in found if row.host_id in doors], len(found) > MOST_READ


def elsewhere_rows(
    services: Collection[int], without: Collection[int], *, neighbours: bool
) -> tuple[list[ContainerRow], dict[int, dict[str, Any]]]:
    """The other containers of the services, light; and what of their facts others look at, where that is needed."""
    columns = (*_ELSEWHERE, "as_neighbour") if neighbours else _ELSEWHERE
    rows = Container.objects.present().filter(service__in=services).order_by().values_list(*columns)
    found: list[ContainerRow] = []
    beside: dict[int, dict[str, Any]] = {}
    for one in rows[:MOST_ELSEWHERE]:
        if one[0] in without:
            continue
        found.append(ContainerRow(*one[: len(_ELSEWHERE)]))
        if neighbours and one[-1]:
            beside[one[0]] = one[-1]
    return found, beside


def thing_rows(
    hosts: Collection[int],
    images: Collection[int],
    *,
    candidates: Collection[int],
    ids: Collection[str],
    networks: Collection[str],
) -> tuple[tuple[str, int, int, str, str, dict[str, Any]], ...]:
    """Volumes and networks of the hosts, the images of the containers there, and which of them and of the `networks` by
    name the candidates have.

    One query for all: (kind, key, host, engine's id, name, facts).
    """
    there = Q(host__in=candidates) & (Q(engine_id__in=ids) | Q(name__in=ids))
    alike = Q(host__in=candidates, name__in=networks)
    parts = [
        _things("volume", Volume.objects.present().filter(host__in=hosts)),
        _things(
            "network", Network.objects.present().filter(Q(host__in=hosts) | alike if candidates else Q(host__in=hosts))
        ),
        _things("image", Image.objects.present().filter(Q(pk__in=images) | there if candidates else Q(pk__in=images))),
    ]
    return tuple(parts[0].union(*parts[1:], all=True)[:MOST_THINGS])


def _things(kind: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    columns = ("kind", "pk", "host_id", "engine_id", "name", "facts")
    named: QuerySet[Any] = rows.order_by().annotate(kind=Value(kind)).values_list(*columns)
    return named


def networks_named(names: Iterable[str]) -> Q:
    """Containers on hosts that have a network of one of these names; `host/name` means that of one host."""
    wanted = Q(pk__in=())
    for text in names:
        host, slash, name = text.rpartition("/")
        wanted |= Q(name=name, host__name=host) if slash else Q(name=text)
    return Q(host__in=Network.objects.present().filter(wanted).order_by().values("host"))
