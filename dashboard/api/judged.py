"""What every judged thing says of itself: its verdict as of now, per pillar, and how old the evidence is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal, TypedDict

from ninja import Field

from dashboard.api.out import Out
from fleet.models import Container, Host, Service
from fleet.models.judged import PILLARS, pillars_judged
from fleet.readiness.vocabulary import Status, Verdict

#: Of a query with `with_verdict_now`, what `judged_plain` takes.
JUDGED_COLUMNS: Final = (
    "verdict_now", "rests_on_stale", "failing_critical", "failing_high", "failing_medium", "unknown_findings",
    *(f"verdict_{pillar}" for pillar in PILLARS),
)  # fmt: skip


class FailingOut(Out):
    """Failing findings by severity, as of the last judgement."""

    critical: int
    high: int
    medium: int


class JudgedOut(Out):
    verdict: Verdict = Field(description="unknown when the evidence is too old to carry a verdict")
    pillars: dict[str, Verdict | Literal["not-applicable"]] = Field(
        description="not-applicable where no rule judges this kind of thing"
    )
    stale: bool
    answered_at: datetime | None = Field(description="When the engine behind the verdict last answered.")
    verdict_age_seconds: int | None = Field(description="Age of that evidence; null when there never was any.")
    failing: FailingOut
    unknown_findings: int


class JudgedParts(TypedDict):
    """The fields of JudgedOut, to be spread into a row's own."""

    verdict: Any
    pillars: dict[str, Any]
    stale: bool
    answered_at: datetime | None
    verdict_age_seconds: int | None
    failing: FailingOut
    unknown_findings: int


def judged_parts(row: Host | Container | Service, *, answered_at: datetime | None, now: datetime) -> JudgedParts:
    """Of a row loaded with `with_verdict_now`."""
    return JudgedParts(
        verdict=getattr(row, "verdict_now"),  # noqa: B009 - annotated by with_verdict_now, unknown to the type
        pillars=row.pillars_now,
        stale=getattr(row, "rests_on_stale"),  # noqa: B009 - the same
        answered_at=whole_second(answered_at),
        verdict_age_seconds=_age(answered_at, now),
        failing=FailingOut(critical=row.failing_critical, high=row.failing_high, medium=row.failing_medium),
        unknown_findings=row.unknown_findings,
    )


def judged_plain(
    kind: type[Host | Container | Service], told: Sequence[Any], *, answered_at: datetime | None, now: datetime
) -> dict[str, Any]:
    """The same fields as plain data, of the values of JUDGED_COLUMNS."""
    verdict, stale, critical, high, medium, unknown, *pillars = told
    judged = pillars_judged(kind.judged_scopes)
    return {
        "verdict": verdict,
        "pillars": {
            pillar: Status.NOT_APPLICABLE.value if pillar not in judged else Verdict.UNKNOWN.value if stale else value
            for pillar, value in zip(PILLARS, pillars, strict=True)
        },
        "stale": stale,
        "answered_at": whole_second(answered_at),
        "verdict_age_seconds": _age(answered_at, now),
        "failing": {"critical": critical, "high": high, "medium": medium},
        "unknown_findings": unknown,
    }


def _age(answered_at: datetime | None, now: datetime) -> int | None:
    return max(0, int((now - answered_at).total_seconds())) if answered_at else None


def whole_second(value: datetime | None) -> datetime | None:
    return value.replace(microsecond=0) if value else None
