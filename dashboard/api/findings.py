"""Findings: what the rules say, each in the shape that the command line gives too."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router

from dashboard.api.filters import FindingFilters
from dashboard.api.out import Out
from dashboard.api.paging import Page, Paging, page_of_answers, refuse_unknown, written
from fleet.models.answers import Answers
from fleet.readiness.vocabulary import Pillar, Scope, Severity, Status
from fleet.reporting import finding_as_dict

router = Router(tags=["findings"])


class SubjectOut(Out):
    kind: Scope
    id: str
    name: str
    host: str | None


class CoveringWaiverOut(Out):
    id: int
    until: date = Field(description="Its last day.")
    ticket: str


class FindingOut(Out):
    rule: str
    catalogue: str | None
    pillar: Pillar
    severity: Severity
    status: Status
    subject: SubjectOut
    service: str | None
    evidence: dict[str, Any] = Field(description="The engine's own field names with the values found.")
    reason: str
    references: list[str] = Field(description="The rule's sources; of the CIS benchmark only the items in `cis`.")
    waiver: CoveringWaiverOut | None = Field(description="What accepts this failure; null where nothing does.")
    first_seen: datetime = Field(description="Since when the status has been this.")
    last_seen: datetime | None
    stale: bool = Field(description="The evidence is too old to carry a verdict.")
    cis: list[str] = Field(description="Items of the CIS Docker Benchmark: those that a failure violates.")


@router.get("", response=Page[FindingOut], summary="List findings")
def list_findings(request: HttpRequest, filters: Query[FindingFilters], paging: Query[Paging]) -> HttpResponse:
    now = timezone.now()
    refuse_unknown(request, {*type(filters).model_fields, *Paging.model_fields})
    found, following = page_of_answers(filters.narrow(Answers().with_names()), paging)
    return written([finding_as_dict(one, now=now) for one in found], following)
