"""Verdicts of hosts and containers, added up from their stored findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.assessment.subjects import Things
from fleet.models import Container, Finding, Host
from fleet.models.judged import JUDGED_FIELDS, Judged
from fleet.readiness.verdict import Weighed, pillars_of, verdict_of
from fleet.readiness.vocabulary import Severity, Status, Verdict


def store_verdicts(host: Host, containers: Sequence[Container], things: Things, now: datetime) -> frozenset[int]:
    """Verdicts of the host and its containers from the stored findings; returns the services that hang on them.

    A container carries the findings of its image, its networks and its volumes besides its own.
    """
    own: dict[tuple[str, int], list[Finding]] = {}
    for finding in Finding.objects.filter(host=host).defer("evidence", "reason"):
        own.setdefault((finding.subject_kind, finding.subject_pk), []).append(finding)
    network_pk = {key: row.pk for row in things.networks for key in (row.engine_id, row.name)}
    volume_pk = {row.name: row.pk for row in things.volumes}
    touched: set[int] = set()
    for container in containers:
        facts = parts_of(container)
        found = list(own.get(("container", container.pk), ()))
        if container.image_id is not None:
            found += own.get(("image", container.image_id), ())
        found += [f for name in facts.networks for f in own.get(("network", network_pk.get(name, -1)), ())]
        found += [f for name in facts.volumes for f in own.get(("volume", volume_pk.get(name, -1)), ())]
        set_verdict(container, found, now)
        if container.service_id is not None:
            touched.add(container.service_id)
    set_verdict(host, own.get(("host", host.pk), []), now)
    Container.objects.bulk_update(containers, JUDGED_FIELDS, batch_size=100)
    host.save(update_fields=JUDGED_FIELDS)
    return frozenset(touched)


@dataclass(frozen=True, slots=True)
class Parts:
    """Names of the networks and volumes that a container uses."""

    networks: tuple[str, ...]
    volumes: tuple[str, ...]


def parts_of(container: Container) -> Parts:
    return Parts(
        tuple(n.get("network_id") or n["name"] for n in container.facts.get("networks", ())),
        tuple(m["name"] for m in container.facts.get("mounts", ()) if m.get("name")),
    )


def set_verdict(judged: Judged, findings: Sequence[Weighed], now: datetime) -> None:
    """Fills the verdict, the six pillar verdicts and the counts of failing findings; saves nothing."""
    told = any(finding.status in {Status.PASS, Status.FAIL} for finding in findings)
    # Something that no rule could say anything of, such as a container still being made, is not ready for that.
    judged.verdict = verdict_of(findings).value if told else Verdict.UNKNOWN.value
    for pillar, verdict in pillars_of(findings).items():
        setattr(judged, f"verdict_{pillar.value}", verdict.value)
    failing = Counter(finding.severity for finding in findings if finding.status == Status.FAIL)
    judged.failing_critical = failing[Severity.CRITICAL.value]
    judged.failing_high = failing[Severity.HIGH.value]
    judged.failing_medium = failing[Severity.MEDIUM.value]
    judged.unknown_findings = sum(1 for finding in findings if finding.status == Status.UNKNOWN)
    judged.judged_at = now
