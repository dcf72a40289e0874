"""What hangs on each host, by the same function that answers for one; and where plugins and registries are used.

Counted outside requests: every container is read, light.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, Final, NamedTuple

from fleet.inventory import ImageReference, SwarmFacts, VolumeFacts
from fleet.inventory.neighbour import TASK_LABEL, TASK_NAME_LABEL
from fleet.inventory.plain import from_plain
from fleet.loss import Case, Fate, Lost, Machine, Replica, Stored, fate_of
from fleet.loss.stored import BUILT_IN_NETWORKS
from fleet.loss.swarms import Managers
from fleet.models import Container, Host, Network, Service, Volume
from fleet.models.host import CLOCKS_APART, stale_after
from fleet.readiness.vocabulary import Stage
from fleet.reference import current_tables
from fleet.state.storage import Storage, stored_of
from fleet.tables import Tables

#: Hosts that the ranking keeps; hosts and references that are kept of a plugin and of a registry.
MOST_RANKED: Final = 200
MOST_HOSTS: Final = 300
MOST_REFERENCES: Final = 2_000
_CHUNK: Final = 5_000


@dataclass(slots=True, kw_only=True)
class Hanging:
    """What hangs on one host alone. `volumes` are lost with it, `doubtful` those of which that is not known."""

    name: str
    environment: str = ""
    stage: str = Stage.EXPERIMENT.value
    down: int = 0
    down_in_production: int = 0
    unknown: int = 0
    degraded: int = 0
    survives: int = 0
    volumes: int = 0
    doubtful: int = 0

    @property
    def order(self) -> tuple[int, int, int, int, int, str]:
        """The host that most hangs on first; production before everything else."""
        return -self.down_in_production, -self.down, -self.unknown, -self.volumes, -self.degraded, self.name


@dataclass(frozen=True, slots=True)
class Plugin:
    """A driver that is not the engine's own: keys of the hosts that have anything of it, and how much there is."""

    hosts: tuple[int, ...]
    volumes: int
    networks: int

    @property
    def all_hosts(self) -> bool:
        """Whether no host is left out of them."""
        return len(self.hosts) < MOST_HOSTS


@dataclass(frozen=True, slots=True)
class UsedRegistry:
    """A registry, by the references of what runs from it; `containers` are all of them."""

    references: tuple[str, ...]
    containers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Losable:
    """What can be lost besides hosts and networks."""

    plugins: Mapping[str, Plugin] = field(default_factory=dict)
    registries: Mapping[str, UsedRegistry] = field(default_factory=dict)

    def to_plain(self) -> dict[str, Any]:
        return {
            "plugins": {name: [list(one.hosts), one.volumes, one.networks] for name, one in self.plugins.items()},
            "registries": {name: [list(one.references), one.containers] for name, one in self.registries.items()},
        }

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Losable:
        return cls(
            plugins={name: Plugin(tuple(told[0]), *told[1:]) for name, told in data["plugins"].items()},
            registries={
                name: UsedRegistry(tuple(texts), number) for name, (texts, number) in data["registries"].items()
            },
        )


def losable_of(containers: Mapping[str, int]) -> Losable:
    """`containers` by image reference."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    numbers: Counter[str] = Counter()
    for text, number in containers.items():
        reference = ImageReference.parse(text)
        if reference is not None:
            texts[reference.registry].append(text)
            numbers[reference.registry] += number
    hosts: defaultdict[str, set[int]] = defaultdict(set)
    volumes, networks = _drivers(Volume, {"local"}, hosts), _drivers(Network, BUILT_IN_NETWORKS, hosts)
    return Losable(
        plugins={
            name: Plugin(tuple(sorted(on)[:MOST_HOSTS]), volumes[name], networks[name])
            for name, on in sorted(hosts.items())
        },
        registries={
            name: UsedRegistry(tuple(sorted(some)[:MOST_REFERENCES]), numbers[name])
            for name, some in sorted(texts.items())
        },
    )


def _drivers(
    model: type[Volume | Network], built_in: Collection[str], hosts: defaultdict[str, set[int]]
) -> Counter[str]:
    """How many each driver has that is not the engine's own; adds the hosts that have them."""
    found: Counter[str] = Counter()
    rows = model.objects.present().exclude(facts__driver__in=sorted(built_in)).order_by()
    for host, driver in rows.values_list("host_id", "facts__driver").iterator(chunk_size=_CHUNK):
        if driver:
            hosts[driver].add(host)
            found[driver] += 1
    return found


# The ranking


class _Light(NamedTuple):
    service: int
    host: int
    engine_id: str
    state: str
    health: str
    expected: bool
    image: str
    labels: dict[str, str] | None

    @property
    def task_of(self) -> str:
        """The swarm service that it is a task of; empty for any other container."""
        labels = self.labels or {}
        return labels.get(TASK_NAME_LABEL, "").rsplit(".", 2)[0] if labels.get(TASK_LABEL) else ""


def hanging(now: datetime) -> tuple[list[Hanging], int]:
    """The hosts that most hangs on, and how many hosts have anything on them."""
    return _Count(now).ranked()


