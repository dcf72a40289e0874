"""Sentences whose numbers stay numbers: a page makes them links, a mail makes them text, a file has them by key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from string import Formatter
from typing import Any, Final

_NARROW: Final = "\u202f"
_FEW: Final = 3  # names that a sentence lists
_LONGEST: Final = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One figure or name in a sentence. `value` is what a file has, `text` what people read; `page`, `args` and
    `filters` are the list or the page behind it, if any.
    """

    key: str
    value: Any
    text: str
    page: str = ""
    args: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        found: dict[str, Any] = {"key": self.key, "value": self.value, "text": self.text}
        if self.page:
            found |= {"page": self.page, "args": list(self.args), "filters": dict(self.filters)}
        return found


Piece = dict[str, Any]
Sentence = list[Piece]
_FORMATTER: Final = Formatter()


def say(template: str, **told: Told | Sequence[Piece] | str) -> Sentence:
    """`say("{ready} of them are ready.", ready=number("ready", 29))`. Text between is {"text": …} and nothing more."""
    return list(_said(template, told))


def _said(template: str, told: Mapping[str, Told | Sequence[Piece] | str]) -> Iterator[Piece]:
    for text, name, _, _ in _FORMATTER.parse(template):
        if text:
            yield {"text": text}
        if name is None:
            continue
        one = told[name]
        if isinstance(one, Told):
            yield one.plain()
        elif isinstance(one, str):
            yield {"text": one}
        else:
            yield from one


def number(key: str, value: int, noun: str = "", /, page: str = "", **filters: str) -> Told:
    """`noun` is put behind it, with an s where it is not one."""
    text = grouped(value)
    if noun:
        text = f"{text} {noun}{'' if value == 1 else 's'}"
    return Told(key=key, value=value, text=text, page=page, filters=filters)


def share(key: str, value: int | None) -> Told:
    return Told(key=key, value=value, text="–" if value is None else f"{value}%")


def names(key: str, of: Sequence[tuple[str, str]], *, total: int | None = None) -> list[Piece]:
    """`a, b and 3 others` of (slug, name) pairs; each name leads to its service, where there is one."""
    every = len(of) if total is None else total
    shown = of[:_FEW] if every > _FEW else of
    pieces: list[Piece] = []
    for place, (slug, name) in enumerate(shown):
        if place:
            pieces.append({"text": " and " if place == len(shown) - 1 == every - 1 else ", "})
        where: dict[str, Any] = {"page": "service", "args": (slug,)} if slug else {}
        pieces.append(Told(key=f"{key}-name", value=name, text=shortened(name), **where).plain())
    if every > len(shown):
        others = every - len(shown)
        pieces.append({"text": f" and {grouped(others)} other{'' if others == 1 else 's'}"})
    return pieces


def shortened(name: str) -> str:
    """So that a few names have room in a sentence; the whole one is the value."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def grouped(value: int) -> str:
    return f"{value:,}".replace(",", _NARROW)


def long_day(day: date) -> str:
    """`23 November 2026`, the same in every locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def as_text(sentence: Iterable[Piece]) -> str:
    return "".join(str(piece["text"]) for piece in sentence)


def figures_in(sentence: Iterable[Piece]) -> Iterator[tuple[str, Any]]:
    """Key and value of everything in it that is a figure or a name."""
    for piece in sentence:
        if "key" in piece:
            yield piece["key"], piece["value"]


def be(value: int, one: str = "is", many: str = "are") -> str:
    return one if value == 1 else many
