"""Services below the line with all that a verdict takes, so that it can be worked out as if some rules passed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from fleet.governance.policy import in_force
from fleet.models import Container, Service
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
        parts = (*self.standings, *self.hosts)
        found = [verdict_of_tally(part.without(mended).tally, self.thresholds) for part in parts]
        return worst_of([*found, Verdict.UNKNOWN] if self.doubted else found)

    @property
    def open_rules(self) -> frozenset[str]:
        """Rules that stand in the way of anything here: failing unwaived, unknown, or waived though critical."""
        return frozenset(one.rule for part in (*self.standings, *self.hosts) for one in part.open)

    @property
    def failing_rules(self) -> frozenset[str]:
        return frozenset(rule for part in (*self.standings, *self.hosts) for rule in part.rules())


def cases(
    now: datetime, *, stage: Stage | None = Stage.PRODUCTION, services: Iterable[int] | None = None
) -> list[Case]:
    """Services of the stage that are not ready. Those on stale evidence are left out: mending cannot be seen there."""
    seen = Service.objects.in_catalogue().with_verdict_now(now)
    chosen = seen.filter(Q(rests_on_stale=False)).exclude(verdict=Verdict.READY.value)
    if stage is not None:
        chosen = chosen.filter(stage=stage.value)
    if services is not None:
        chosen = chosen.filter(pk__in=list(services))
    rows = {row.pk: row for row in chosen.only("pk", "name", "own_standing", "verdict").order_by("name")}
    carrying = Container.objects.present().filter(service__in=rows, carries_verdict=True).select_related("host")
    standings: dict[int, dict[str, Standing]] = {}
    hosts: dict[int, dict[int, Standing]] = {}
    read: dict[int, Standing] = {}
    doubted: set[int] = set()
    thresholds = in_force().policy.thresholds
    own = {key: row.read_own_standing() for key, row in rows.items()}
    for container in carrying.only("service_id", "standing", "verdict", "host__standing"):
        key = container.service_id or 0
        if container.host_id not in read:
            read[container.host_id] = container.host.read_standing()
        hosts.setdefault(key, {})[container.host_id] = read[container.host_id]
        kept = standings.setdefault(key, {})
        plain = repr(container.standing)
        if plain not in kept:
            kept[plain] = container.read_standing()
        if container.verdict == Verdict.UNKNOWN.value and _seems_known(container, thresholds):
            doubted.add(key)
    return [
        Case(
            key,
            row.name,
            _with_own(standings[key].values(), own[key]),
            tuple(hosts[key].values()),
            thresholds,
            key in doubted,
        )
        for key, row in rows.items()
        if key in standings
    ]


def _with_own(standings: Collection[Standing], own: Standing) -> tuple[Standing, ...]:
    return tuple(standings) if own == Standing() else (*standings, *(one + own for one in standings))


def _seems_known(container: Container, thresholds: Thresholds) -> bool:
    """Its points alone would tell more than the verdict that it was given."""
    verdict = verdict_of_tally(container.read_standing().tally, thresholds)
    return worst_of([verdict, Verdict.UNKNOWN]) is Verdict.UNKNOWN and verdict is not Verdict.UNKNOWN


def ready_without(found: Iterable[Case], rules: Collection[str]) -> list[Case]:
    """Those that would be ready."""
    return [case for case in found if case.verdict(rules) is Verdict.READY]
