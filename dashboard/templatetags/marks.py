"""Verdicts, statuses and severities in a template: always a colour, a shape and a word."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from dashboard.words import PILLARS, SEVERITIES, STATE_KINDS, status_tone, status_word, verdict_word
from fleet.readiness.vocabulary import Severity, Verdict
from fleet.state import StateKind

register = template.Library()

#: Between what was and what is.
ARROW: Final = mark_safe('<span class="arrow" aria-label="became">→</span>')

# One shape for one tone, all on a 12 by 12 field; the style sheet gives them their colour.
_SHAPES: Final = {
    "ready": '<circle cx="6" cy="6" r="5"/>',
    "at-risk": '<path d="M6 .9 11.6 11H.4z"/>',
    "not-ready": '<rect x="1.2" y="1.2" width="9.6" height="9.6" rx=".8"/>',
    "unknown": '<path class="hollow" d="M6 1.1 10.9 6 6 10.9 1.1 6z"/>',
    "notice": '<path class="hollow" d="M6 2 10.9 10.6H1.1z"/>',
    "waived": '<path d="M2 1h8v7L6 11.4 2 8zm1.7 4.2 1.8 1.9 3-3.3-.9-.9-2.1 2.2-.9-.9z" fill-rule="evenodd"/>',
    "not-applicable": '<rect x="2" y="5.2" width="8" height="1.6" rx=".8"/>',
}
_OUTCOMES: Final = {
    "ok": ("ready", "Works"),
    "warning": ("at-risk", "Warning"),
    "failed": ("not-ready", "Fails"),
    "skipped": ("not-applicable", "Skipped"),
    "done": ("ready", "Done"),
    "waits": ("unknown", "Waits"),
    "later": ("not-applicable", "Later"),
    "over": ("not-ready", "Over"),
    "silent": ("not-ready", "Silent"),
    "quiet": ("unknown", "Quiet"),
}
_STATE_TONES: Final = {
    StateKind.ONE_DISK: "not-ready",
    StateKind.UNKNOWN: "unknown",
    StateKind.NETWORKED: "ready",
    StateKind.REPLICATED: "ready",
    StateKind.SELF_REPLICATED: "ready",
    StateKind.STATELESS: "not-applicable",
}
_LEVELS: Final = {severity: 4 - rank for rank, severity in enumerate(Severity)}


@cache
def shape(tone: str, label: str = "") -> SafeString:
    """The mark itself; without a label it is decoration beside a word and hidden from screen readers."""
    drawing = mark_safe(_SHAPES[tone])  # noqa: S308 - our own constant
    if not label:
        return format_html(
            '<svg class="mark {}" viewBox="0 0 12 12" aria-hidden="true" focusable="false">{}</svg>', tone, drawing
        )
    return format_html(
        '<svg class="mark {}" viewBox="0 0 12 12" role="img" aria-label="{}"><title>{}</title>{}</svg>',
        tone,
        label,
        label,
        drawing,
    )


# Of each a page has dozens that are alike. By type, since a text that is safe as it stands equals one that is not.
_kept = lru_cache(maxsize=2048, typed=True)


@register.simple_tag
@_kept
def chip(tone: str, word: str) -> SafeString:
    """By the name of a mark, which gives it its colour and its shape."""
    return format_html('<span class="chip {}">{}{}</span>', tone, shape(tone), word)


def _said(word: object, otherwise: str) -> str:
    """A count of 0 is a word, too."""
    return otherwise if word in ("", None) else str(word)


@register.simple_tag
@_kept
def verdict(value: str, word: object = "") -> SafeString:
    """A chip: `{% verdict service.verdict %}`, or with other words: `{% verdict "at-risk" "12 at risk" %}`."""
    return chip(Verdict(value).value, _said(word, verdict_word(value)))


@register.simple_tag
def verdict_mark(value: str, label: str = "") -> SafeString:
    """The shape alone, for rows too dense for a chip; its name is the label, or the verdict's word."""
    return shape(Verdict(value).value, label or verdict_word(value))


@register.simple_tag
@_kept
def status_mark(status: str, severity: str | None = None, word: object = "") -> SafeString:
    """A finding's status; a failure takes the shape of the verdict its severity leads to."""
    return chip(status_tone(status, severity), _said(word, status_word(status)))


@register.simple_tag
def state_mark(kind: str) -> SafeString:
    """Where a service keeps its state."""
    return chip(_STATE_TONES[StateKind(kind)], STATE_KINDS[StateKind(kind)])


@register.simple_tag
def step_mark(outcome: str) -> SafeString:
    """How one step of a connection test went, or of a decision."""
    return chip(*_OUTCOMES[outcome])


@register.simple_tag
@cache
def severity(value: str) -> SafeString:
    """The severity's word behind four steps filled up to its level."""
    level = Severity(value)
    steps = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="2" height="{}"/>',
        (
            ("on" if step < _LEVELS[level] else "off", 3 * step, height, 10 - height)
            for step, height in enumerate((7, 5, 3, 1))
        ),
    )
    return format_html(
        '<span class="severity {}"><svg viewBox="0 0 11 10" aria-hidden="true" focusable="false">{}</svg>{}</span>',
        level.value,
        steps,
        SEVERITIES[level],
    )


@register.simple_tag
def pillar_strip(service: object) -> SafeString:
    """Six marks in the pillars' order. Takes a mapping of pillar to verdict, or anything with one as `.pillars`.

    A pillar that is missing is unknown: silence never looks like a pass.
    """
    verdicts: Mapping[str, str] = service if isinstance(service, Mapping) else getattr(service, "pillars", None) or {}
    return _strip(tuple([verdicts.get(pillar, "unknown") for pillar in PILLARS]))


def _pillar_word(value: str) -> str:
    return "no rule judges this" if value == "not-applicable" else verdict_word(value).lower()


@cache
def _strip(verdicts: tuple[str, ...]) -> SafeString:
    named = zip(PILLARS.values(), verdicts, strict=True)
    marks = format_html_join("", "{}", ((shape(value, f"{name}: {_pillar_word(value)}"),) for name, value in named))
    return format_html('<span class="strip">{}</span>', marks)
