"""Which services would change verdict under another policy: every host judged again in memory, nothing written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from django.db.models import Q

from fleet.assessment import Case
from fleet.assessment.members import Cluster, ServiceCase
from fleet.assessment.services import gather, set_verdicts
from fleet.assessment.subjects import lost
from fleet.assessment.verdicts import Parts, set_verdict
from fleet.governance.policy import InForce, as_if_in_force, in_force, keep_preview, read
from fleet.models import Container, Host, PolicyVersion, Service
from fleet.models.judged import VERDICT_FIELDS, Judged
from fleet.readiness.policy import Policy
from fleet.readiness.standing import Standing
from fleet.readiness.vocabulary import Verdict

Progress = Callable[[int, int], None]
#: A preview that is worked out says so this often; one that was silent for long has nobody who works it out.
_SAYS = timedelta(seconds=1)
_ORDER = [verdict.value for verdict in Verdict]


@dataclass(frozen=True, slots=True)
class Previewed:
    """`services` are those whose verdict would differ: {"service", "slug", "stage", "before", "after"}, those that get
    worse first. `stale` more rest on evidence that is too old: theirs is unknown under any policy. `against` is the
    digest of the policy in force that it was compared with. `stages` services would be of another stage.
    """

    services: list[dict[str, Any]]
    stale: int
    against: str
    stages: int = 0


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
    of = Container.objects.present().filter(host__in=hosts).values("service")
    shown = Service.objects.filter(pk__in=of).with_verdict_now(now)
    services = list(shown.exclude(stale))
    clusters = [Cluster.load(services, now=now, policy=policy) for policy in (stands, other)]
    found: list[dict[str, Any]] = []
    stages = 0
    for case, other_case in _cases(services, *clusters):
        was, then = before.verdict(case), after.verdict(other_case)
        stages += case.stage is not other_case.stage
        if was != then:
            service, stage = case.service, case.stage.value
            row = {"service": service.name, "slug": service.slug, "stage": stage, "before": was, "after": then}
            found.append(row)
    worst_first = sorted(found, key=lambda row: (_ORDER.index(row["after"]) - _ORDER.index(row["before"]), row["slug"]))
    return Previewed(worst_first, shown.filter(stale).count(), stands.digest, stages)


def _cases(services: Sequence[Service], before: Cluster, after: Cluster) -> Iterator[tuple[ServiceCase, ServiceCase]]:
    """Each service under both policies; it rests on the same containers unless these reckon stages otherwise."""
    if before.policy.policy.stage_minutes == after.policy.policy.stage_minutes:
        for one in gather(services, before):
            yield one.case, replace(one.case, cluster=after)
    else:
        for one, other in zip(gather(services, before), gather(services, after), strict=True):
            yield one.case, other.case


class _Said(NamedTuple):
    """What is said of a container or a host: all that is kept of it, as a fleet is too big to be held whole."""

    standing: Standing
    verdicts: tuple[str, ...]

    @classmethod
    def of(cls, row: Judged) -> Self:
        return cls(row.read_standing(), tuple(getattr(row, name) for name in VERDICT_FIELDS))

    def about(self, row: Judged) -> None:
        row.keep_standing(self.standing)
        for name, verdict in zip(VERDICT_FIELDS, self.verdicts, strict=True):
            setattr(row, name, verdict)


class UnderPolicy:
    """What would be said of every host and container under one policy, and of services in consequence."""

    def __init__(self, policy: InForce, now: datetime) -> None:
        self.policy, self.now = policy, now
        self._said: dict[tuple[type[Judged], int], _Said] = {}

    def add(self, host: int) -> None:
        """Judges the host and everything on it."""
        row = Host.objects.select_related("environment").get(pk=host)
        case = Case.load(row, now=self.now, policy=self.policy)
        for subject in case.rows(everything=True):
            subject.row.keep_own_standing(Standing.of(case.judged(subject).findings))
        thresholds = self.policy.policy.thresholds
        parts, silent = Parts(case.things, case.containers), lost(row, self.now)
        set_verdict(row, row.read_own_standing(), self.now, thresholds=thresholds)
        for container in case.containers:
            doubted = parts.doubted(container, silent)
            set_verdict(container, parts.standing(container), self.now, thresholds=thresholds, doubted=doubted)
        rows: tuple[Judged, ...] = (row, *case.containers)
        self._said |= {(type(one), one.pk): _Said.of(one) for one in rows}

    def verdict(self, case: ServiceCase) -> str:
        """The service's verdict, its hosts having been added; the rows are filled and not saved."""
        rows: tuple[Judged, ...] = (*case.hosts, *case.carrying)
        for row in rows:
            # One that came since its host was judged is taken as it is stored.
            if said := self._said.get((type(row), row.pk)):
                said.about(row)
        case.service.keep_own_standing(Standing.of(case.findings()))
        set_verdicts(case.service, case.carrying, self.policy.policy.thresholds)
        return str(case.service.verdict)


def preview_waits(version_id: int, *, now: datetime) -> None:
    """Says that a worker knows of it and has no turn for it yet, for the page that waits."""
    PolicyVersion.objects.filter(pk=version_id).update(preview_state="", preview={"at": now.isoformat()})


def preview_draft(version_id: int, *, now: datetime, clock: Callable[[], datetime] | None = None) -> None:
    """Fills the draft's preview as it goes; what goes wrong is written there, too, for the page that waits.

    `clock` dates what it says meanwhile; without one that is `now` each time.
    """
    version = PolicyVersion.objects.get(pk=version_id)
    row = PolicyVersion.objects.filter(pk=version_id)
    said: datetime | None = None

    def progress(done: int, total: int) -> None:
        nonlocal said
        at = clock() if clock else now
        if said is None or done == total or at - said >= _SAYS:
            said = at
            row.update(preview_state="running", preview={"done": done, "total": total, "at": at.isoformat()})

    try:
        found = preview_policy(read(version.document), now=now, progress=progress)
    except Exception as error:
        row.update(preview_state="failed", preview={"error": f"{type(error).__name__}: {error}"[:500]})
        raise
    of = Service.objects.in_catalogue().count()
    told = {"services": found.services, "stale": found.stale, "stages": found.stages, "at": now.isoformat(), "of": of}
    keep_preview(version, told, against=found.against)
