"""What runs where and for whom, containers of infrastructure left out: what the shares of hosts and of containers and
the month of each team are counted from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q

from fleet.adoption.infrastructure import infrastructure_references
from fleet.adoption.usage import WINDOW_DAYS
from fleet.models import Container, Host, Service
from fleet.readiness.vocabulary import Stage


@dataclass(slots=True)
class Workload:
    """Of one team, or of everybody. Containers are those that run. `used` are the hosts that ran a container within the
    window, `different` the containers that were there in it; hosts are those that are swept.
    """

    hosts: int = 0
    hosts_at_work: int = 0  # of production
    running: int = 0
    running_in_production: int = 0
    infrastructure: int = 0
    different: int = 0
    owned: set[int] = field(default_factory=set)
    used: set[int] = field(default_factory=set)

    @property
    def hosts_of_month(self) -> int:
        return len(self.owned | self.used)


@dataclass(frozen=True, slots=True)
class Counted:
    """`everybody` and each team; `remembered` are the teams that had a container at any time that is remembered, and
    `references` the images that were left out.
    """

    everybody: Workload
    teams: Mapping[str, Workload]
    remembered: frozenset[str]
    references: list[str]


def count_workload(now: datetime) -> Counted:
    """Reads the whole fleet, for what is counted outside requests."""
    everybody, teams = Workload(), defaultdict[str, Workload](Workload)
    references = infrastructure_references()
    team_of, remembered = _teams()
    for team in team_of.values():  # also of services in no container
        teams[team] = Workload()
    hosts = {pk: (team, stage, swept) for pk, team, stage, swept in _hosts()}
    at_work: set[int] = set()
    month = Q(gone_at__isnull=True) | Q(gone_at__gt=now - timedelta(days=WINDOW_DAYS))
    rows = Container.objects.filter(month).order_by().values_list("service", "host")
    runs = Q(gone_at__isnull=True, state="running")
    pairs = rows.exclude(image_reference__in=references).annotate(n=Count("pk"), running=Count("pk", filter=runs))
    for service, host, number, running in pairs.iterator(chunk_size=5000):
        if host not in hosts:  # registered since
            continue
        _, stage, _ = hosts[host]
        for one in (everybody, teams[team_of.get(service, "")]):
            one.used.add(host)
            one.different += number
            one.running += running
            one.running_in_production += running if stage == Stage.PRODUCTION.value else 0
        if running:
            at_work.add(host)
    left_out = rows.filter(runs, image_reference__in=references).annotate(n=Count("pk"))
    for service, _, number in left_out.iterator(chunk_size=5000):
        for one in (everybody, teams[team_of.get(service, "")]):
            one.infrastructure += number
    for pk, (team, stage, swept) in hosts.items():
        for one in (everybody, teams[team]) if swept else ():
            one.owned.add(pk)
            one.hosts += 1
            one.hosts_at_work += stage == Stage.PRODUCTION.value and pk in at_work
    return Counted(everybody, teams, remembered, references)


def _teams() -> tuple[dict[int | None, str], frozenset[str]]:
    """Each service's team, and the teams of services that a container once named."""
    team_of: dict[int | None, str] = {}
    remembered = set()
    for pk, team, source in Service.objects.order_by().values_list("pk", "team", "source"):
        team_of[pk] = team
        if source:
            remembered.add(team)
    return team_of, frozenset(remembered)


def _hosts() -> list[tuple[int, str, str, bool]]:
    return list(Host.objects.order_by().values_list("pk", "team", "environment__stage", "enabled"))
