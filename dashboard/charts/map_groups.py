"""Which compartments the map has: hosts, or those that a network joins; environments; teams."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from dashboard.words import counted
from fleet.network_map.chart import Chart, Mooring

HOST, ENVIRONMENT, TEAM = "host", "environment", "team"
#: So many compartments of hosts are drawn by themselves; of more the environments are, unless somebody asks.
_FEW: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`filters` lead to the map of it alone; `hosts` are names, none in the coarse grain."""

    title: str
    note: str
    filters: dict[str, str]
    moorings: tuple[Mooring, ...]
    environment: str
    short: str = ""  # for the title, where there is little room
    hosts: frozenset[str] = field(default_factory=frozenset)


def groups_of(chart: Chart, by: str) -> tuple[str, list[Group]]:
    """What the compartments are, and they themselves in the order of environments and names."""
    if by == TEAM:
        return TEAM, _teams(chart)
    if chart.fine and by in {"", HOST}:
        groups = _hosts(chart)
        if by or len(groups) <= _FEW:
            return HOST, groups
    return ENVIRONMENT, _environments(chart)


def _environments(chart: Chart) -> list[Group]:
    found = []
    for place in chart.places:
        moorings = tuple(one for one in chart.moorings if one.environment == place.slug)
        hosts = frozenset(one.host for one in moorings if one.host)
        if moorings:
            note = f"{counted(len(hosts) or place.hosts, 'host')}, {counted(services_in(moorings), 'service')}"
            filters = {"environment": place.slug}
            found.append(
                Group(
                    title=place.name,
                    note=note,
                    filters=filters,
                    moorings=moorings,
                    environment=place.slug,
                    hosts=hosts,
                )
            )
    return found


def _teams(chart: Chart) -> list[Group]:
    of: dict[str, list[Mooring]] = defaultdict(list)
    for one in chart.moorings:
        of[one.team].append(one)
    return [
        Group(
            title=team or "No team",
            note=counted(services_in(some), "service"),
            filters={"team": team or "-"},
            moorings=tuple(some),
            environment="",
            hosts=frozenset(one.host for one in some if one.host),
        )
        for team, some in sorted(of.items(), key=lambda pair: (not pair[0], pair[0]))
    ]


def services_in(moorings: Sequence[Mooring]) -> int:
    """A service that runs on several hosts is one."""
    return len({one.names[0] for one in moorings if one.host}) + sum(one.services for one in moorings if not one.host)


def _hosts(chart: Chart) -> list[Group]:
    of: dict[str, list[Mooring]] = defaultdict(list)
    for one in chart.moorings:
        of[one.host].append(one)
    names = {place.slug: place.name for place in chart.places}
    order = {place.slug: number for number, place in enumerate(chart.places)}
    found = []
    for hosts in _joined(chart, of):
        moorings = tuple(one for host in hosts for one in of[host])
        environment = moorings[0].environment
        services = counted(services_in(moorings), "service")
        where = names.get(environment, environment)
        found.append(
            Group(
                title=hosts[0] if len(hosts) == 1 else f"{where}, {len(hosts)} hosts",
                note=f"{where}, {services}" if len(hosts) == 1 else f"{hosts[0]} … {hosts[-1]}",
                short="" if len(hosts) == 1 else where,
                filters={"host": hosts[0]} if len(hosts) == 1 else {"environment": environment},
                moorings=moorings,
                environment=environment,
                hosts=frozenset(hosts),
            )
        )
    return sorted(found, key=lambda group: (order.get(group.environment, 0), min(group.hosts)))


def _joined(chart: Chart, hosts: dict[str, list[Mooring]]) -> list[list[str]]:
    """Hosts, those in one list that a network joins: what floods one of them can flood the others."""
    first: dict[str, str] = {}
    parent = {host: host for host in hosts}

    def root(host: str) -> str:
        while parent[host] != host:
            parent[host] = parent[parent[host]]
            host = parent[host]
        return host

    for host in sorted(hosts):
        for one in hosts[host]:
            for place in one.nets:
                if identity := chart.nets[place].identity:
                    other = first.setdefault(identity, host)
                    parent[root(host)] = root(other)
    together: dict[str, list[str]] = defaultdict(list)
    for host in sorted(hosts):
        together[root(host)].append(host)
    return sorted(together.values())
