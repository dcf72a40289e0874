"""Verdicts of hosts and containers, added up from their stored findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fleet.assessment.subjects import Things, lost
from fleet.models import Container, Finding, Host
from fleet.models.container import network_keys, volume_names
from fleet.models.judged import JUDGED_FIELDS, Judged
from fleet.readiness.verdict import Weighed, pillars_of, verdict_of, worst_of
from fleet.readiness.vocabulary import Severity, Status, Verdict


def store_verdicts(host: Host, containers: Sequence[Container], things: Things, now: datetime) -> frozenset[int]:
    """Verdicts of the host and its containers from the stored findings; returns the services that hang on them.

    A container carries the findings of its image, its networks and its volumes besides its own.
    """
    own = _weighed(host)
    network_pk = {key: row.pk for row in things.networks for key in (row.engine_id, row.name)}
    volume_pk = {row.name: row.pk for row in things.volumes}
    changed: list[Container] = []
    silent = lost(host, now)
    for container in containers:
        networks, volumes = network_keys(container.facts.get("networks")), volume_names(container.facts.get("mounts"))
        found = list(own.get(("container", container.pk), ()))
        if container.image_id is not None:
            found += own.get(("image", container.image_id), ())
        found += [f for name in networks for f in own.get(("network", network_pk.get(name, -1)), ())]
        found += [f for name in volumes for f in own.get(("volume", volume_pk.get(name, -1)), ())]
        doubted = _doubted(
            image=container.image_id is not None,
            networks=any(name in network_pk for name in networks),
            volumes=any(name in volume_pk for name in volumes),
            silent=silent,
        )
        if set_verdict(container, found, now, doubted=doubted):
            changed.append(container)
    _save_alike(changed)
    host_changed = set_verdict(host, own.get(("host", host.pk), []), now)
    if host_changed:
        host.save(update_fields=JUDGED_FIELDS)
    # A host's findings count against every service on it.
    return frozenset(row.service_id for row in (containers if host_changed else changed) if row.service_id is not None)


@dataclass(frozen=True, slots=True)
class Weight:
    """What a verdict needs of a stored finding, without evidence and reason."""

    pillar: str
    severity: str
    status: str
    core_gate: bool


def _weighed(host: Host) -> dict[tuple[str, int], list[Weight]]:
    """The stored findings of what is on the host, by kind and key of their subject."""
    found: dict[tuple[str, int], list[Weight]] = {}
    columns = ("subject_kind", "subject_pk", "pillar", "severity", "status", "core_gate")
    for kind, pk, *weight in Finding.objects.filter(host=host).order_by().values_list(*columns):
        found.setdefault((kind, pk), []).append(Weight(*weight))
    return found


def _save_alike(containers: Sequence[Container]) -> None:
    """One UPDATE for all that got the same verdict; bulk_update would spell out a condition for each value."""
    alike: dict[tuple[Any, ...], list[int]] = {}
    for row in containers:
        alike.setdefault(tuple(getattr(row, name) for name in JUDGED_FIELDS), []).append(row.pk)
    for values, pks in alike.items():
        Container.objects.filter(pk__in=pks).update(**dict(zip(JUDGED_FIELDS, values, strict=True)))


def _doubted(*, image: bool, networks: bool, volumes: bool, silent: frozenset[str]) -> set[str]:
    """Pillars whose evidence was seen once and comes from an endpoint that has not answered for too long.

    What was never seen is no stale evidence: of that the gates decide.
    """
    seen = {"images/json": ("trust", image), "networks": ("network", networks), "volumes": ("state", volumes)}
    return {pillar for endpoint, (pillar, used) in seen.items() if used and endpoint in silent}


def set_verdict(judged: Judged, findings: Sequence[Weighed], now: datetime, *, doubted: Iterable[str] = ()) -> bool:
    """Fills the verdict, the six pillar verdicts and the counts of failing findings; whether any of it changed.

    With a doubted pillar nothing is better than unknown; what is worse stays so.
    """
    before = _told(judged)
    told = any(finding.status in {Status.PASS, Status.FAIL} for finding in findings)
    # Something that no rule could say anything of, such as a container still being made, is not ready for that.
    judged.verdict = verdict_of(findings).value if told else Verdict.UNKNOWN.value
    for pillar, verdict in pillars_of(findings).items():
        setattr(judged, f"verdict_{pillar.value}", verdict.value)
    for name in {"verdict", *(f"verdict_{pillar}" for pillar in doubted)} if doubted else ():
        setattr(judged, name, worst_of((getattr(judged, name), Verdict.UNKNOWN)).value)
    failing = Counter(finding.severity for finding in findings if finding.status == Status.FAIL)
    judged.failing_critical = failing[Severity.CRITICAL.value]
    judged.failing_high = failing[Severity.HIGH.value]
    judged.failing_medium = failing[Severity.MEDIUM.value]
    judged.unknown_findings = sum(1 for finding in findings if finding.status == Status.UNKNOWN)
    if judged.judged_at is not None and _told(judged) == before:
        return False
    judged.judged_at = now
    return True


def _told(judged: Judged) -> tuple[object, ...]:
    return tuple(getattr(judged, name) for name in JUDGED_FIELDS if name != "judged_at")
