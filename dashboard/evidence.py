"""A pack's document as its page and its CSV show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import tablib

from dashboard.findings import evidence_pairs
from dashboard.sheets import harmless
from fleet.evidence.packing import worst_first
from fleet.models.finding import WAIVED
from fleet.readiness.vocabulary import Status

#: Rows of a section that the page shows; the files have all of them.
MOST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    severity: str
    status: str
    title: str
    subject: str
    kind: str
    host: str
    service: str
    cis: str
    evidence: tuple[tuple[str, str], ...]
    reason: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    title: str
    count: int
    rows: list[Row]

    @property
    def left(self) -> int:
        return self.count - len(self.rows)


def sections(document: Mapping[str, Any]) -> list[Section]:
    """What fails, what is accepted, what cannot be told and what passes."""
    titles = {rule["rule"]: rule["title"] for rule in document["rules"]}
    ordered = worst_first(document["findings"])
    chosen = {
        "What fails": [row for row in ordered if row["status"] == Status.FAIL.value and not row["waiver"]],
        "Accepted as a risk": [row for row in ordered if row["waiver"]],
        "What cannot be told": [row for row in ordered if row["status"] == Status.UNKNOWN.value],
        "What passes, with its evidence": [row for row in ordered if row["status"] == Status.PASS.value],
    }
    return [
        Section(title=title, count=len(rows), rows=[_row(row, titles) for row in rows[:MOST]])
        for title, rows in chosen.items()
    ]


def _row(row: Mapping[str, Any], titles: Mapping[str, str]) -> Row:
    subject = row["subject"]
    return Row(
        severity=row["severity"],
        status=WAIVED if row["waiver"] else row["status"],
        title=titles.get(row["rule"], row["rule"]),
        subject=subject["name"],
        kind=subject["kind"],
        host=subject["host"] or "",
        service=row["service"] or "",
        cis=", ".join(row["cis"]),
        evidence=evidence_pairs(row["evidence"]),
        reason=row["reason"],
        since=row["first_seen"][:10],
    )


_COLUMNS: Final = (
    "status", "severity", "rule", "catalogue", "cis", "pillar", "kind", "subject", "host", "service", "evidence",
    "reason", "waiver", "first_seen", "last_seen",
)  # fmt: skip


def findings_csv(document: Mapping[str, Any]) -> str:
    """Every finding of the pack, a row each; no cell is taken for a formula."""
    sheet = tablib.Dataset(headers=_COLUMNS)
    for row in worst_first(document["findings"]):
        subject = row["subject"]
        evidence = "; ".join(f"{name} = {value}" for name, value in evidence_pairs(row["evidence"]))
        waiver = f"{row['waiver']['id']} until {row['waiver']['until']}" if row["waiver"] else ""
        cells = (
            WAIVED if row["waiver"] else row["status"], row["severity"], row["rule"], row["catalogue"],
            ", ".join(row["cis"]), row["pillar"], subject["kind"], subject["name"], subject["host"], row["service"],
            evidence, row["reason"], waiver, row["first_seen"], row["last_seen"],
        )  # fmt: skip
        sheet.append([harmless(cell) for cell in cells])
    exported: str = sheet.export("csv")
    return exported
