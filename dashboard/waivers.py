"""Waivers as pages show them: under which heading, covering how much, and what the reader may do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse

from dashboard.lists import address
from dashboard.roles import is_operator
from fleet.governance.auditing import Audit, Uncovered, all_uncovered_by, uncovered_by
from fleet.models import Waiver
from fleet.readiness.catalogue import by_slug

HEADINGS: Final = {
    "waiting": ("Waiting for approval", "Nothing is accepted before somebody else has approved it."),
    "expiring": ("About to end", "They cover something and end within two weeks: mend it, or ask again."),
    "in_use": ("Accepted risks", "They cover what fails, and it stays visible."),
    "coming": ("Approved just now", "They cover what fails from the next sweep on."),
    "outgrown": (
        "Outgrown",
        "What they accept has become graver since it was approved, so they cover nothing: ask anew, or mend it.",
    ),
    "lapsed": ("Lapsed", "What fails now has another value than the one that was accepted, so they cover nothing."),
    "unused": ("Unused", "Nothing fails where they stand; withdraw them."),
    "expired": ("Expired", "Their last day has passed; what they covered counts again."),
    "ended": ("Rejected and withdrawn", "Kept for the record."),
}


#: Waivers of each heading where all headings stand.
FEW: Final = 25

_ACCEPTED: Final = (
    ("What would be accepted", "a finding with another value would not"),
    ("What was accepted", "a finding with another value is not covered"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverRow:
    waiver: Waiver
    title: str
    url: str
    about: str
    covered: int
    uncovered: str  # what fails there all the same, and why it is not covered
    ended: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """`left` is how many more there are than `rows`; `url` leads to all of them."""

    title: str
    note: str
    rows: list[WaiverRow]
    left: int
    url: str


def headings(found: Audit, now: datetime) -> list[Heading]:
    """Headings that have a waiver, in the order in which somebody has to act, with the first waivers of each."""
    parts = {key: rows[:FEW] for key in HEADINGS if (rows := getattr(found, key))}
    return _headings(found, parts, now)


def one_heading(found: Audit, key: str, rows: Sequence[Waiver], now: datetime) -> list[Heading]:
    """One of them with these of its waivers."""
    return [replace(one, left=0) for one in _headings(found, {key: rows}, now)]


def _headings(found: Audit, parts: Mapping[str, Sequence[Waiver]], now: datetime) -> list[Heading]:
    keys = [one.pk for rows in parts.values() for one in rows]
    told = Waiver.objects.for_headings().in_bulk(keys)
    uncovered = all_uncovered_by([one for one in told.values() if one.stands(now)])
    return [
        Heading(
            title=HEADINGS[key][0],
            note=HEADINGS[key][1],
            rows=[_row(told[one.pk], found, uncovered, now) for one in rows if one.pk in told],
            left=len(getattr(found, key)) - len(rows),
            url=address("waivers", heading=key),
        )
        for key, rows in parts.items()
    ]


def _row(waiver: Waiver, found: Audit, uncovered: Mapping[int, Uncovered], now: datetime) -> WaiverRow:
    return WaiverRow(
        waiver=waiver,
        title=title_of(waiver),
        url=reverse("waiver", args=[waiver.pk]),
        about=waiver.about,
        covered=found.covered.get(waiver.pk, 0),
        uncovered="; ".join(_left_out(waiver, uncovered.get(waiver.pk, Uncovered()))),
        ended="ended" if waiver.expires_at <= now else "ends",
    )


def _left_out(waiver: Waiver, uncovered: Uncovered) -> list[str]:
    """Why findings in its place count all the same, a part of a sentence for each reason."""
    found = []
    if number := uncovered.graver:
        verb = "is" if number == 1 else "are"
        found.append(f"{number} {verb} {uncovered.severity} now and {waiver.severity} was accepted")
    if number := uncovered.other_values:
        found.append(f"{number} {'has another value' if number == 1 else 'have other values'}")
    return found


def title_of(waiver: Waiver) -> str:
    rule = by_slug().get(waiver.rule)
    return rule.title if rule else waiver.rule


def waiver_facts(waiver: Waiver, *, now: datetime, user: User | AnonymousUser) -> dict[str, Any]:
    """The context of a waiver's own page."""
    own = user.is_authenticated and waiver.requested_by_id == user.pk
    approvals = list(waiver.approvals.all())
    done = any(one.approver_id == user.pk for one in approvals)
    operator = is_operator(user)
    waiting = waiver.state == "requested" and waiver.expires_at > now
    covered = waiver.findings.count()
    uncovered = uncovered_by(waiver) if waiver.stands(now) else Uncovered()
    return {
        "title": title_of(waiver),
        "rule_url": reverse("rule", args=[waiver.rule]),
        "about_url": _about_url(waiver),
        "approvals": approvals,
        "missing": max(0, waiver.approvals_needed - len(approvals)) if waiver.state == "requested" else 0,
        "covered": covered,
        "uncovered": uncovered,
        "accepted": _ACCEPTED[waiver.state != "requested"],
        "graver_title": "It does not cover all of it any more." if covered else "It covers nothing any more.",
        "stands": waiver.stands(now),
        "over": waiver.expires_at <= now,
        "may_approve": operator and waiting and not own and not done,
        "may_withdraw": operator and waiver.state in {"requested", "active"},
        "own": own,
        "done": done,
    }


def _about_url(waiver: Waiver) -> str:
    if waiver.service is not None:
        return reverse("service", args=[waiver.service.slug])
    return reverse("host", args=[waiver.host.name]) if waiver.host is not None else ""
