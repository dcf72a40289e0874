"""What containers are read against: the hosts they are on, with their networks, and what swarms publish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from fleet.inventory import ContainerFacts, KeptNeighbour, NetworkFacts
from fleet.inventory.plain import from_plain
from fleet.models import Container, Host, Network
from fleet.models.traits import OpensDoors
from fleet.network_map.chart import Door, Named, Place
from fleet.network_map.lying import UNTOLD, Ground, Lying, ingress_doors, lying, shares_with

Ports = list[Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Lies:
    """One container: its service and the service's team (its own name where it is of none), its host's key, and how it
    lies.
    """

    named: Named
    team: str
    host: int
    lying: Lying


@dataclass(frozen=True, slots=True)
class Grounds:
    """`hosts` by key; `ingress` by cluster and swarm service."""

    hosts: Mapping[int, Ground]
    ingress: Mapping[tuple[str, str], tuple[Door, ...]]

    def places(self) -> tuple[Place, ...]:
        """Environments that have a host here, in their order."""
        every = self.hosts.values()
        number = Counter((ground.position, ground.environment_name, ground.environment) for ground in every)
        return tuple(Place(slug=slug, name=name, hosts=number[_, name, slug]) for _, name, slug in sorted(number))

    def read(self, rows: QuerySet[Container], *, most: int | None = None) -> list[Lies]:
        """How the first `most` of the containers lie, by their keys; three queries, or four."""
        rows = rows.order_by("pk")
        about = ("service__name", "service__slug", "service__team")
        told = list(rows.values_list("pk", "service", *about, "host", "name", "as_neighbour")[:most])
        doors = rows.filter(OpensDoors()).annotate(opened=KeyTransform("ports", F("facts"))).values_list("pk", "opened")
        ports: dict[int, Ports] = dict(doors[:most])
        bare = [pk for pk, *_, kept in told if not kept]  # of a version before, until their host is swept again
        plain = dict(rows.filter(pk__in=bare).values_list("pk", "facts")) if bare else {}
        seen: dict[tuple[int, str], tuple[KeptNeighbour, Ports]] = {}
        known = []
        for pk, service, title, slug, team, host, name, kept in told:
            facts = from_plain(KeptNeighbour, kept) if kept else KeptNeighbour.of(from_plain(ContainerFacts, plain[pk]))
            seen[host, facts.id] = seen[host, facts.name] = (facts, ports.get(pk))
            named = Named(title, slug) if service else Named(name)
            known.append((named, team or "", host, facts, ports.get(pk)))
        return [
            Lies(named, team, host, self._lying(facts, opened, host, seen))
            for named, team, host, facts, opened in known
            if host in self.hosts
        ]

    def _lying(
        self, facts: KeptNeighbour, ports: Ports, host: int, seen: Mapping[tuple[int, str], tuple[KeptNeighbour, Ports]]
    ) -> Lying:
        """One that is in the network of another lies where that one does; a chain of them ends somewhere."""
        for _ in range(_LONGEST_CHAIN):
            target = shares_with(facts)
            if not target:
                return lying(facts, ports, self.hosts[host], ingress=self.ingress)
            other = seen.get((host, target))
            if other is None:
                break
            facts, ports = other
        return UNTOLD


_LONGEST_CHAIN = 5


def grounds_of(some: QuerySet[Host] | None = None) -> Grounds:
    """Of some hosts, or of all; two queries, and a third where there is a swarm."""
    rows, networks = Host.objects.all() if some is None else some, Network.objects.present().order_by()
    if some is not None:
        networks = networks.filter(host__in=some.order_by().values("pk"))
    about = ("pk", "name", "environment__slug", "environment__name", "environment__position", "cluster")
    found = {
        pk: Ground(name=name, environment=slug, environment_name=words, position=position, cluster=cluster or "")
        for pk, name, slug, words, position, cluster in rows.annotate(cluster=_CLUSTER).values_list(*about)
    }
    for host, facts in networks.values_list("host", "facts").iterator(chunk_size=5000):
        if host in found:
            found[host].learn(from_plain(NetworkFacts, facts))
    return Grounds(found, _ingress({ground.cluster for ground in found.values()} - {""}))


_CLUSTER = KeyTextTransform("cluster_id", KeyTransform("swarm", F("facts")))


def _ingress(clusters: set[str]) -> dict[tuple[str, str], tuple[Door, ...]]:
    """What swarms publish on all their nodes, as managers tell; also one that is not looked at itself."""
    if not clusters:
        return {}
    managers = Host.objects.exclude(swarm={}).order_by("pk").annotate(cluster=_CLUSTER)
    found = {}
    for cluster, services in managers.annotate(told=KeyTransform("services", F("swarm"))).values_list(
        "cluster", "told"
    ):
        for one in (services or ()) if cluster in clusters else ():
            if one.get("published_ports") is not None:
                found[cluster, one["name"]] = ingress_doors(one["published_ports"])
    return found
