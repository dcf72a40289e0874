"""A pack on paper: a PDF that a risk manager can file, made by a library and without any browser."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from fleet.evidence.packing import worst_first
from fleet.evidence.words import Words

_INK, _QUIET, _LINE = colors.HexColor("#10202f"), colors.HexColor("#4a5b6b"), colors.HexColor("#dfe4e4")
_TONES: Final = {
    "ready": "#17795e", "at-risk": "#a86400", "not-ready": "#b3261e", "unknown": "#62707c",
}  # fmt: skip
#: A verdict is a shape and a word besides its colour; these shapes are in the built-in fonts of every PDF reader.
_MARKS: Final = {"ready": "o", "at-risk": "/\\", "not-ready": "x", "unknown": "?"}
_BASE = ParagraphStyle("base", fontName="Helvetica", fontSize=9, leading=12, textColor=_INK, alignment=TA_LEFT)
_SMALL = ParagraphStyle("small", parent=_BASE, fontSize=7.5, leading=9.5, textColor=_QUIET)
_CELL = ParagraphStyle("cell", parent=_BASE, fontSize=7.5, leading=9.5)
_CODE = ParagraphStyle("code", parent=_CELL, fontName="Courier", fontSize=6.8, leading=8.6)
_TITLE = ParagraphStyle("title", parent=_BASE, fontName="Helvetica-Bold", fontSize=18, leading=22)
_HEAD = ParagraphStyle(
    "head", parent=_BASE, fontName="Helvetica-Bold", fontSize=11, leading=14, spaceBefore=10, spaceAfter=4
)
_VERDICTS: Final = {
    verdict: ParagraphStyle(verdict, parent=_CELL, fontName="Helvetica-Bold", textColor=colors.HexColor(tone))
    for verdict, tone in _TONES.items()
}
_MOST: Final = 200
_LONGEST: Final = 400


def as_pdf(document: Mapping[str, Any], *, digest: str) -> bytes:
    """A4, with the digest of the pack at the foot of every page."""
    target = io.BytesIO()
    title = f"Evidence: {document['name'] or 'the fleet'}"
    paper = BaseDocTemplate(
        target, pagesize=A4, leftMargin=16 * mm, rightMargin=16 * mm, topMargin=16 * mm, bottomMargin=18 * mm,
        title=title, author="Loadline", subject=f"Pack {digest}",
    )  # fmt: skip
    frame = Frame(
        paper.leftMargin, paper.bottomMargin, paper.width, paper.height, id="page", leftPadding=0, rightPadding=0
    )

    def foot(canvas: Canvas, made: BaseDocTemplate) -> None:
        canvas.setFont("Helvetica", 6.5)
        canvas.setFillColor(_QUIET)
        canvas.drawString(16 * mm, 10 * mm, f"Loadline evidence pack of {document['made_at']}, SHA-256 {digest}")
        canvas.drawRightString(A4[0] - 16 * mm, 10 * mm, f"page {made.page}")

    paper.addPageTemplates([PageTemplate(id="all", frames=[frame], onPage=foot)])
    paper.build(
        [*_front(document, title), *_services(document), *_findings(document), *_waivers(document), *_hosts(document)]
    )
    return target.getvalue()


def _text(value: object, style: ParagraphStyle = _CELL) -> Words:
    """The fonts of every reader have Latin letters; any other is written as its number and so is not lost."""
    text = str(value).encode("cp1252", "backslashreplace").decode("cp1252")
    return Words(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…", style)


def _heads(*words: str) -> list[Any]:
    return [_text(word, _SMALL) for word in words]


def _front(document: Mapping[str, Any], title: str) -> list[Flowable]:
    versions = document["versions"]
    tables = ", ".join(f"{name} of {day}" for name, day in document["tables"].items())
    policy = f"policy {versions['policy']}" if versions["policy"] else "the policy that Loadline begins with"
    failing = sum(1 for row in document["findings"] if row["status"] == "fail" and not row["waiver"])
    waived = sum(1 for row in document["findings"] if row["waiver"])
    unknown = sum(1 for row in document["findings"] if row["status"] == "unknown")
    return [
        _text(title, _TITLE),
        _text(f"Made {document['made_at']} by {document['made_by']}. Rules {versions['rules']}, {policy}.", _BASE),
        Spacer(1, 3 * mm),
        _text(
            f"{len(document['services'])} services on {len(document['hosts'])} hosts; "
            f"{len(document['findings'])} findings, of which {failing} fail, {waived} are accepted as a risk "
            f"and {unknown} cannot be told.",
            _BASE,
        ),
        *_behind(document),
        Spacer(1, 2 * mm),
        _text(f"Reference tables: {tables}. CIS numbers are those of {document['benchmark']}.", _SMALL),
    ]


def _behind(document: Mapping[str, Any]) -> list[Flowable]:
    """Hosts whose findings are by what was in force before; packs of older versions do not tell."""
    behind = document.get("behind", [])
    if not behind:
        return []
    hosts = f"{len(behind)} host{'' if len(behind) == 1 else 's'}"
    words = f"Judged by what was in force before, and not by this policy, these rules and these tables: {hosts}"
    return [Spacer(1, 2 * mm), _text(f"{words}, {', '.join(behind)}.", _BASE)]


def _services(document: Mapping[str, Any]) -> list[Flowable]:
    cells = [_heads("Service", "Team", "Stage", "Verdict", "Lowest pillar: score of points told, confidence")]
    cells += [
        [
            _text(one["service"]),
            _text(one["team"] or "nobody"),
            _text(one["stage"]),
            _verdict(one["verdict"]),
            _text(_lowest(one["points"])),
        ]
        for one in document["services"]
    ]
    return [Paragraph("Verdicts", _HEAD), _table(cells, (44, 26, 24, 24, 60))]


def _verdict(verdict: str) -> Words:
    return _text(f"{_MARKS[verdict]} {verdict.replace('-', ' ').capitalize()}", _VERDICTS[verdict])


def _lowest(points: Mapping[str, Mapping[str, Any]]) -> str:
    told = {pillar: row for pillar, row in points.items() if row["score"] is not None}
    if not told:
        return "nothing was told"
    pillar, row = min(told.items(), key=lambda entry: (entry[1]["score"], entry[0]))
    share = f"{row['passed']} of {row['told']}"
    return f"{pillar.capitalize()} {row['score']} ({share}), confidence {row['confidence']}\u00a0%"


def _findings(document: Mapping[str, Any]) -> list[Flowable]:
    titles = {rule["rule"]: rule["title"] for rule in document["rules"]}
    ordered = worst_first(document["findings"])
    found: list[Flowable] = []
    for title, chosen in (
        ("What fails", [r for r in ordered if r["status"] == "fail" and not r["waiver"]]),
        ("Accepted as a risk", [r for r in ordered if r["waiver"]]),
        ("What cannot be told", [r for r in ordered if r["status"] == "unknown"]),
        ("What passes, with its evidence", [r for r in ordered if r["status"] == "pass"]),
    ):
        shown = chosen[:_MOST]
        found += [CondPageBreak(30 * mm), Paragraph(f"{title} ({len(chosen)})", _HEAD)]
        if not chosen:
            found.append(_text("Nothing.", _SMALL))
            continue
        cells = [_heads("Severity", "Rule", "On", "Evidence")]
        cells += [_finding(row, titles) for row in shown]
        found.append(_table(cells, (18, 50, 42, 68)))
        if len(shown) < len(chosen):
            found.append(_text(f"{len(chosen) - len(shown)} more are in the JSON of this pack.", _SMALL))
    return found


def _finding(row: Mapping[str, Any], titles: Mapping[str, str]) -> list[Any]:
    subject = row["subject"]
    where = f" on {subject['host']}" if subject["host"] and subject["kind"] != "host" else ""
    evidence = "\n".join(f"{name} = {_plain(value)}" for name, value in row["evidence"].items())
    cis = f" (CIS {', '.join(row['cis'])})" if row["cis"] else ""
    told = [_text(evidence, _CODE)] if evidence else []
    if row["reason"]:
        told.append(_text(row["reason"], _SMALL))
    return [
        _text(row["severity"]),
        _text(f"{titles.get(row['rule'], row['rule'])}{cis}"),
        _text(f"{subject['kind']} {subject['name'][:70]}{where}, since {row['first_seen'][:10]}"),
        told,
    ]


def _plain(value: object) -> str:
    """As the engine's own JSON has it; text without its quotes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _waivers(document: Mapping[str, Any]) -> list[Flowable]:
    if not document["waivers"]:
        return []
    cells: list[list[Any]] = [
        [_text(cell, _SMALL) for cell in ("Rule", "About", "State and last day", "Reason and control", "By")]
    ]
    for one in document["waivers"]:
        people = ", ".join([f"{one['requested_by']} asked", *(f"{name} approved" for name in one["approved_by"])])
        cells.append(
            [
                _text(one["rule"]),
                _text(one["about"]),
                _text(f"{one['state']}, {one['until']}"),
                _text(f"{one['reason']} Control: {one['control']} {one['ticket']}"),
                _text(people),
            ]
        )
    return [CondPageBreak(30 * mm), Paragraph("Waivers", _HEAD), _table(cells, (34, 32, 28, 56, 28))]


def _hosts(document: Mapping[str, Any]) -> list[Flowable]:
    cells: list[list[Any]] = [
        [_text(cell, _SMALL) for cell in ("Host", "Environment", "Engine and system", "Last answer")]
    ]
    for one in document["hosts"]:
        facts = one["facts"]
        engine = f"{facts.get('kind', '')} {facts.get('engine_version', '')}, {facts.get('operating_system', '')}"
        age = f"{one['answered_at']}{' (too old to count)' if one['stale'] else ''}"
        cells.append([_text(one["host"]), _text(one["environment"]), _text(engine), _text(age)])
    return [
        CondPageBreak(30 * mm),
        Paragraph("Sources: the engines that told it", _HEAD),
        _table(cells, (44, 30, 64, 40)),
    ]


def _table(cells: Sequence[Sequence[Any]], widths: Sequence[float]) -> Table:
    table = Table(list(cells), colWidths=[width * mm for width in widths], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                ("RIGHTPADDING", (0, 0), (-1, -1), 6),
            ]
        )
    )
    return table
