"""Which services would change verdict under another policy: every host judged again in memory, nothing written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Self

from fleet.assessment import Case
from fleet.assessment.members import Cluster
from fleet.assessment.services import Members, gather, set_verdicts
from fleet.assessment.subjects import lost
from fleet.assessment.verdicts import Parts, set_verdict
from fleet.governance.policy import InForce, read
from fleet.inventory.plain import fingerprint
from fleet.models import Container, Host, PolicyVersion, Service
from fleet.models.judged import VERDICT_FIELDS, Judged
from fleet.readiness.policy import Policy
from fleet.readiness.standing import Standing
from fleet.readiness.vocabulary import Verdict

Progress = Callable[[int, int], None]
_ORDER = [verdict.value for verdict in Verdict]


def preview_policy(policy: Policy, *, now: datetime, progress: Progress | None = None) -> list[dict[str, Any]]:
    """Services whose verdict would differ: {"service", "slug", "stage", "before", "after"}, those that get worse first.

    It goes through the very code that a sweep goes through, on rows that are never saved.
    """
    chosen = InForce(policy, None, fingerprint(["preview", repr(policy)]))
    judged: dict[tuple[type[Judged], int], _Said] = {}
    hosts = list(Host.objects.exclude(facts={}).order_by("pk").values_list("pk", flat=True))
    for number, pk in enumerate(hosts, start=1):
        judged |= _judged(Case.load(Host.objects.select_related("environment").get(pk=pk), now=now, policy=chosen))
        if progress:
            progress(number, len(hosts))
    of = Container.objects.present().filter(host__in=hosts).values("service")
    services = list(Service.objects.filter(pk__in=of))
    cluster = Cluster.load(services, now=now, policy=chosen)
    changed = [row for members in gather(services, cluster) if (row := _difference(members, judged))]
    return sorted(changed, key=lambda row: (_ORDER.index(row["after"]) - _ORDER.index(row["before"]), row["service"]))


class _Said(NamedTuple):
    """What would be said of a container or a host: all that is kept of it, as a fleet is too big to be held whole."""

    standing: Standing
    verdicts: tuple[str, ...]

    @classmethod
    def of(cls, row: Judged) -> Self:
        return cls(row.read_standing(), tuple(getattr(row, name) for name in VERDICT_FIELDS))

    def about(self, row: Judged) -> None:
        row.keep_standing(self.standing)
        for name, verdict in zip(VERDICT_FIELDS, self.verdicts, strict=True):
            setattr(row, name, verdict)


def _judged(case: Case) -> dict[tuple[type[Judged], int], _Said]:
    for row in case.rows(everything=True):
        row.row.keep_own_standing(Standing.of(case.judged(row).findings))
    now, thresholds = case.keys.now, case.policy.policy.thresholds
    parts, silent = Parts(case.things), lost(case.host, now)
    set_verdict(case.host, case.host.read_own_standing(), now, thresholds=thresholds)
    for container in case.containers:
        doubted = parts.doubted(container, silent)
        set_verdict(container, parts.standing(container), now, thresholds=thresholds, doubted=doubted)
    rows: tuple[Judged, ...] = (case.host, *case.containers)
    return {(type(row), row.pk): _Said.of(row) for row in rows}


def _difference(members: Members, judged: Mapping[tuple[type[Judged], int], _Said]) -> dict[str, Any] | None:
    service, case = members.service, members.case
    before = service.verdict
    hosts = {container.host_id: container.host for container in case.carrying}.values()
    rows: tuple[Judged, ...] = (*hosts, *case.carrying)
    for row in rows:
        # A container that came since its host was judged is taken as it is stored.
        if said := judged.get((type(row), row.pk)):
            said.about(row)
    service.keep_own_standing(Standing.of(case.findings()))
    set_verdicts(service, case.carrying, case.cluster.policy.policy.thresholds)
    if service.verdict == before:
        return None
    return {
        "service": service.name,
        "slug": service.slug,
        "stage": case.stage.value,
        "before": before,
        "after": service.verdict,
    }


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
    row.update(preview_state="done", preview={"services": found, "at": now.isoformat(), "of": of})
