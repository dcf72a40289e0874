"""Asking for a waiver, approving it by somebody else, and ending it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from fleet.governance.policy import in_force
from fleet.models import Container, Environment, Finding, Host, Service, Waiver, WaiverApproval
from fleet.models.waiver import WaiverQuerySet
from fleet.readiness import catalogue
from fleet.readiness.vocabulary import Scope, Severity, Stage, Status

#: A critical failure is accepted by two people besides the one who asks.
APPROVALS: Final = {Severity.CRITICAL.value: 2}
_SHORTEST_REASON = 20
#: How much of what was accepted is kept for people to read.
_MOST_EVIDENCE = 50


class WaiverError(Exception):
    """What was asked for cannot be; `field` names the part of the form, empty for the whole."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: an account, or a token under the name of its owner."""

    name: str
    user: User | None = None

    def is_who(self, user_id: int | None, name: str) -> bool:
        """Whether that was this very person; two accounts are told apart by key, else names decide."""
        if self.user is not None and user_id is not None:
            return self.user.pk == user_id
        return self.name == name


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What somebody asks to accept, and on which grounds. `until` is the last day it stands."""

    reason: str
    control: str
    ticket: str
    until: date


@dataclass(frozen=True, slots=True)
class Target:
    """The one thing in one environment that a waiver is about, with the findings that fail there now."""

    rule: str
    kind: str
    environment: Environment
    findings: Sequence[Finding]
    service: Service | None = None
    host: Host | None = None
    subject: str = ""

    @property
    def severity(self) -> str:
        """The worst of what fails."""
        order = [severity.value for severity in Severity]
        return min((finding.severity for finding in self.findings), key=order.index)

    @property
    def name(self) -> str:
        return self.service.name if self.service else self.subject or (self.host.name if self.host else "")


def target_of(finding: Finding) -> Target:
    """What a waiver of this finding would be about: containers come and go, so theirs is about their service.

    Raises WaiverError when it does not fail or belongs to no service.
    """
    if finding.status != Status.FAIL.value:
        raise WaiverError("Only a failing finding can be accepted; this one does not fail.")
    same = Finding.objects.failing().filter(rule=finding.rule)
    if finding.subject_kind in {Scope.CONTAINER.value, Scope.SERVICE.value}:
        service = finding.service
        if service is None:
            raise WaiverError("This container belongs to no service, and a waiver is about a service.")
        environment = finding.host.environment if finding.host else _environment_of(service)
        here = Q(host__environment=environment) | Q(subject_kind=Scope.SERVICE.value)
        return Target(finding.rule, "service", environment, list(same.filter(here, service=service)), service=service)
    if finding.host is None:
        raise WaiverError("This finding is about nothing that a waiver could name.")
    environment = finding.host.environment
    if finding.subject_kind == Scope.HOST.value:
        rows = list(same.filter(subject_kind="host", host=finding.host))
        return Target(finding.rule, "host", environment, rows, host=finding.host)
    here = Q(subject_kind=finding.subject_kind)
    if finding.subject_kind == Scope.IMAGE.value:
        rows = list(same.filter(here, subject_id=finding.subject_id, host__environment=environment))
        return Target(finding.rule, "image", environment, rows, subject=finding.subject_id)
    rows = list(same.filter(here, subject_name=finding.subject_name, host=finding.host))
    return Target(
        finding.rule, finding.subject_kind, environment, rows, host=finding.host, subject=finding.subject_name
    )


def _environment_of(service: Service) -> Environment:
    carrying = Container.objects.present().filter(service=service, carries_verdict=True)
    row = carrying.select_related("host__environment").defer("facts").first()
    if row is None:
        raise WaiverError("Nothing of this service runs, so there is nothing to accept.")
    return row.host.environment


def longest(severity: str) -> int:
    """How many days a waiver of that severity may last, by the policy in force."""
    return int(getattr(in_force().policy.waiver_days, severity))


def request(target: Target, ask: Ask, *, person: Person, now: datetime) -> Waiver:
    """Writes the request down; nothing is accepted before somebody else approves. Raises WaiverError."""
    _may_be_waived(target)
    _complete(ask)
    expires = datetime.combine(ask.until + timedelta(days=1), time.min, tzinfo=now.tzinfo)
    if expires <= now:
        raise WaiverError("The last day lies in the past.", field="until")
    days = longest(target.severity)
    if expires > now + timedelta(days=days + 1):
        latest = (now + timedelta(days=days)).date()
        raise WaiverError(
            f"A {target.severity} finding may be accepted for {days} days at most: until {latest.isoformat()}.",
            field="until",
        )
    if _same(target).filter(Q(state="requested") | Q(state="active", expires_at__gt=now)).exists():
        raise WaiverError("There is a waiver of this rule on it already, asked for or standing; end that one first.")
    return Waiver.objects.create(
        rule=target.rule,
        kind=target.kind,
        service=target.service,
        host=target.host,
        subject=target.subject,
        environment=target.environment.slug,
        severity=target.severity,
        fingerprints=sorted({finding.fingerprint for finding in target.findings}),
        evidence=_accepted(target.findings),
        reason=ask.reason.strip(),
        control=ask.control.strip(),
        ticket=ask.ticket.strip(),
        requested_by=person.user,
        requester=person.name,
        requested_at=now,
        expires_at=expires,
        approvals_needed=APPROVALS.get(target.severity, 1),
    )


def _same(target: Target) -> WaiverQuerySet:
    return Waiver.objects.filter(
        rule=target.rule,
        kind=target.kind,
        service=target.service,
        host=target.host,
        subject=target.subject,
        environment=target.environment.slug,
    )


def _may_be_waived(target: Target) -> None:
    if not target.findings:
        raise WaiverError("Nothing fails there any more, so there is nothing to accept.")
    rule = catalogue.by_slug().get(target.rule)
    stage = Stage(target.environment.stage)
    if rule is not None and any(rule.must_be_mended(stage, target.severity, one.evidence) for one in target.findings):
        raise WaiverError(f"{rule.title}: this cannot be accepted in {target.environment.name.lower()}, only mended.")


def _complete(ask: Ask) -> None:
    if len(ask.reason.strip()) < _SHORTEST_REASON:
        raise WaiverError("Say in a sentence why this has to be accepted.", field="reason")
    if len(ask.control.strip()) < _SHORTEST_REASON:
        raise WaiverError("Say in a sentence what keeps the risk small meanwhile.", field="control")
    if not ask.ticket.strip().startswith(("https://", "http://")):
        raise WaiverError("Give the address of the ticket that will end this, beginning with https://.", field="ticket")


def _accepted(findings: Sequence[Finding]) -> list[dict[str, object]]:
    return [
        {
            "subject": finding.subject_name,
            "host": finding.host.name if finding.host else "",
            "evidence": finding.evidence,
        }
        for finding in findings[:_MOST_EVIDENCE]
    ]


def approve(waiver: Waiver, *, person: Person, note: str = "", now: datetime) -> Waiver:
    """One more yes; with enough of them the waiver stands. Raises WaiverError for the one who asked."""
    with transaction.atomic():
        waiver = Waiver.objects.select_for_update().get(pk=waiver.pk)
        if waiver.state != "requested":
            raise WaiverError(f"This waiver is {waiver.get_state_display().lower()}; it cannot be approved any more.")
        if waiver.expires_at <= now:
            raise WaiverError("Its last day has passed; it has to be asked for again.")
        if person.is_who(waiver.requested_by_id, waiver.requester):
            raise WaiverError("You asked for this waiver; somebody else has to approve it.")
        if any(person.is_who(one.approver_id, one.name) for one in waiver.approvals.all()):
            raise WaiverError("You have approved it already; another person has to, too.")
        WaiverApproval.objects.create(waiver=waiver, approver=person.user, name=person.name, at=now, note=note.strip())
        if waiver.approvals.count() >= waiver.approvals_needed:
            waiver.state, waiver.decided_at = "active", now
            waiver.save(update_fields=["state", "decided_at"])
    return waiver


def reject(waiver: Waiver, *, person: Person, note: str, now: datetime) -> Waiver:
    """Somebody else's no. Raises WaiverError."""
    if person.is_who(waiver.requested_by_id, waiver.requester):
        raise WaiverError("You asked for this waiver; withdraw it instead.")
    return _end(waiver, "rejected", {"requested"}, person=person, note=note, now=now)


def withdraw(waiver: Waiver, *, person: Person, note: str = "", now: datetime) -> Waiver:
    """Ends it, asked for or standing; the finding counts again from the next sweep on. Raises WaiverError."""
    return _end(waiver, "withdrawn", {"requested", "active"}, person=person, note=note, now=now)


def _end(waiver: Waiver, state: str, from_states: set[str], *, person: Person, note: str, now: datetime) -> Waiver:
    with transaction.atomic():
        waiver = Waiver.objects.select_for_update().get(pk=waiver.pk)
        if waiver.state not in from_states:
            raise WaiverError(f"This waiver is {waiver.get_state_display().lower()} already.")
        waiver.state, waiver.decided_at, waiver.ended_by, waiver.ended_note = state, now, person.name, note.strip()
        waiver.save(update_fields=["state", "decided_at", "ended_by", "ended_note"])
    return waiver
