"""A finding as plain data, in the one shape that the command line and the API both give."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from fleet.lookup import called, find_host, find_rule, find_service, known_container
from fleet.models import Container, Finding, Host, Waiver
from fleet.models.answers import Answers
from fleet.readiness import catalogue
from fleet.readiness.rule import CIS_BENCHMARK, CIS_VERSION, AnyRule


def finding_as_dict(finding: Finding, *, now: datetime) -> dict[str, Any]:
    """Follows `host` and `service`, so load findings with `Answers.with_subjects()` or `with_names()`.

    `stale` says that the evidence has grown too old to carry a verdict; the status is then what it last was.
    """
    rule = catalogue.by_slug().get(finding.rule)  # None: stored by a version that still had the rule
    host, service = finding.host, finding.service
    cis = cis_of(finding, rule)
    return {
        "rule": rule.slug if rule else finding.rule,
        "catalogue": rule.catalogue if rule else None,
        "pillar": finding.pillar,
        "severity": finding.severity,
        "status": finding.status,
        "subject": {
            "kind": finding.subject_kind,
            "id": finding.subject_id,
            "name": finding.subject_name,
            "host": host.name if host else None,
        },
        "service": service.name if service else None,
        "evidence": finding.evidence,
        "reason": finding.reason,
        "references": list(_references(rule, tuple(cis))) if rule else [],
        "waiver": _waiver(finding.waiver) if finding.waiver else None,
        "first_seen": moment(finding.first_seen),
        "last_seen": moment(_last_seen(finding)),
        "stale": host.is_stale(now) if host else False,
        "cis": cis,
    }


def cis_of(finding: Finding, rule: AnyRule | None) -> list[str]:
    """The CIS numbers that a failure violates, or that the rule is about: those of this finding where it has fewer."""
    if finding.cis is not None:
        return list(finding.cis)
    return list(rule.cis) if rule else []


@lru_cache(maxsize=1024)  # of a hundred rules, most of which have one choice of items
def _references(rule: AnyRule, cis: tuple[str, ...]) -> tuple[str, ...]:
    """The rule's, without items of the benchmark that this finding is not about: a script reads the numbers here."""
    items = {f"{CIS_BENCHMARK} {CIS_VERSION} {number}" for number in cis}
    return tuple(line for line in rule.documentation.references if CIS_BENCHMARK not in line or line in items)


def _waiver(waiver: Waiver) -> dict[str, Any]:
    return {"id": waiver.pk, "until": waiver.last_day.isoformat(), "ticket": waiver.ticket}


def waiver_as_dict(waiver: Waiver, *, now: datetime) -> dict[str, Any]:
    """Of a waiver loaded with `for_lists`. `state` is also expired."""
    over = waiver.state in {"requested", "active"} and waiver.expires_at <= now
    return {
        "id": waiver.pk,
        "rule": waiver.rule,
        "kind": waiver.kind,
        "about": waiver.about,
        "service": waiver.service.name if waiver.service else None,
        "host": waiver.host.name if waiver.host else None,
        "environment": waiver.environment,
        "severity": waiver.severity,
        "state": "expired" if over else waiver.state,
        "reason": waiver.reason,
        "control": waiver.control,
        "ticket": waiver.ticket,
        "requested_by": waiver.requester,
        "requested_at": moment(waiver.requested_at),
        "approved_by": [approval.name for approval in waiver.approvals.all()],
        "until": waiver.last_day.isoformat(),
        "fingerprints": waiver.fingerprints,
    }


def moment(value: datetime | None) -> str | None:
    """To the second and in UTC, as `2026-11-23T20:18:30Z`."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else None


def _last_seen(finding: Finding) -> datetime | None:
    if finding.host is not None:
        return finding.host.answered_at
    # A finding on a service rests on no single host; it was last confirmed when the service was last added up.
    return finding.service.judged_at if finding.service is not None else None


def select_findings(
    *,
    host: str | None = None,
    service: str | None = None,
    container: str | None = None,
    rule: str | None = None,
    status: str | None = None,
) -> Answers:
    """What rules say, by the names people type. Raises UnknownNameError with the nearest names."""
    chosen = Answers().with_subjects()
    if host is not None:
        chosen = chosen.filter(host=find_host(host))
    if service is not None:
        chosen = chosen.filter(service=find_service(service))
    if container is not None:
        chosen = chosen.filter(container__in=Container.objects.filter(called(known_container(container))))
    if rule is not None:
        chosen = chosen.filter(rule=find_rule(rule).slug)
    return chosen.filter(status=status) if status is not None else chosen


def as_text(finding: dict[str, Any]) -> str:
    """A finding on two or three lines of a terminal."""
    subject = finding["subject"]
    where = f" on {subject['host']}" if subject["host"] and subject["kind"] != "host" else ""
    age = ", evidence is stale" if finding["stale"] else ""
    head = f"{finding['status']:<14} {finding['severity']:<8} {finding['rule']}"
    lines = [head, f"    {subject['kind']} {subject['name']}{where}{age}"]
    if finding["reason"]:
        lines.append(f"    {finding['reason']}")
    lines += [f"    {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in finding["evidence"].items()]
    return "\n".join(lines)


def host_as_dict(host: Host, *, now: datetime) -> dict[str, Any]:
    """Of a host loaded with `with_verdict_now`; no credential is in it."""
    return {
        "name": host.name,
        "url": host.url,
        "engine": host.engine,
        "environment": host.environment.slug,
        "team": host.team,
        "enabled": host.enabled,
        "simulated": host.simulated,
        "verdict": getattr(host, "verdict_now"),  # noqa: B009 - annotated, unknown to the type
        "stale": host.is_stale(now),
        "answered_at": moment(host.answered_at),
        "error": host.error or None,
        "containers": host.containers_total,
        "containers_running": host.containers_running,
    }


def host_as_text(host: Host, *, now: datetime) -> str:
    """A host on one line of a terminal."""
    shaped = host_as_dict(host, now=now)
    state = shaped["error"] or (f"answered {shaped['answered_at']}" if host.answered_at else "not swept yet")
    mark = " (simulated)" if host.simulated else ""
    where = f"{host.environment.slug}{f', {host.team}' if host.team else ''}"
    return f"{shaped['verdict']:<10} {host.name}{mark}  {host.url}  {where}  {state}"
