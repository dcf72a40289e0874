"""What the rules about whole services read of many services' containers, in one go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final, NamedTuple

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from fleet.inventory import ContainerFacts, HostFacts, ImageFacts, NetworkFacts, PluginFacts, SwarmFacts, VolumeFacts
from fleet.inventory.identity import SWARM_LABEL
from fleet.inventory.lasting import NO_VOLUME
from fleet.inventory.plain import fingerprint, from_text
from fleet.models import Container, Host, Image, Network, Volume
from fleet.models.container import volume_names
from fleet.models.reading import fill
from fleet.models.remembering import engines_of, with_facts
from fleet.reaching.rows import AroundDoors
from fleet.readiness.subjects import Member
from fleet.readiness.vocabulary import Stage
from fleet.state import StateMember
from fleet.state.storage import Storage
from fleet.tables import Tables


class Engine(NamedTuple):
    """What is asked of a member's host besides what its row says; `node_id` and `cluster_id` where it is in a swarm."""

    kind: str
    node_id: str | None
    cluster_id: str | None
    os_type: str | None

    @classmethod
    def of(cls, facts: HostFacts) -> Engine:
        return cls(facts.kind, facts.swarm.node_id if facts.swarm else None, cluster_id(facts.swarm), facts.os_type)


class _At(NamedTuple):
    """The host that members are on."""

    name: str
    stage: Stage
    environment: str
    fresh: bool
    engine: Engine


class Told(NamedTuple):
    """What an engine tells of its plugins, as it is stored; None where it did not."""

    warnings: list[str] | None
    plugins: list[dict[str, Any]] | None


#: Of a host that has not answered yet.
_UNKNOWN: Final = Engine("docker", None, None, None)


