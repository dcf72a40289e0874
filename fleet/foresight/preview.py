"""Which services would change verdict under another policy: every host judged again in memory, nothing written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Q

from fleet.assessment import Case
from fleet.assessment.members import Cluster, ServiceCase
from fleet.assessment.services import carrying_of, set_verdicts
from fleet.assessment.subjects import lost
from fleet.assessment.verdicts import Parts, set_verdict
from fleet.governance.policy import InForce, as_if_in_force, in_force, keep_preview, read
from fleet.models import Container, Host, PolicyVersion, Service
from fleet.readiness.policy import Policy
from fleet.readiness.standing import Standing
from fleet.readiness.vocabulary import Stage, Verdict

Progress = Callable[[int, int], None]
_ORDER = [verdict.value for verdict in Verdict]


@dataclass(frozen=True, slots=True)
class Previewed:
    """`services` are those whose verdict would differ: {"service", "slug", "stage", "before", "after"}, those that get
    worse first. `stale` more rest on evidence that is too old: theirs is unknown under any policy. `against` is the
    digest of the policy in force that it was compared with.
    """

    services: list[dict[str, Any]]
    stale: int
    against: str


def preview_policy(policy: Policy, *, now: datetime, progress: Progress | None = None) -> Previewed:
    """Judges everything by the policy in force and by the other one, both as of now, and compares.

    Not with the stored verdicts: a day that began or a host that fell silent since would look like the policy's doing.
    It goes through the very code that a sweep goes through, on rows that are never saved.
    """
    stands, other = in_force(), as_if_in_force(policy)
    before, after = UnderPolicy(stands, now), UnderPolicy(other, now)
    hosts = list(Host.objects.exclude(facts={}).order_by("pk").values_list("pk", flat=True))
    for number, pk in enumerate(hosts, start=1):
        for judged in (before, after):
            judged.add(pk)
        if progress:
            progress(number, len(hosts))
    stale = Q(rests_on_stale=True)
    shown = Service.objects.filter(pk__in=after.members).with_verdict_now(now)
    services = list(shown.exclude(stale))
    found = [row for service in services if (row := _difference(service, before, after))]
    worst_first = sorted(found, key=lambda row: (_ORDER.index(row["after"]) - _ORDER.index(row["before"]), row["slug"]))
    return Previewed(worst_first, shown.filter(stale).count(), stands.digest)


class UnderPolicy:
    """Every container with the verdict that it has under one policy."""

    def __init__(self, policy: InForce, now: datetime) -> None:
        self.policy, self.now = policy, now
        self.members: dict[int, list[Container]] = {}

    def add(self, host: int) -> None:
        row = Host.objects.select_related("environment").get(pk=host)
        for container in _judged(Case.load(row, now=self.now, policy=self.policy)):
            self.members.setdefault(container.service_id or 0, []).append(container)

    @cached_property
    def _cluster(self) -> Cluster:
        return Cluster.load(list(Service.objects.filter(pk__in=self.members)), now=self.now, policy=self.policy)

    def verdict(self, service: Service) -> tuple[Stage, str]:
        """The service's stage and verdict; the row is filled and not saved."""
        stage, carrying = carrying_of(self.members[service.pk])
        service.own_standing = Standing.of(ServiceCase(service, stage, carrying, self._cluster).findings()).to_plain()
        set_verdicts(service, carrying, self.policy.policy.thresholds)
        return stage, service.verdict


def _judged(case: Case) -> list[Container]:
    """The host's containers with the verdict they would have; their facts are let go."""
    for row in case.rows(everything=True):
        row.row.own_standing = Standing.of(case.judged(row).findings).to_plain()
    now, thresholds = case.keys.now, case.policy.policy.thresholds
    parts, silent = Parts(case.things), lost(case.host, now)
    set_verdict(case.host, case.host.read_own_standing(), now, thresholds=thresholds)
    for container in case.containers:
        doubted = parts.doubted(container, silent)
        set_verdict(container, parts.standing(container), now, thresholds=thresholds, doubted=doubted)
        container.host = case.host
        container.facts = {}
    return list(case.containers)


def _difference(service: Service, before: UnderPolicy, after: UnderPolicy) -> dict[str, Any] | None:
    (stage, was), (_, then) = before.verdict(service), after.verdict(service)
    if was == then:
        return None
    return {"service": service.name, "slug": service.slug, "stage": stage.value, "before": was, "after": then}


def preview_draft(version_id: int, *, now: datetime) -> None:
    """Fills the draft's preview as it goes; what goes wrong is written there, too, for the page that waits."""
    version = PolicyVersion.objects.get(pk=version_id)
    row = PolicyVersion.objects.filter(pk=version_id)

    def progress(done: int, total: int) -> None:
        row.update(preview_state="running", preview={"done": done, "total": total})

    try:
        found = preview_policy(read(version.document), now=now, progress=progress)
    except Exception as error:
        row.update(preview_state="failed", preview={"error": f"{type(error).__name__}: {error}"[:500]})
        raise
    of = Service.objects.in_catalogue().count()
    told = {"services": found.services, "stale": found.stale, "at": now.isoformat(), "of": of}
    keep_preview(version, told, against=found.against)
