"""How a figure of adoption and its change are said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dashboard.words import counted, thin
from fleet.adoption import Definition, Number
from fleet.adoption.usage import Use

DAYS: Final = "days"
MINUS: Final = "\u2212"
#: (tone of the mark, word, what it means)
USES: Final = {
    Use.ADOPTER: ("ready", "Adopter"),
    Use.DABBLER: ("at-risk", "Dabbler"),
    Use.ABANDONER: ("not-ready", "Gave up"),
    Use.NEVER: ("not-applicable", "Never"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`better` is None when it is neither, or the same."""

    text: str
    better: bool | None
    rose: bool | None


def value_word(definition: Definition, number: Number | None) -> str:
    """`38%`, `12.5 days`, or a dash."""
    if number is None:
        return "–"
    if definition.unit == DAYS:
        return "–" if number.value is None else f"{number.value:g} {'day' if number.value == 1 else DAYS}"
    return "–" if number.share is None else f"{number.share}%"


def rests_word(definition: Definition, number: Number | None) -> str:
    """What it is made from: `22 of 58`, or how many services a median rests on."""
    if number is None or number.whole is None:
        return "not recorded"
    if definition.unit == DAYS:
        return f"median of {counted(number.whole, 'service')}" if number.whole else "no service tells"
    return f"{thin(number.part or 0)} of {thin(number.whole)}"


def band_word(number: Number | None) -> str:
    """How many there would be under the other thresholds; empty where there is no band, or where it decides nothing."""
    if number is None or number.low is None or number.high is None or number.low == number.high == number.part:
        return ""
    return f"{thin(number.low)} to {thin(number.high)}"


def change_of(definition: Definition, before: Number | None, after: Number | None) -> Change | None:
    """None when one of them is unknown: a guess is worse than silence. Shares change by points, and where the whole
    percent stays the same, by what is counted.
    """
    was, now = _amount(definition, before), _amount(definition, after)
    if was is None or now is None or before is None or after is None:
        return None
    unit = "points"
    if definition.unit == DAYS:
        unit = DAYS
    elif was == now and before.part is not None and after.part is not None and before.part != after.part:
        was, now, unit = before.part, after.part, definition.unit
    change = round(now - was, 1)
    if change == 0:
        return Change(text="the same", better=None, rose=None)
    word = unit[:-1] if abs(change) == 1 else unit
    return Change(
        text=f"{'+' if change > 0 else MINUS}{abs(change):g} {word}",
        better=None if not definition.better else (change > 0) == (definition.better > 0),
        rose=change > 0,
    )


def _amount(definition: Definition, number: Number | None) -> float | None:
    if number is None:
        return None
    return number.value if definition.unit == DAYS else number.share
