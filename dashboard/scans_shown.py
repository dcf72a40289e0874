"""Scanners' reports as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dashboard.lists import address
from fleet.inventory import ImageReference
from fleet.proving import Fate, Received
from fleet.proving.scans import Matched, is_stale
from fleet.trust.scan import Scan, Severity

_TONES: Final = {
    Severity.CRITICAL: "not-ready",
    Severity.HIGH: "not-ready",
    Severity.MEDIUM: "at-risk",
    Severity.LOW: "notice",
    Severity.NEGLIGIBLE: "not-applicable",
    Severity.UNKNOWN: "unknown",
}
#: Of the worst holes, on a page.
_MOST_SHOWN: Final = 20
_FATES: Final = {
    Fate.NEW: "",
    Fate.NEWER: "It replaces the older report of this scanner on this image.",
    Fate.SAME: "This very report is kept already, so there is nothing to store.",
    Fate.OLDER: "A newer report of this scanner on this image is kept, so this one would not count.",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a report says, in one mark and one sentence: `tone` is the name of a mark."""

    tone: str
    word: str
    why: str


def said(scan: Scan, now: datetime, days: int) -> Said:
    """As the rule judges it."""
    if is_stale(scan.as_of, now, days):
        what = "The report" if scan.as_of == scan.made_at else "The database it was made with"
        return Said("unknown", "Stale", f"{what} is older than {days} days, so it says nothing of today: scan again.")
    critical, high = scan.count(Severity.CRITICAL).fixable, scan.count(Severity.HIGH).fixable
    if critical or high:
        parts = [f"{number} {word}" for number, word in ((critical, "critical"), (high, "high")) if number]
        return Said("not-ready", "Fails", f"{' and '.join(parts)} with a fix: rebuild on a base that has it.")
    if not scan.recognised:
        return Said("unknown", "Says nothing", "The scanner knew nothing of what is inside, so that it found nothing.")
    if scan.ended:
        system = scan.system or "The distribution"
        return Said("unknown", "Says nothing", f"{system} is mended by nobody any more, so that no hole has a fix.")
    return Said("ready", "Passes", "Nothing critical or high that has a fix.")


@dataclass(frozen=True, slots=True)
class Row:
    """One severity's numbers."""

    severity: str
    tone: str
    holes: int
    fixable: int

    @property
    def without(self) -> int:
        return self.holes - self.fixable


def rows(scan: Scan) -> list[Row]:
    """Critical and high always, the others where there are any."""
    shown = (scan.count(one) for one in Severity)
    return [
        Row(one.severity.value, _TONES[one.severity], one.holes, one.fixable)
        for one in shown
        if one.holes or one.severity in {Severity.CRITICAL, Severity.HIGH}
    ]


@dataclass(frozen=True, slots=True)
class Where:
    """An image that is the one that was scanned, as hosts call it; `url` lists its containers."""

    name: str
    containers: int
    url: str


def where(matched: Matched) -> list[Where]:
    return [Where(name, number, _containers(name)) for name, number in matched.names]


def _containers(name: str) -> str:
    reference = ImageReference.parse(name)
    return address("containers", image=reference.full_repository) if reference is not None else ""


def told(scan: Scan, matched: Matched, now: datetime, days: int) -> dict[str, object]:
    """What the preview and the page of a report have in common."""
    return {
        "scan": scan,
        "said": said(scan, now, days),
        "rows": rows(scan),
        "worst": [(one, _TONES[one.severity]) for one in scan.worst[:_MOST_SHOWN]],
        "hidden": scan.holes - len(scan.worst[:_MOST_SHOWN]),
        "matched": matched,
        "where": where(matched),
    }


def fate_told(received: Received) -> str:
    return _FATES[received.fate]
