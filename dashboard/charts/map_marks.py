"""What a drawing of the map is made of: texts, doors, services, rails and compartments, each with its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from dashboard.charts.letters import width
from dashboard.charts.map_plan import Berth, Chip, Compartment, Rail
from fleet.network_map.chart import Exposure

#: Sizes of letters: of names, of what is said beside them, and of titles.
NAME, SMALL, TITLE = 12.0, 10.5, 13.0
FOOT: Final = 16  # under the chips, over them, and right of the last
#: Doors that somebody outside can use; the others are no hole in the hull.
OUTWARD: Final = frozenset({Exposure.EVERY, Exposure.HOST, Exposure.DIRECT, Exposure.ADDRESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the drawing is made for, in its own units, which are pixels where it is not scaled. Where it would be higher
    than `most`, it is told in fewer pieces.
    """

    name: str
    width: float
    gutter: float
    column: float
    most: float

    @property
    def columns(self) -> int:
        return max(1, int((self.width - self.gutter - FOOT) // self.column))


SHEETS: Final = (
    Sheet(name="wide", width=1140, gutter=174, column=118, most=5600),
    Sheet(name="middle", width=700, gutter=164, column=128, most=3000),
    Sheet(name="narrow", width=342, gutter=114, column=104, most=4200),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """`x` and `y` of its baseline; `room` is the width that nothing else may use."""

    x: float
    y: float
    text: str
    size: float
    room: float
    name: str  # its class
    anchor: str = "start"
    bold: bool = False
    mono: bool = False

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom, as wide as it may become."""
        wide = width(self.text, self.size, bold=self.bold, mono=self.mono)
        left = self.x - {"start": 0, "middle": wide / 2, "end": wide}[self.anchor]
        return left, self.y - 0.8 * self.size, left + wide, self.y + 0.22 * self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A door in the hull."""

    exposure: Exposure
    x: float
    text: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnChip:
    chip: Chip
    said: str
    x: float
    y: float
    width: float
    height: float
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnBerth:
    """`spine` goes from `top` to `joint`, the height over the chips at which it spreads to the columns' `middles`."""

    berth: Berth
    keys: tuple[str, ...]  # of its rails
    middles: tuple[float, ...]
    top: float
    joint: float
    ends: tuple[float, ...]  # how far down each column's line goes
    dots: tuple[float, ...]  # heights on the spine
    marks: tuple[Mark, ...]
    chips: tuple[DrawnChip, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnRail:
    rail: Rail
    key: str
    x: float
    end: float
    y: float
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnCompartment:
    """`y` is that of its waterline."""

    compartment: Compartment
    x: float
    y: float
    width: float
    height: float
    texts: tuple[Text, ...]
    rails: tuple[DrawnRail, ...]
    berths: tuple[DrawnBerth, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """`waterlines` are heights; each has the word for the outside in the sky over it."""

    sheet: Sheet
    height: float
    waterlines: tuple[float, ...]
    outside: tuple[Text, ...]
    compartments: tuple[DrawnCompartment, ...]

    @property
    def texts(self) -> Iterable[Text]:
        yield from self.outside
        for compartment in self.compartments:
            yield from compartment.texts
            for rail in compartment.rails:
                yield from rail.texts
            for berth in compartment.berths:
                yield from (mark.text for mark in berth.marks if mark.text)
                for chip in berth.chips:
                    yield from chip.texts
