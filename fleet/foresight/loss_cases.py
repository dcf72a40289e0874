"""Rows as the services and machines that a question about a loss is put to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from fleet.foresight.loss_rows import ContainerRow, HostRow, Rows
from fleet.inventory import (
    ContainerFacts,
    ImageFacts,
    ImageReference,
    KeptNeighbour,
    NetworkFacts,
    PluginFacts,
    VolumeFacts,
)
from fleet.inventory.identity import SWARM_LABEL
from fleet.inventory.plain import from_plain
from fleet.loss import Case, Machine, Replica, Stored
from fleet.loss.swarms import Managers
from fleet.models.host import CLOCKS_APART, stale_after
from fleet.readiness.policy import Policy, Traits
from fleet.readiness.vocabulary import Stage
from fleet.state import StateMember, holdings_of
from fleet.state.storage import Storage, stored_of
from fleet.tables import Tables
from fleet.tables.shapes import StatefulImage

_ROLE_LABELS = ("loadline.role", "readiness.role")


class Reading:
    """Everything of one question, made of its rows."""

    def __init__(self, rows: Rows, *, now: datetime, policy: Policy, tables: Tables) -> None:
        self._rows, self._now, self._policy, self._tables = rows, now, policy, tables

    def stored(self) -> Stored:
        return Stored(
            cases=tuple(self._cases()),
            machines=self._machines,
            swarms=self._managers.swarms,
            candidates=tuple(row.name for row in self._rows.candidates()),
        )

    # Machines

    @cached_property
    def _machines(self) -> dict[str, Machine]:
        found = {row.name: self._registered(row) for row in self._rows.hosts.values()}
        for row in (*self._rows.read, *self._rows.elsewhere):
            if row.host not in found:
                found[row.host] = Machine(
                    name=row.host, fresh=self._fresh(row.answered_at), **self._things_of(row.host_id)
                )
        return found

    def _registered(self, row: HostRow) -> Machine:
        return Machine(
            name=row.name,
            environment=row.environment,
            fresh=self._fresh(row.answered_at),
            **self._managers.node(row.swarm),
            architecture=row.architecture,
            volume_plugins=_volume_plugins(row),
            network_plugins=_set(row.network_plugins),
            runtimes=_set(row.runtimes),
            ports=self._ports.get(row.pk, frozenset()),
            images=self._image_names.get(row.pk, frozenset()),
            **self._things_of(row.pk),
        )

    def _things_of(self, host: int) -> dict[str, Any]:
        return {"volumes": self._volumes[host], "networks": self._networks[host], "keeps": self._keeps(host)}

    def _keeps(self, host: int) -> dict[str, bool | None]:
        row = self._rows.hosts.get(host)
        told = _plugins_of(row)
        there = Storage(self._volumes[host], told.get("plugins"), told.get("volume_warnings"))
        drivers = self._tables.drivers
        return {
            name: stored_of(name, volume.driver, there, drivers).survives
            for name, volume in self._volumes[host].items()
        }

    def _fresh(self, answered: datetime | None) -> bool:
        return answered is not None and self._now - stale_after() <= answered <= self._now + CLOCKS_APART

    @cached_property
    def _volumes(self) -> defaultdict[int, dict[str, VolumeFacts]]:
        found: defaultdict[int, dict[str, VolumeFacts]] = defaultdict(dict)
        for kind, _, host, _, name, facts in self._rows.things:
            if kind == "volume":
                found[host][name] = from_plain(VolumeFacts, facts)
        return found

    @cached_property
    def _networks(self) -> defaultdict[int, dict[str, NetworkFacts]]:
        found: defaultdict[int, dict[str, NetworkFacts]] = defaultdict(dict)
        for kind, _, host, engine_id, name, facts in self._rows.things:
            if kind == "network":
                found[host][engine_id] = found[host][name] = from_plain(NetworkFacts, facts)
        return found

    @cached_property
    def _images(self) -> dict[int, ImageFacts]:
        return {key: from_plain(ImageFacts, facts) for kind, key, *_, facts in self._rows.things if kind == "image"}

    @cached_property
    def _image_names(self) -> dict[int, frozenset[str]]:
        found: defaultdict[int, set[str]] = defaultdict(set)
        for kind, _, host, engine_id, name, _ in self._rows.things:
            if kind == "image":
                found[host] |= {engine_id, name}
        return {host: frozenset(names) for host, names in found.items()}

    @cached_property
    def _ports(self) -> dict[int, frozenset[tuple[str, int, str]]]:
        found: defaultdict[int, set[tuple[str, int, str]]] = defaultdict(set)
        for row in self._rows.doors:
            for port in (row.facts or {}).get("ports") or ():
                if port.get("host_port"):
                    found[row.host_id].add(
                        (port.get("host_ip") or "", port["host_port"], port.get("protocol") or "tcp")
                    )
        return {host: frozenset(ports) for host, ports in found.items()}

    @cached_property
    def _managers(self) -> Managers:
        rows = self._rows.hosts.values()
        return Managers.read((row.name, row.answered_at, row.swarm_facts, row.told) for row in rows)

    # Services

    def _cases(self) -> list[Case]:
        rows: defaultdict[int, list[ContainerRow]] = defaultdict(list)
        about: dict[int, ContainerRow] = {}
        for row in self._rows.read:
            if row.service_id is not None:
                about.setdefault(row.service_id, row)
        for row in (*self._rows.read, *self._rows.elsewhere):
            if row.service_id is not None:
                rows[row.service_id].append(row)
        return [self._case(about[key], rows[key]) for key in about]

    def _case(self, about: ContainerRow, rows: list[ContainerRow]) -> Case:
        labels: dict[str, str] = {}
        for row in rows:
            for name, value in ((row.facts or {}).get("labels") or {}).items():
                labels.setdefault(name, value)
        roles = self._roles(about, labels)
        in_swarm = about.source == "swarm" or SWARM_LABEL in labels
        own = labels.get(SWARM_LABEL, about.service)
        cluster, swarm = self._managers.service(own, about.service) if in_swarm else (None, None)
        replicas = tuple(self._replica(row, roles) for row in rows)
        named = [reference for one in replicas if (reference := ImageReference.parse(one.image_reference))]
        return Case(
            key=about.service_id,
            name=about.service,
            slug=about.slug,
            team=about.team,
            tier=about.tier or self._policy.tier_of(labels),
            stage=about.stage,
            replicas=replicas,
            in_swarm=in_swarm,
            cluster=cluster,
            swarm=swarm,
            family=self._family(named),
            family_told=bool(named),
        )

    def _roles(self, about: ContainerRow, labels: Mapping[str, str]) -> frozenset[str]:
        """Those that its labels say and those that the policy gives, as rules have them."""
        text = next((labels[name] for name in _ROLE_LABELS if labels.get(name)), "")
        said = frozenset(word.strip().lower() for word in text.split(",") if word.strip())
        if not self._policy.roles:
            return said
        traits = Traits(
            environment=self._machines[about.host].environment,
            stage=Stage(about.stage),
            tier=self._policy.tier_of(labels),
            service=about.service,
            image=about.image_reference or None,
            labels=labels,
        )
        return said | self._policy.roles_of(traits)

    def _family(self, references: list[ImageReference]) -> StatefulImage | None:
        known = (self._tables.datastores.known(reference) for reference in references)
        return next((one for one in known if one is not None and one.replicates), None)

    def _replica(self, row: ContainerRow, roles: frozenset[str]) -> Replica:
        facts = from_plain(ContainerFacts, row.facts) if row.facts else None
        beside = self._rows.neighbours.get(row.pk)
        near = KeptNeighbour.of(facts) if facts else from_plain(KeptNeighbour, beside) if beside else None
        image = self._images.get(row.image_id or 0)
        return Replica(
            id=row.engine_id,
            name=row.name,
            host=row.host,
            state=row.state or None,
            health=row.health or None,
            fresh=self._machines[row.host].fresh,
            expected=row.expected,
            network_mode=near.network_mode if near else None,
            networks=None if near is None or near.networks is None else near.network_keys,
            volumes=near.volume_names if near else None,
            image_reference=row.image_reference or None,
            image_id=facts.image_id if facts else None,
            image_there=self._image_there(row, facts),
            node_id=self._managers.nodes_of_tasks.get(row.engine_id),
            facts=facts,
            image=image,
            holdings=self._holdings(row, facts, image, roles) if facts else None,
        )

    def _image_there(self, row: ContainerRow, facts: ContainerFacts | None) -> bool | None:
        """Of those that were read: whether the image is among what its host has. Of the others, whether it was."""
        if facts is None:
            return True if row.image_id is not None else None
        if row.image_id is not None:
            return row.image_id in self._images
        return False if self._image_names.get(row.host_id) else None

    def _holdings(
        self, row: ContainerRow, facts: ContainerFacts, image: ImageFacts | None, roles: frozenset[str]
    ) -> Any:
        member = StateMember(
            facts=facts,
            host=row.host,
            image=image,
            volumes=self._volumes[row.host_id],
            **_plugins_of(self._rows.hosts.get(row.host_id)),
        )
        return holdings_of(member, tables=self._tables, roles=roles)


def _plugins_of(row: HostRow | None) -> dict[str, Any]:
    """What the host tells of its plugins; nothing of a host whose row was not read."""
    if row is None:
        return {}
    told = row.told.get("plugins")
    return {
        "plugins": None if told is None else tuple(from_plain(PluginFacts, one) for one in told),
        "volume_warnings": None if row.volume_warnings is None else tuple(row.volume_warnings),
    }


def _volume_plugins(row: HostRow) -> frozenset[str] | None:
    """Those that were used since the engine started, which is all it tells of by itself, and managed ones."""
    managed = [one.name for one in _plugins_of(row)["plugins"] or () if one.enabled]
    return None if row.volume_plugins is None else frozenset([*row.volume_plugins, *managed])


def _set(names: list[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)