class Material:
    """Facts of the containers and of their hosts, images and volumes; each kind is read when it is first asked for."""

    def __init__(self, containers: Iterable[Container], *, now: datetime, tables: Tables) -> None:
        self._containers = list(containers)
        self._whole = self._containers
        self._now = now
        self._tables = tables
        self._hosts: dict[int, _At] = {}

    def read_whole(self, containers: Iterable[Container]) -> None:
        """Only these are asked about any further than `storage_digest` and `swarm_names` do: to be said before."""
        if "facts" in self.__dict__:
            raise RuntimeError("the facts have been read already")
        self._whole = list(containers)

    @cached_property
    def facts(self) -> Mapping[int, ContainerFacts]:
        """By the container's key."""
        keys = [container.pk for container in self._whole]
        rows = Container.objects.filter(pk__in=keys).order_by().annotate(text=Cast("facts", TextField()))
        return {pk: from_text(ContainerFacts, text) for pk, text in rows.values_list("pk", "text")}

    @cached_property
    def engines(self) -> Mapping[int, tuple[str, HostFacts]]:
        """Name and engine, by the host's key."""
        return engines_of({container.host_id for container in self._whole})

    def engine_at(self, host: int) -> Engine:
        return self._engine_at.get(host, _UNKNOWN)

    @cached_property
    def _engine_at(self) -> Mapping[int, Engine]:
        return {host: Engine.of(facts) for host, (_, facts) in self.engines.items()}

    @cached_property
    def around_doors(self) -> AroundDoors:
        """What decides who reaches them."""
        return AroundDoors.of(self.engines, self.facts.values(), self._networks)

    def has_swarm_label(self, containers: Sequence[Container]) -> bool:
        return any(name is not None for name in self.swarm_names(containers))

    def swarm_names(self, containers: Sequence[Container]) -> set[str | None]:
        return {self._swarm_names[one.pk] for one in containers}

    @cached_property
    def _swarm_names(self) -> Mapping[int, str | None]:
        """By the container's key."""
        keys = [container.pk for container in self._containers]
        rows = Container.objects.filter(pk__in=keys).order_by().values_list("pk", "facts__labels")
        return {pk: (labels or {}).get(SWARM_LABEL) for pk, labels in rows}

    def members(self, containers: Sequence[Container]) -> tuple[Member, ...]:
        return tuple(self._member(container) for container in containers)

    @cached_property
    def network_drivers(self) -> Mapping[int, Mapping[str, str | None]]:
        """By the host's key: the driver of each network that they are on, by its id and by its name."""
        return {host: {key: one.driver for key, one in told.items()} for host, told in self._networks.items()}

    @cached_property
    def _networks(self) -> Mapping[int, Mapping[str, NetworkFacts]]:
        """By the host's key: each network that they are on, by its id and by its name."""
        attached = {
            key for one in self.facts.values() for net in one.networks or () for key in (net.network_id, net.name)
        } - {None}
        found: dict[int, dict[str, NetworkFacts]] = {container.host_id: {} for container in self._whole}
        if attached:
            rows = Network.objects.present().filter(Q(name__in=attached) | Q(engine_id__in=attached), host__in=found)
            for facts, (host, identity, name) in with_facts(rows, NetworkFacts, "host_id", "engine_id", "name"):
                found[host] |= {identity: facts, name: facts}
        return found

    @cached_property
    def _images(self) -> Mapping[int, ImageFacts]:
        used = {row.image_id for row in self._whole if row.image_id is not None}
        if not used:
            return {}
        return {key: facts for facts, (key,) in with_facts(Image.objects.filter(pk__in=used), ImageFacts, "pk")}

    def storage_digest(self, containers: Sequence[Container]) -> str:
        """Of the volumes that these mount, and of the plugins behind them; empty where they mount none."""
        keys = sorted({(row.host_id, name) for row in containers for name in self._mounted(row)})
        if not keys:
            return ""
        plugins = {host: self._storage[host] for host, _ in keys if host in self._storage}
        return fingerprint(
            [self._volumes[key][0] if key in self._volumes else "" for key in keys], sorted(plugins.items())
        )

    def _mounted(self, row: Container) -> Sequence[str]:
        """Names of volumes."""
        return self._mounts.get(row.pk, ())

    @cached_property
    def _mounts(self) -> Mapping[int, Sequence[str]]:
        """By the key of each container that mounts any; of a row that was stored before it was kept what it is to
        others, from its facts.
        """
        rows = [row for row in self._containers if not row.lasting_hash.endswith(NO_VOLUME)]
        fill(rows, ("as_neighbour",))
        old = [row.pk for row in rows if not row.as_neighbour]
        stored = Container.objects.filter(pk__in=old).order_by().values_list("pk", "facts__mounts") if old else ()
        found: dict[int, Sequence[str]] = {pk: volume_names(mounts) for pk, mounts in stored}
        kept = {row.pk: row.as_neighbour.get("volume_names", ()) for row in rows if row.as_neighbour}
        return {pk: names for pk, names in {**found, **kept}.items() if names}

    @cached_property
    def _volumes(self) -> Mapping[tuple[int, str], tuple[str, VolumeFacts]]:
        """Digest and facts, by the host's key and the volume's name."""
        names = {name for names in self._mounts.values() for name in names}
        if not names:
            return {}
        hosts = {row.host_id for row in self._containers if row.pk in self._mounts}
        rows = Volume.objects.present().filter(host__in=hosts, name__in=names)
        told = with_facts(rows, VolumeFacts, "host_id", "name", "facts_hash")
        return {(host, name): (digest, facts) for facts, (host, name, digest) in told}

    @cached_property
    def _storage(self) -> Mapping[int, Told]:
        """By the host's key, of hosts on which a volume is mounted that the engine itself does not keep."""
        mounted = ((row.host_id, name) for row in self._containers for name in self._mounted(row))
        wanted = {key[0] for key in mounted if key not in self._volumes or self._volumes[key][1].driver != "local"}
        rows = Host.objects.filter(pk__in=wanted).order_by() if wanted else Host.objects.none()
        found = rows.values_list("pk", "facts__volume_warnings", "swarm__plugins")
        return {pk: Told(warnings, plugins) for pk, warnings, plugins in found}

    def state_members(self, containers: Sequence[Container], members: Sequence[Member]) -> list[StateMember]:
        """What is asked about where these keep their state; `members` are what `members` made of them."""
        found = []
        for row, member in zip(containers, members, strict=True):
            plugins, warnings = self._plugins.get(row.host_id, (None, None))
            told = StateMember(
                facts=member.facts,
                host=member.host,
                node_id=member.node_id,
                image=member.image,
                volumes=member.volumes,
                plugins=plugins,
                volume_warnings=warnings,
            )
            found.append(told)
        return found

    @cached_property
    def _plugins(self) -> Mapping[int, tuple[tuple[PluginFacts, ...] | None, tuple[str, ...] | None]]:
        """Plugins and warnings by the host's key, of `_storage`."""
        read = {
            pk: Storage.read({}, plugins=told.plugins, warnings=told.warnings) for pk, told in self._storage.items()
        }
        return {pk: (one.plugins, one.volume_warnings) for pk, one in read.items()}

    def _member(self, row: Container) -> Member:
        at, facts = self._at(row), self.facts[row.pk]
        stored = [(name, self._volumes.get((row.host_id, name))) for name in facts.volume_names]
        return Member(
            facts=facts,
            host=at.name,
            stage=at.stage,
            environment=at.environment,
            engine=at.engine.kind,
            node_id=at.engine.node_id,
            fresh=at.fresh,
            image=self._images.get(row.image_id or 0),
            tables=self._tables,
            volumes={name: one[1] for name, one in stored if one is not None},
        )

    def _at(self, row: Container) -> _At:
        """What is asked of the member's host, once for all members there."""
        known = self._hosts.get(row.host_id)
        if known is None:
            host = row.host
            fresh, stage = not host.is_stale(self._now), Stage(host.environment.stage)
            known = _At(host.name, stage, host.environment.slug, fresh, self.engine_at(host.pk))
            self._hosts[row.host_id] = known
        return known


def cluster_id(swarm: SwarmFacts | None) -> str | None:
    return swarm.cluster_id if swarm else None
