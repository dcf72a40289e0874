"""Fates, lost data and ways out in a template: a colour, a shape and a word, as verdicts have them."""

from __future__ import annotations

from typing import Final

from django import template
from django.utils.safestring import SafeString

from dashboard.templatetags.marks import chip
from fleet.loss import Fate, Moving, StateLost

register = template.Library()

#: Tone, and the word in a chip.
FATES: Final = {
    Fate.DOWN: ("not-ready", "Goes down"),
    Fate.UNKNOWN: ("unknown", "Cannot be told"),
    Fate.DEGRADED: ("at-risk", "Degrades"),
    Fate.SURVIVES: ("ready", "Survives"),
    Fate.IDLE: ("not-applicable", "Not running now"),
}
STATES: Final = {
    StateLost.YES: ("not-ready", "Data lost"),
    StateLost.UNKNOWN: ("unknown", "Data: unknown"),
    StateLost.NO: ("ready", "No data lost"),
}
MOVES: Final = {
    Moving.WITH_STATE: ("ready", "Can move"),
    Moving.EMPTY: ("at-risk", "Moves without its data"),
    Moving.NO: ("not-ready", "Cannot move"),
    Moving.UNKNOWN: ("unknown", "Move: unknown"),
}
VOLUMES: Final[dict[bool | None, tuple[str, str]]] = {
    True: ("not-ready", "Lost"),
    None: ("unknown", "Unknown"),
    False: ("ready", "Kept"),
}


@register.simple_tag
def fate_mark(value: str) -> SafeString:
    return chip(*FATES[Fate(value)])


@register.simple_tag
def data_mark(value: str) -> SafeString:
    """Whether a service loses data for good."""
    return chip(*STATES[StateLost(value)])


@register.simple_tag
def move_mark(value: str) -> SafeString:
    """Whether it can be started elsewhere."""
    return chip(*MOVES[Moving(value)])


@register.simple_tag
def volume_mark(value: bool | None) -> SafeString:  # noqa: FBT001 - a volume's own answer, of three
    return chip(*VOLUMES[value])