class _Count:
    """One pass over services, each with its containers."""

    def __init__(self, now: datetime) -> None:
        self._tables: Tables = current_tables()
        rows = (
            Host.objects.select_related("environment")
            .order_by()
            .only("name", "environment__name", "environment__stage", "answered_at")
        )
        self._hosts = {row.pk: row for row in rows}
        fresh = {
            key: row.answered_at is not None and now - stale_after() <= row.answered_at <= now + CLOCKS_APART
            for key, row in self._hosts.items()
        }
        self._found = {
            key: Hanging(name=row.name, environment=row.environment.name, stage=row.environment.stage)
            for key, row in self._hosts.items()
        }
        self._fresh = fresh
        self._managers = Managers.read(_managers())
        keeps = self._volumes()
        swarms = dict(Host.objects.order_by().values_list("pk", "facts__swarm"))
        self._stored = Stored(
            machines={
                row.name: Machine(
                    name=row.name,
                    fresh=fresh[key],
                    keeps=keeps.get(key, {}),
                    **self._managers.node(swarms.get(key)),
                )
                for key, row in self._hosts.items()
            },
            swarms=self._managers.swarms,
        )

    def ranked(self) -> tuple[list[Hanging], int]:
        about = {
            pk: (name, stage, source)
            for pk, name, stage, source in Service.objects.order_by()
            .values_list("pk", "name", "stage", "source")
            .iterator(chunk_size=_CHUNK)
        }
        for service, rows in groupby(_containers(), key=lambda row: row.service):
            if service in about:
                self._add(*about[service], list(rows))
        with_any = [
            one for one in self._found.values() if one.down + one.unknown + one.degraded + one.survives + one.volumes
        ]
        return sorted(with_any, key=lambda one: one.order)[:MOST_RANKED], len(with_any)

    def _add(self, name: str, stage: str, source: str, rows: Sequence[_Light]) -> None:
        case = self._case(name, stage, source, rows)
        for key in {row.host for row in rows}:
            fate = fate_of(case, Lost(hosts=frozenset({self._hosts[key].name})), self._stored).fate
            found = self._found[key]
            if fate is Fate.DOWN:
                found.down += 1
                found.down_in_production += stage == Stage.PRODUCTION.value
            elif fate is Fate.UNKNOWN:
                found.unknown += 1
            elif fate is Fate.DEGRADED:
                found.degraded += 1
            elif fate is Fate.SURVIVES:
                found.survives += 1

    def _case(self, name: str, stage: str, source: str, rows: Sequence[_Light]) -> Case:
        named = [reference for row in rows if (reference := ImageReference.parse(row.image))]
        known = (self._tables.datastores.known(reference) for reference in named)
        own = next((row.task_of for row in rows if row.task_of), "")
        in_swarm = source == "swarm" or bool(own)
        cluster, swarm = self._managers.service(own or name, name) if in_swarm else (None, None)
        return Case(
            key=rows[0].service,
            name=name,
            stage=stage,
            replicas=tuple(self._replica(row) for row in rows),
            in_swarm=in_swarm,
            swarm=swarm,
            cluster=cluster,
            family=next((one for one in known if one is not None and one.replicates), None),
            family_told=bool(named),
        )

    def _replica(self, row: _Light) -> Replica:
        return Replica(
            id=row.engine_id,
            name="",
            host=self._hosts[row.host].name,
            state=row.state or None,
            health=row.health or None,
            fresh=self._fresh[row.host],
            expected=row.expected,
            node_id=self._managers.nodes_of_tasks.get(row.engine_id),
        )

    def _volumes(self) -> dict[int, dict[str, bool | None]]:
        """Counts them, and keeps which of the engine's own driver lie elsewhere: swarm may mount these on any node."""
        kept: defaultdict[int, dict[str, bool | None]] = defaultdict(dict)
        rows = Volume.objects.present().order_by().values_list("host_id", "name", "facts")
        for host, name, plain in rows.iterator(chunk_size=_CHUNK):
            found = self._found.get(host)
            if found is None:
                continue
            survives: bool | None = False
            if plain.get("driver") != "local" or plain.get("options"):
                survives = _survives(name, plain, self._tables)
                kept[host][name] = survives
            found.volumes += survives is False
            found.doubtful += survives is None
        return kept


def _survives(name: str, plain: dict[str, Any], tables: Tables) -> bool | None:
    facts = from_plain(VolumeFacts, plain)
    there = Storage({name: facts}, plugins=(), volume_warnings=())
    return stored_of(name, facts.driver, there, tables.drivers).survives


def _containers() -> Iterator[_Light]:
    columns = (
        "service_id",
        "host_id",
        "engine_id",
        "state",
        "health",
        "expected_running",
        "image_reference",
        "as_neighbour__labels",
    )
    rows = Container.objects.present().filter(service__isnull=False).order_by("service_id").values_list(*columns)
    return (_Light(*row) for row in rows.iterator(chunk_size=_CHUNK))


def _managers() -> list[tuple[str, datetime | None, SwarmFacts | None, dict[str, Any]]]:
    rows = Host.objects.filter(swarm__has_key="services").order_by()
    return [
        (name, answered, from_plain(SwarmFacts, swarm) if swarm else None, told)
        for name, answered, swarm, told in rows.values_list("name", "answered_at", "facts__swarm", "swarm")
    ]


def ranking_as_dict(now: datetime) -> dict[str, Any]:
    rows, total = hanging(now)
    return {"hosts": [asdict(row) for row in rows], "total": total}


def ranking_from(data: Mapping[str, Any]) -> tuple[list[Hanging], int]:
    return [Hanging(**row) for row in data["hosts"]], data["total"]
