"""Which services would change verdict under another policy: every host judged again in memory, nothing written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fleet.assessment import Case
from fleet.assessment.members import Cluster, ServiceCase
from fleet.assessment.services import carrying_of, set_verdicts
from fleet.assessment.subjects import lost
from fleet.assessment.verdicts import Parts, set_verdict
from fleet.governance.policy import InForce, read
from fleet.inventory.plain import fingerprint
from fleet.models import Container, Host, PolicyVersion, Service
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
    members: dict[int, list[Container]] = {}
    hosts = list(Host.objects.exclude(facts={}).order_by("pk").values_list("pk", flat=True))
    for number, pk in enumerate(hosts, start=1):
        host = Host.objects.select_related("environment").get(pk=pk)
        for container in _judged(Case.load(host, now=now, policy=chosen)):
            members.setdefault(container.service_id or 0, []).append(container)
        if progress:
            progress(number, len(hosts))
    services = list(Service.objects.filter(pk__in=members))
    cluster = Cluster.load(services, now=now, policy=chosen)
    changed = [row for service in services if (row := _difference(service, members[service.pk], cluster))]
    return sorted(changed, key=lambda row: (_ORDER.index(row["after"]) - _ORDER.index(row["before"]), row["service"]))


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


def _difference(service: Service, members: list[Container], cluster: Cluster) -> dict[str, Any] | None:
    before = service.verdict
    stage, carrying = carrying_of(members)
    service.own_standing = Standing.of(ServiceCase(service, stage, carrying, cluster).findings()).to_plain()
    set_verdicts(service, carrying, cluster.policy.policy.thresholds)
    if service.verdict == before:
        return None
    return {
        "service": service.name,
        "slug": service.slug,
        "stage": stage.value,
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
