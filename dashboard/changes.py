"""Changes as pages show them: from what to what, since when, how often, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import tablib
from django.http import HttpResponse

from dashboard.lists import page_of
from dashboard.sheets import harmless
from dashboard.words import status_word, verdict_word
from fleet.models import Change
from fleet.models.change import TRUST, VERDICT
from fleet.readiness.catalogue import by_slug
from fleet.readiness.vocabulary import Status
from fleet.trust.states import GREY, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    at: datetime
    before: str
    after: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One change; `before` and `after` are verdicts, statuses or states of trust, with their words. `better` None: back
    where it was, and `before` is then what it was in between.
    """

    name: str
    url: str
    kind: str
    title: str
    rule_url: str
    severity: str
    before: str
    after: str
    before_word: str
    after_word: str
    before_status: str
    after_status: str
    better: bool | None
    cause: str
    at: datetime
    first_at: datetime
    flips: int
    flapping: bool
    history: list[Flip]


#: What is proven of an image is called by the name of its state, as docs/trust.md has it.
_WORDS: Mapping[str, Callable[[str], str]] = {VERDICT: verdict_word, TRUST: str}


def change_rows(changes: Iterable[Change]) -> list[ChangeRow]:
    """Of rows from `with_subjects`."""
    return [_row(change) for change in changes]


def _row(change: Change) -> ChangeRow:
    word = _WORDS.get(change.kind, status_word)
    rule = by_slug().get(change.rule)
    # Back where it began, it shows what it was in between: "passes, became passes" says nothing.
    before = change.history[-1][1] if change.before == change.after and change.history else change.before
    url = ""
    if change.service is not None:
        url = page_of("service", change.service.slug)
    elif change.host is not None:
        url = page_of("host", change.host.name)
    return ChangeRow(
        name=change.subject_name,
        url=url,
        kind=change.kind,
        title=f"Trust in {change.about}" if change.kind == TRUST else rule.title if rule else change.rule,
        rule_url=page_of("rule", change.rule) if change.rule else "",
        severity=change.severity,
        before=before,
        after=change.after,
        before_word=word(before),
        after_word=word(change.after),
        before_status=_status(change.kind, before),
        after_status=_status(change.kind, change.after),
        better=change.better,
        cause=change.cause,
        at=change.at,
        first_at=change.first_at,
        flips=change.flips,
        flapping=change.flapping,
        history=[
            Flip(at=datetime.fromisoformat(at), before=word(before), after=word(after), cause=cause)
            for at, before, after, cause in reversed(change.history)
        ],
    )


def _status(kind: str, value: str) -> str:
    """What a state of trust is to the rule about signatures, by which it is drawn; a status itself."""
    if kind != TRUST:
        return value
    if value == State.VERIFIED.value:
        return Status.PASS.value
    return Status.UNKNOWN.value if value in {one.value for one in GREY} else Status.FAIL.value


def changes_csv(changes: Iterable[Change]) -> HttpResponse:
    """All of them, a row each; no cell is taken for a formula."""
    columns = (
        "at",
        "first_at",
        "flips",
        "kind",
        "service",
        "host",
        "rule",
        "severity",
        "before",
        "after",
        "cause",
        "about",
    )
    sheet = tablib.Dataset(headers=columns)
    for one in changes:
        service, host = (one.service.name if one.service else ""), (one.host.name if one.host else "")
        cells = (one.at.isoformat(), one.first_at.isoformat(), one.flips, one.kind, service, host)
        sheet.append(
            [harmless(cell) for cell in (*cells, one.rule, one.severity, one.before, one.after, one.cause, one.about)]
        )
    response = HttpResponse(sheet.export("csv"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="changes.csv"'
    return response
