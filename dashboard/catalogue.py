"""What pages show of a service's entry: its stage and who says so, its links, and who changed what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dashboard.words import STAGES
from fleet.catalogue.entry import is_address
from fleet.models import Service
from fleet.readiness.vocabulary import Stage

_LINKS: Final = (("runbook", "Runbook"), ("oncall", "On call"), ("source_url", "Source"))
_FIELDS: Final = {
    "name": "name", "team": "team", "tier": "tier", "stage": "declared stage", "runbook": "runbook",
    "oncall": "on call", "source_url": "source", "in the catalogue": "in the catalogue",
}  # fmt: skip
_WORDS: Final = {"True": "yes", "False": "no"}


def stage_cell(service: Service) -> SafeString | str:
    """The stage in words; one that people declared says so, as it is no evidence."""
    word = STAGES[Stage(service.stage_told)]
    if not service.stage_is_declared:
        return word
    return format_html('{} <span class="muted" title="No container tells; a person said so.">declared</span>', word)


def link_to(text: str) -> str:
    """Where a link of the entry leads; empty for a text that is no address."""
    if is_address(text):
        return text
    name, at, domain = text.partition("@")
    return f"mailto:{text}" if at and name and "." in domain and " " not in text else ""


def links(service: Service) -> list[tuple[str, str, str]]:
    """(word, what was entered, where it leads or nothing) of what was entered."""
    return [(word, text, link_to(text)) for name, word in _LINKS if (text := getattr(service, name))]


def links_of(service: Service) -> SafeString:
    found = links(service)
    if not found:
        return SafeString("—")
    shown = (
        format_html('<a href="{}" rel="noreferrer" title="{}">{}</a>', url, text, word)
        if url
        else format_html('<span title="{}">{}</span>', text, word)
        for word, text, url in found
    )
    return format_html("<span>{}</span>", format_html_join(" · ", "{}", ((one,) for one in shown)))


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One line of the audit trail: (field, before, after) of what was changed."""

    at: datetime
    who: str
    fields: list[tuple[str, str, str]]


def trail_rows(lines: Iterable[Any]) -> list[TrailRow]:
    return [TrailRow(line.timestamp, _who(line), _fields(line.changes_dict)) for line in lines]


def _who(line: Any) -> str:
    if line.actor is not None:
        return str(line.actor.get_username())
    token = (line.additional_data or {}).get("token")
    return f"the token {token}" if token else "a command"


def _fields(changes: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(_FIELDS.get(name, name), _word(before), _word(after)) for name, (before, after) in changes.items()]


def _word(value: object) -> str:
    return _WORDS.get(str(value), str(value))
