"""Stored rows as what reach is worked out from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fleet.inventory import ContainerFacts, HostFacts, NetworkFacts
from fleet.inventory.plain import from_plain
from fleet.models import Container, Network
from fleet.models.container import network_keys
from fleet.models.remembering import with_facts
from fleet.reach import Box, Ground


@dataclass(frozen=True, slots=True)
class AroundDoors:
    """`grounds` by the host's name, with the networks that some containers are on; `owners` are those whose network
    namespace one of these shares.
    """

    grounds: Mapping[str, Ground]
    owners: tuple[Box, ...]

    @classmethod
    def of(
        cls,
        engines: Mapping[int, tuple[str, HostFacts]],
        facts: Collection[ContainerFacts],
        networks: Mapping[int, Mapping[str, NetworkFacts]],
    ) -> AroundDoors:
        """`engines` are by the host's key, and so are `networks`: those that these containers are on, by id and name.
        In two queries at most, for owners where there are any, and for what these are on.
        """
        wanted = {shared for one in facts if (shared := shares_network_of(one.network_mode))}
        owners = owners_of(engines, wanted, {pk: name for pk, (name, _) in engines.items()}) if wanted else ()
        more = networks_of(engines, {one.network_id or one.name for box in owners for one in box.facts.networks or ()})
        grounds = {
            name: ground(name, engine, (*networks.get(pk, {}).values(), *more.get(pk, ())))
            for pk, (name, engine) in engines.items()
        }
        return cls(grounds, owners)

    def at(self, hosts: Collection[str]) -> AroundDoors:
        """On hosts of these names alone."""
        grounds = {name: self.grounds[name] for name in hosts if name in self.grounds}
        return AroundDoors(grounds, tuple(box for box in self.owners if box.host in grounds))


def ground(name: str, engine: HostFacts, networks: Iterable[NetworkFacts], *, fresh: bool = True) -> Ground:
    return Ground(
        name=name, engine=engine, networks={key: one for one in networks for key in (one.name, one.id)}, fresh=fresh
    )


def shares_network_of(mode: str | None) -> str | None:
    """The id of the container that `container:ID` means."""
    prefix, _, target = (mode or "").partition(":")
    return target if prefix == "container" and target else None


def keys_of(facts: Iterable[Mapping[str, Any]], owners: Iterable[Box]) -> set[str]:
    """Of the networks that these containers are on, by themselves or in the namespace of an owner."""
    keys = {key for one in facts for key in network_keys(one.get("networks"))}
    return keys | {one.network_id or one.name for box in owners for one in box.facts.networks or ()}


def networks_of(hosts: Collection[int], keys: Collection[str]) -> Mapping[int, list[NetworkFacts]]:
    found: dict[int, list[NetworkFacts]] = defaultdict(list)
    if keys:
        rows = Network.objects.present().filter(host__in=hosts, engine_id__in=keys)
        for facts, (host,) in with_facts(rows, NetworkFacts, "host_id"):
            found[host].append(facts)
    return found


def owners_of(hosts: Collection[int], wanted: Collection[str], names: Mapping[int, str]) -> tuple[Box, ...]:
    rows = Container.objects.present().filter(host__in=hosts, engine_id__in=wanted).order_by()
    return tuple(
        Box(facts=from_plain(ContainerFacts, facts), host=names[host])
        for host, facts in rows.values_list("host_id", "facts")
        if host in names
    )
