"""What the rules about whole services read of many services' containers, in one go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from fleet.inventory import ImageFacts, SwarmFacts, VolumeFacts
from fleet.inventory.identity import SWARM_LABEL
from fleet.inventory.plain import fingerprint, from_plain
from fleet.models import Container, Host, Image, Network, Volume
from fleet.models.container import volume_names
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


class Told(NamedTuple):
    """What an engine tells of its plugins, as it is stored; None where it did not."""

    warnings: list[str] | None
    plugins: list[dict[str, Any]] | None


_UNTOLD = Told(None, None)


class Material:
    """Facts of the containers and of their hosts, images and volumes; each kind is read when it is first asked for."""

    def __init__(self, containers: Iterable[Container], *, now: datetime, tables: Tables) -> None:
        self._containers = list(containers)
        self._now = now
        self._tables = tables

    @cached_property
    def facts(self) -> Mapping[int, dict[str, Any]]:
        """Plain facts by the container's key."""
        keys = [container.pk for container in self._containers]
        return dict(Container.objects.filter(pk__in=keys).order_by().values_list("pk", "facts"))

    @cached_property
    def engines(self) -> Mapping[int, Engine]:
        """By the host's key."""
        hosts = Host.objects.filter(pk__in=self._hosts).order_by()
        return {
            key: _engine(kind, swarm, system)
            for key, kind, swarm, system in hosts.values_list("pk", "facts__kind", "facts__swarm", "facts__os_type")
        }

    @cached_property
    def around_doors(self) -> AroundDoors:
        """What decides who reaches them."""
        return AroundDoors.load(self._hosts, self.facts.values())

    @property
    def _hosts(self) -> set[int]:
        return {container.host_id for container in self._containers}

    def has_swarm_label(self, containers: Sequence[Container]) -> bool:
        return any(name is not None for name in self.swarm_names(containers))

    def swarm_names(self, containers: Sequence[Container]) -> set[str | None]:
        return {(self.facts[one.pk].get("labels") or {}).get(SWARM_LABEL) for one in containers}

    def members(self, containers: Sequence[Container]) -> tuple[Member, ...]:
        return tuple(self._member(container) for container in containers)

    @cached_property
    def network_drivers(self) -> Mapping[int, Mapping[str, str | None]]:
        """By the host's key: the driver of each network there, by its id and by its name."""
        found: dict[int, dict[str, str | None]] = {host: {} for host in self._hosts}
        rows = Network.objects.present().filter(host__in=self._hosts).order_by()
        for host, identity, name, driver in rows.values_list("host_id", "engine_id", "name", "facts__driver"):
            found[host] |= {identity: driver, name: driver}
        return found

    @cached_property
    def _images(self) -> Mapping[int, ImageFacts]:
        used = {row.image_id for row in self._containers if row.image_id is not None}
        found = Image.objects.filter(pk__in=used).order_by().values_list("pk", "facts")
        return {key: from_plain(ImageFacts, facts) for key, facts in found}

    def storage_digest(self, containers: Sequence[Container]) -> str:
        """Of the volumes that these mount, and of the plugins behind them; empty where they mount none."""
        keys = sorted({(row.host_id, name) for row in containers for name in self._mounted(row)})
        if not keys:
            return ""
        plugins = {host: self._storage[host] for host, _ in keys if host in self._storage}
        return fingerprint([self._volume_rows.get(key, ("", None))[0] for key in keys], sorted(plugins.items()))

    def _mounted(self, row: Container) -> Sequence[str]:
        """Names of volumes; of a row that was stored before it was kept what it is to others, from its facts."""
        if row.as_neighbour:
            return row.neighbour.volume_names
        return volume_names(self.facts[row.pk].get("mounts"))

    @cached_property
    def _volume_rows(self) -> Mapping[tuple[int, str], tuple[str, dict[str, Any]]]:
        """Digest and plain facts, by the host's key and the volume's name."""
        names = {name for row in self._containers for name in self._mounted(row)}
        if not names:
            return {}
        rows = Volume.objects.present().filter(host__in=self._hosts, name__in=names).order_by()
        found = rows.values_list("host_id", "name", "facts_hash", "facts")
        return {(host, name): (digest, facts) for host, name, digest, facts in found}

    @cached_property
    def _storage(self) -> Mapping[int, Told]:
        """By the host's key, of hosts on which a volume is mounted that the engine itself does not keep."""
        wanted = {
            row.host_id
            for row in self._containers
            for name in self._mounted(row)
            if self._volume_rows.get((row.host_id, name), ("", {}))[1].get("driver") != "local"
        }
        rows = Host.objects.filter(pk__in=wanted).order_by() if wanted else Host.objects.none()
        found = rows.values_list("pk", "facts__volume_warnings", "swarm__plugins")
        return {pk: Told(warnings, plugins) for pk, warnings, plugins in found}

    def state_members(self, containers: Sequence[Container], members: Sequence[Member]) -> list[StateMember]:
        """What is asked about where these keep their state; `members` are what `members` made of them."""
        found = []
        for row, member in zip(containers, members, strict=True):
            storage: Told = self._storage.get(row.host_id, _UNTOLD)
            engine = Storage.read(member.volumes or {}, plugins=storage.plugins, warnings=storage.warnings)
            told = StateMember(
                facts=member.facts,
                host=member.host,
                node_id=member.node_id,
                image=member.image,
                volumes=member.volumes,
                plugins=engine.plugins,
                volume_warnings=engine.volume_warnings,
            )
            found.append(told)
        return found

    def _member(self, row: Container) -> Member:
        host, engine = row.host, self.engines[row.host_id]
        row.facts = self.facts[row.pk]
        stored = {name: self._volume_rows.get((host.pk, name)) for name in volume_names(row.facts.get("mounts"))}
        return Member(
            facts=row.read_facts(),
            host=host.name,
            stage=Stage(host.environment.stage),
            environment=host.environment.slug,
            engine=engine.kind,
            node_id=engine.node_id,
            fresh=not host.is_stale(self._now),
            image=self._images.get(row.image_id or 0),
            tables=self._tables,
            volumes={name: from_plain(VolumeFacts, one[1]) for name, one in stored.items() if one is not None},
        )


def _engine(kind: str | None, swarm: dict[str, Any] | None, system: str | None) -> Engine:
    known = from_plain(SwarmFacts, swarm) if swarm else None
    return Engine(kind or "docker", known.node_id if known else None, cluster_id(known), system)


def cluster_id(swarm: SwarmFacts | None) -> str | None:
    return swarm.cluster_id if swarm else None
