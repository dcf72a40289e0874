"""Waivers: listed for every token, asked for and withdrawn by operators. Approving takes a person who is signed in."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.responses import Status as Answer

from dashboard.api.auth import BearerToken, token_of
from dashboard.api.errors import ApiError, Refusal
from dashboard.api.out import Out
from dashboard.api.paging import Page, Paging, page
from fleet.governance.waivers import Ask, Person, Target, WaiverError, target_of, withdraw
from fleet.governance.waivers import request as request_waiver
from fleet.models import Finding, Waiver
from fleet.readiness.vocabulary import Severity
from fleet.reporting import waiver_as_dict

router = Router(tags=["waivers"])


class WaiverState(StrEnum):
    """Of a waiver as of now: one whose last day has passed is expired, whatever it was before."""

    REQUESTED = "requested"
    ACTIVE = "active"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class WaiverOut(Out):
    id: int
    rule: str
    kind: str = Field(description="service, host, image, network or volume")
    about: str = Field(description="The thing in words.")
    service: str | None
    host: str | None
    environment: str
    severity: Severity = Field(description="What was accepted; a finding that is graver now is not covered.")
    state: WaiverState
    reason: str
    control: str = Field(description="What keeps the risk small meanwhile.")
    ticket: str
    requested_by: str
    requested_at: datetime
    approved_by: list[str]
    until: date = Field(description="Its last day.")
    fingerprints: list[str] = Field(description="Digests of the failing values that are accepted; others are not.")


class WaiverFilters(Schema):
    state: WaiverState | None = None
    rule: str | None = Field(None, description="Slug.")
    service: str | None = Field(None, description="Name or slug.")
    host: str | None = None
    environment: str | None = Field(None, description="Slug.")

    def narrow(self, waivers: QuerySet[Waiver], now: datetime) -> QuerySet[Waiver]:
        if self.state is WaiverState.EXPIRED:
            waivers = waivers.filter(state__in=["requested", "active"], expires_at__lte=now)
        elif self.state:
            waivers = waivers.filter(state=self.state.value)
            if self.state in {WaiverState.REQUESTED, WaiverState.ACTIVE}:
                waivers = waivers.filter(expires_at__gt=now)
        if self.service:
            waivers = waivers.filter(Q(service__name=self.service) | Q(service__slug=self.service))
        for name, field in (("rule", "rule"), ("host", "host__name"), ("environment", "environment")):
            if getattr(self, name):
                waivers = waivers.filter(**{field: getattr(self, name)})
        return waivers


class WaiverIn(Schema):
    """Which failing finding, on which grounds, and who asks. Give as much of where it fails as names one thing."""

    rule: str
    service: str | None = Field(None, description="Name or slug.")
    host: str | None = None
    subject: str | None = Field(None, description="Name or id of the container, image, network or volume.")
    reason: str = Field(max_length=2000)
    control: str = Field(max_length=2000, description="What keeps the risk small meanwhile.")
    ticket: str = Field(max_length=500, description="The address of the ticket that will end it.")
    until: date = Field(description="The last day.")
    requested_by: str = Field(description="User name of the person who asks; somebody else has to approve.")


class Withdrawal(Schema):
    note: str = Field("", max_length=2000)


@router.get("", response=Page[WaiverOut], summary="List waivers")
def list_waivers(request: HttpRequest, filters: Query[WaiverFilters], paging: Query[Paging]) -> Page[WaiverOut]:
    now = timezone.now()
    rows = filters.narrow(Waiver.objects.for_lists(), now)
    return page(request, rows, paging, filters=filters, shape=lambda waiver: _shape(waiver, now))


@router.get("/{pk}", response={200: WaiverOut, 404: Refusal}, summary="One waiver")
def get_waiver(request: HttpRequest, pk: int) -> WaiverOut:
    return _shape(_found(pk), timezone.now())


@router.post(
    "", response={201: WaiverOut, 422: Refusal}, auth=BearerToken("operator"), summary="Ask for a waiver (operator)"
)
def ask_for_waiver(request: HttpRequest, body: WaiverIn) -> Answer[WaiverOut]:
    """It covers nothing until enough other people have approved it on its page."""
    now = timezone.now()
    person = _person(body.requested_by)
    ask = Ask(reason=body.reason, control=body.control, ticket=body.ticket, until=body.until)
    try:
        made = request_waiver(_target(body), ask, person=person, now=now)
    except WaiverError as error:
        raise ApiError(422, "invalid", str(error), field=error.field or None) from None
    return Answer(201, _shape(_found(made.pk), now))


@router.post(
    "/{pk}/withdraw",
    response={200: WaiverOut, 404: Refusal, 409: Refusal},
    auth=BearerToken("operator"),
    summary="Withdraw a waiver (operator)",
)
def withdraw_waiver(request: HttpRequest, pk: int, body: Withdrawal) -> WaiverOut:
    """Asked for or standing; what it covered counts again from the next sweep on."""
    now = timezone.now()
    try:
        withdraw(_found(pk), person=Person(f"token {token_of(request).name}"), note=body.note, now=now)
    except WaiverError as error:
        raise ApiError(409, "decided", str(error)) from None
    return _shape(_found(pk), now)


def _shape(waiver: Waiver, now: datetime) -> WaiverOut:
    return WaiverOut(**waiver_as_dict(waiver, now=now))


def _found(pk: int) -> Waiver:
    waiver = Waiver.objects.for_lists().filter(pk=pk).first() if 0 < pk < 1 << 63 else None
    if waiver is None:
        raise ApiError(404, "not-found", f"There is no waiver {pk}.", field="pk")
    return waiver


def _person(name: str) -> Person:
    """The account a token asks for: without one, nobody could tell whether somebody else approved."""
    user = User.objects.filter(username=name, is_active=True).first() if name.isprintable() else None
    if user is None:
        raise ApiError(422, "invalid", "requested_by: no active account has that name", field="requested_by")
    return Person(user.get_username(), user)


def _target(body: WaiverIn) -> Target:
    """Raises WaiverError when nothing or more than one thing fails there."""
    rows = Finding.objects.with_subjects().failing().filter(rule=body.rule)
    if body.service:
        rows = rows.filter(Q(service__name=body.service) | Q(service__slug=body.service))
    if body.host:
        rows = rows.filter(host__name=body.host)
    if body.subject:
        rows = rows.filter(Q(subject_name=body.subject) | Q(subject_id=body.subject))
    targets = {}
    for finding in rows:
        target = target_of(finding)
        targets[target.kind, target.name, target.environment.slug, target.host] = target
    if not targets:
        raise WaiverError("Nothing fails that rule there.", field="rule")
    if len(targets) > 1:
        names = ", ".join(sorted({f"{kind} {name} in {where}" for kind, name, where, _ in targets}))
        raise WaiverError(f"That names more than one thing: {names[:500]}. Give service, host or subject.")
    return next(iter(targets.values()))
