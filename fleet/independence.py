"""The whole fleet's neutrality: how far its services are from another engine, what ties them, whose support ends."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

import msgspec
from django.db.models import QuerySet

from fleet.inventory import HostFacts, PluginFacts
from fleet.inventory.plain import from_plain
from fleet.models import Container, Host, Service
from fleet.neutrality import CHANGES, Distance, Effort, Ending, by_slug, endings_of
from fleet.readiness.vocabulary import Stage
from fleet.reference import current_tables

#: Services of one stage that are drawn one by one.
MOST_CELLS: Final = 1000
#: Facts of a host that its endings are read from.
_READ = (
    "kind", "engine_version", "engine_commit", "operating_system", "os_version", "components", "runc_commit",
    "containerd_commit", "volume_plugins", "network_plugins",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TieCount:
    """A tie and how many services of a stage it holds, by what cutting it takes there."""

    slug: str
    efforts: dict[str, int]

    @property
    def services(self) -> int:
        return sum(self.efforts.values())

    @property
    def heaviest(self) -> Effort:
        return max((Effort(one) for one in self.efforts), key=list(Effort).index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """By stage: services by distance, which add up to the services of the stage, and ties by the services they hold."""

    distances: dict[str, dict[str, int]]
    ties: dict[str, list[TieCount]]
    cells: dict[str, list[tuple[str, str, str, int]]]  # name, slug, distance, changes; none where they are too many

    def services(self, stages: Iterable[str], *, distance: str | None = None, tie: str | None = None) -> int:
        """Of these stages, at that distance, or else held by that tie."""
        if distance is not None:
            return sum(self.distances[stage].get(distance, 0) for stage in stages)
        return sum(one.services for stage in stages for one in self.ties[stage] if one.slug == tie)

    def to_plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_plain(cls, data: dict[str, Any]) -> Ties:
        """Ties that this version does not know any more are left out."""
        known = by_slug()
        ties = {
            stage: [TieCount(**one) for one in rows if one["slug"] in known] for stage, rows in data["ties"].items()
        }
        cells = {stage: [tuple(one) for one in rows] for stage, rows in data["cells"].items()}
        return cls(distances=data["distances"], ties=ties, cells=cells)


def ties(now: datetime) -> Ties:
    """As of `now`: on stale evidence the distance is unknown; its ties stay those that were last seen."""
    distances: Counter[tuple[str, str]] = Counter()
    held: dict[str, dict[str, Counter[str]]] = {stage.value: defaultdict(Counter) for stage in Stage}
    cells: dict[str, list[tuple[str, str, str, int]]] = {stage.value: [] for stage in Stage}
    services: QuerySet[Any, Any] = Service.objects.in_catalogue().with_staleness(now).order_by()
    rows = services.values_list("stage", "rests_on_stale", "distance", "ties", "name", "slug")
    for stage, stale, stored, data, *names in rows.iterator(chunk_size=2000):
        distance = Distance.UNKNOWN.value if stale else stored
        distances[stage, distance] += 1
        found = data.get("found", {}).items()
        for slug, one in found:
            held[stage][slug][one["effort"]] += 1
        if len(cells[stage]) <= MOST_CELLS:
            changes = sum(1 for _, one in found if one["effort"] in CHANGES)
            cells[stage].append((names[0], names[1], distance, changes))
    return Ties(
        distances={s.value: {d.value: distances[s.value, d.value] for d in Distance} for s in Stage},
        ties={stage: _ranked(found) for stage, found in held.items()},
        cells={stage: sorted(drawn) if len(drawn) <= MOST_CELLS else [] for stage, drawn in cells.items()},
    )


def _ranked(found: dict[str, Counter[str]]) -> list[TieCount]:
    """What holds most services first; what is only set up once a host comes behind all that changes a service."""
    counts = [TieCount(slug=slug, efforts=dict(efforts)) for slug, efforts in found.items()]
    return sorted(counts, key=lambda one: (one.heaviest not in CHANGES, -one.services, one.slug))


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingCount:
    """An ending with how many hosts run it, and how many services have a container there that carries their verdict."""

    ending: Ending
    hosts: int
    services: int

    def to_plain(self) -> dict[str, Any]:
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_plain(cls, data: dict[str, Any]) -> EndingCount:
        return msgspec.convert(data, cls, strict=False)


def endings(now: datetime) -> tuple[list[EndingCount], dict[str, list[int]]]:
    """What ends first comes first, what nobody can tell of last; and by slug the keys of the hosts behind each."""
    services: dict[int, set[int]] = defaultdict(set)
    carrying = Container.objects.present().filter(carries_verdict=True, service__isnull=False).order_by()
    for host, service in carrying.values_list("host", "service").distinct().iterator(chunk_size=5000):
        services[host].add(service)
    hosts: dict[str, list[int]] = defaultdict(list)
    found: dict[str, Ending] = {}
    for key, every in _by_host(now.date()):
        for one in every:
            found[one.slug] = one
            hosts[one.slug].append(key)
    counts = [
        EndingCount(
            ending=one, hosts=len(hosts[slug]), services=len(set().union(*(services[key] for key in hosts[slug])))
        )
        for slug, one in found.items()
    ]
    return sorted(counts, key=_order), dict(hosts)


def _order(one: EndingCount) -> tuple[bool, bool, date, str]:
    ending = one.ending
    known = ending.end or (date.min if ending.over else date.max)
    return (not ending.told, ending.end is None and not ending.over, known, ending.title)


def _by_host(today: date) -> Iterator[tuple[int, tuple[Ending, ...]]]:
    """Hosts mostly run the same, so that what is alike is read once."""
    tables = current_tables()
    alike: dict[bytes, tuple[Ending, ...]] = {}
    rows = Host.objects.exclude(facts={}).order_by("name")
    for key, facts, plugins in rows.values_list("pk", "facts", "swarm__plugins").iterator(chunk_size=500):
        told = {name: facts[name] for name in _READ if name in facts}
        mark = msgspec.json.encode([told, plugins])
        if mark not in alike:
            known = None if plugins is None else [from_plain(PluginFacts, one) for one in plugins]
            alike[mark] = endings_of(from_plain(HostFacts, told), known, tables=tables, today=today)
        yield key, alike[mark]
