"""Services below the line with all that a verdict takes, so that it can be worked out as if some rules passed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from fleet.governance.policy import in_force
from fleet.models import Container, Host, Service
from fleet.models.standings import read_text
from fleet.readiness.policy import Thresholds
from fleet.readiness.standing import Standing
from fleet.readiness.verdict import verdict_of_tally, worst_of
from fleet.readiness.vocabulary import Stage, Verdict


@dataclass(frozen=True)
class Case:
    """One service: what its containers, the service itself and its hosts left to add up.

    `standings` are those of its containers, each alone and once more with the service's own findings in it, as the
    real verdict has it: what passes for the service as a whole must not make up for a container. Alike ones stand once,
    since forty replicas with the same findings get the same verdict. `hosts` are those of its hosts. `doubted` evidence
    comes from an endpoint that has long not answered: no mending can be seen there, so it stays unknown at best.
    """

    service: int
    name: str
    standings: tuple[Standing, ...]
    hosts: tuple[Standing, ...]
    thresholds: Thresholds
    doubted: bool = False

    def verdict(self, mended: Collection[str] = ()) -> Verdict:
        """The verdict with the open findings of these rules passing, by the same code as the real one."""
        found = [_mended(part, _rules_of(part).intersection(mended), self.thresholds) for part in self._parts]
        return worst_of([*found, Verdict.UNKNOWN] if self.doubted else found)

    def ready(self, mended: Collection[str] = ()) -> bool:
        """Whether that verdict is ready, which the first part that is not tells."""
        if self.doubted or not self._parts:
            return False
        found = (_mended(part, _rules_of(part).intersection(mended), self.thresholds) for part in self._parts)
        return all(verdict is Verdict.READY for verdict in found)

    @property
    def _parts(self) -> tuple[Standing, ...]:
        return (*self.standings, *self.hosts)

    @property
    def open_rules(self) -> frozenset[str]:
        """Rules that stand in the way of anything here: failing unwaived, unknown, or waived though critical."""
        return frozenset(rule for part in self._parts for rule in _rules_of(part))

    @property
    def failing_rules(self) -> frozenset[str]:
        return frozenset(rule for part in self._parts for rule in part.rules())


@lru_cache(maxsize=10_000)
def _rules_of(part: Standing) -> frozenset[str]:
    return part.rules(failing=False)


@lru_cache(maxsize=20_000)
def _mended(part: Standing, rules: frozenset[str], thresholds: Thresholds) -> Verdict:
    """Asked a hundred times for each service, and mostly the same: most rules are open in few of its parts, and many
    services share their hosts.
    """
    return verdict_of_tally(part.without(rules).tally, thresholds)


class Below(NamedTuple):
    """A service below the line; services with the same `shape` need the same to be ready."""

    service: int
    name: str
    stage: str
    shape: str
    team: str = ""


def below_the_line(
    now: datetime, *, stage: Stage | None = None, services: Iterable[int] | None = None
) -> tuple[list[Below], dict[str, Case]]:
    """Services that are not ready by name, and by shape a case of nobody's. Those on stale evidence are left out:
    mending cannot be seen there. Rows are read one after another: a fleet's standings are a gigabyte.
    """
    seen = Service.objects.in_catalogue().with_verdict_now(now)
    chosen = seen.filter(Q(rests_on_stale=False)).exclude(verdict=Verdict.READY.value)
    if stage is not None:
        chosen = chosen.filter(stage=stage.value)
    if services is not None:
        chosen = chosen.filter(pk__in=list(services))
    standing, own = Cast("standing", TextField()), Cast("own_standing", TextField())
    rows = chosen.annotate(own=own).values_list("pk", "name", "stage", "team", "own").order_by("name")
    found = {pk: told for pk, *told in rows.iterator(chunk_size=5000)}
    thresholds = in_force().policy.thresholds
    carrying = Container.objects.present().filter(carries_verdict=True)
    carrying = carrying.filter(service__in=found) if services is not None else carrying.filter(service__isnull=False)
    told = carrying.annotate(told=standing).values_list("service_id", "host_id", "verdict", "told").order_by()
    parts: dict[int, set[str]] = {}
    hosts: dict[int, set[int]] = {}
    doubted: set[int] = set()
    alike: dict[str, str] = {}
    for service, host, verdict, text in told.iterator(chunk_size=5000):
        if service in found:
            parts.setdefault(service, set()).add(alike.setdefault(text, text))
            hosts.setdefault(service, set()).add(host)
            if verdict == Verdict.UNKNOWN.value and _seems_known(text, thresholds):
                doubted.add(service)
    on = Host.objects.annotate(told=standing).order_by().values_list("pk", "told")
    if services is not None:
        on = on.filter(pk__in={host for chosen_hosts in hosts.values() for host in chosen_hosts})
    on_hosts = {pk: alike.setdefault(text, text) for pk, text in on.iterator(chunk_size=5000)}
    below: list[Below] = []
    shapes: dict[str, Case] = {}
    for service, (name, reached, team, own_text) in found.items():
        if service not in parts:
            continue
        key = _Key(own_text, tuple(sorted(parts[service])), _told(on_hosts, hosts[service]), service in doubted)
        shape = _digest(key, thresholds)
        if shape not in shapes:
            shapes[shape] = key.case(thresholds)
        below.append(Below(service, name, reached, shape, team))
    return below, shapes


class _Key(NamedTuple):
    """Standings as the database has them: its own, those of its containers, and those of its hosts."""

    own: str
    containers: tuple[str, ...]
    hosts: tuple[str, ...]
    doubted: bool

    def case(self, thresholds: Thresholds) -> Case:
        standings, own = [read_text(text) for text in self.containers], read_text(self.own)
        hosts = tuple(read_text(text) for text in self.hosts)
        return Case(0, "", _with_own(standings, own), hosts, thresholds, self.doubted)


def _told(on_hosts: Mapping[int, str], hosts: Iterable[int]) -> tuple[str, ...]:
    return tuple(sorted({on_hosts[host] for host in hosts if host in on_hosts}))


@lru_cache(maxsize=20_000)
def _digest(key: _Key, thresholds: Thresholds) -> str:
    return blake2b(repr((key, thresholds)).encode(), digest_size=8).hexdigest()


def cases(
    now: datetime, *, stage: Stage | None = Stage.PRODUCTION, services: Iterable[int] | None = None
) -> list[Case]:
    """Services of the stage that are not ready, each with its own name."""
    below, shapes = below_the_line(now, stage=stage, services=services)
    return [replace(shapes[one.shape], service=one.service, name=one.name) for one in below]


def _with_own(standings: Collection[Standing], own: Standing) -> tuple[Standing, ...]:
    return tuple(standings) if own == Standing() else (*standings, *(one + own for one in standings))


@lru_cache(maxsize=20_000)
def _seems_known(text: str, thresholds: Thresholds) -> bool:
    """The container's points alone would tell more than the verdict that it was given."""
    verdict = verdict_of_tally(read_text(text).tally, thresholds)
    return worst_of([verdict, Verdict.UNKNOWN]) is Verdict.UNKNOWN and verdict is not Verdict.UNKNOWN


def ready_without(found: Iterable[Case], rules: Collection[str]) -> list[Case]:
    """Those that would be ready."""
    return [case for case in found if case.ready(rules)]
