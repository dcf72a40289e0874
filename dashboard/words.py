"""How a verdict, a status, a severity and a pillar are said and drawn, once for every page."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from fleet.models.finding import WAIVED
from fleet.readiness.vocabulary import Pillar, Severity, Stage, Status, Verdict

VERDICTS: Final = {
    Verdict.READY: "Ready",
    Verdict.AT_RISK: "At risk",
    Verdict.NOT_READY: "Not ready",
    Verdict.UNKNOWN: "Unknown",
}
STATUSES: Final = {
    Status.FAIL: "Fails",
    Status.UNKNOWN: "Unknown",
    Status.PASS: "Passes",
    Status.NOT_APPLICABLE: "Not applicable",
}
SEVERITIES: Final = {
    Severity.CRITICAL: "Critical",
    Severity.HIGH: "High",
    Severity.MEDIUM: "Medium",
    Severity.LOW: "Low",
    Severity.INFO: "Info",
}
PILLARS: Final = {
    Pillar.NETWORK: "Network",
    Pillar.STATE: "State",
    Pillar.TRUST: "Trust",
    Pillar.RUNTIME: "Runtime",
    Pillar.RESILIENCE: "Resilience",
    Pillar.HARDENING: "Hardening",
}
#: What stands beside the pillars: rules of adoption count in the whole verdict and have no verdict of their own.
AREAS: Final = {**PILLARS, Pillar.ADOPTION: "Adoption"}
STAGES: Final = {
    Stage.NONE: "Not in containers",
    Stage.EXPERIMENT: "Experiment",
    Stage.STAGING: "Staging",
    Stage.PRODUCTION: "Production",
}

#: A command and a remark of together more letters wrap in the boxes that stand side by side.
_WIDE: Final = 48
_TASK_ID: Final = re.compile(r"\.([a-z0-9]{5})[a-z0-9]{20}(?=\.|$)")

# A failing finding is drawn as the verdict it leads to; below high it moves no verdict and has a mark of its own.
_FAIL_TONES: Final = {Severity.CRITICAL: "not-ready", Severity.HIGH: "at-risk"}
_STATUS_TONES: Final = {Status.PASS: "ready", Status.UNKNOWN: "unknown", Status.NOT_APPLICABLE: "not-applicable"}


def thin(value: int) -> str:
    """6312 as `6 312`, with a narrow space that does not break."""
    return f"{value:,}".replace(",", "\u202f")


def short_name(name: str) -> str:
    """A container's name without the long ids that swarm puts behind its service: `web.2.f9k2a…`."""
    return _TASK_ID.sub(r".\1…", name)


def command_text(text: str) -> str:
    """A command with its remark on a line of its own, lest a narrow box break the line inside the remark."""
    return "\n".join(line.replace("   # ", "\n# ", 1) if len(line) > _WIDE else line for line in text.splitlines())


def counted(number: int, noun: str) -> str:
    """`1 service`, `2 services`, `6 312 containers`."""
    return f"{thin(number)} {noun}{'' if number == 1 else 's'}"


def day_word(day: date, *, year: bool = False) -> str:
    """`3 Nov`, or `3 Nov 2026`."""
    return f"{day.day} {day:%b}{f' {day.year}' if year else ''}"


def verdict_word(value: str) -> str:
    return VERDICTS[Verdict(value)]


def status_word(value: str) -> str:
    return "Waived" if value == WAIVED else STATUSES[Status(value)]


def status_tone(status: str, severity: str | None) -> str:
    """The name of the mark and the colour: a verdict's, or `notice`, `waived`, `not-applicable`."""
    if status == WAIVED:
        return WAIVED
    if Status(status) is Status.FAIL:
        return _FAIL_TONES.get(Severity(severity), "notice") if severity else "not-ready"
    return _STATUS_TONES[Status(status)]
