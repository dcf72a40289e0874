"""One square per host, in groups: the whole fleet at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.words import verdict_word


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`note` says more than the verdict, such as "no answer for 4 min"; `quiet` is a host that does not answer."""

    name: str
    verdict: str
    url: str
    note: str = ""
    quiet: bool = False

    @property
    def label(self) -> str:
        return ", ".join(part for part in (self.name, verdict_word(self.verdict).lower(), self.note) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellGroup:
    label: str
    note: str
    url: str
    cells: Sequence[Cell]
