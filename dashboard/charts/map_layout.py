"""Where everything on the map stands: the same plan gives the same drawing, and a small change a small one.

Seen from the side, as a ship in its dock. Above the waterline is the outside. Compartments hang below it side by side,
as many as there is room for, then on the next waterline. In each, networks are rails, under a gutter with their names;
services that lie alike are a berth, columns of chips under a line that crosses the rails they are on; a door is a mark
in the hull with its port above the water. Texts never overlap, because each has a place of its own that it is cut to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from dashboard.charts.letters import fitted, fitting
from dashboard.charts.map_berths import Spot, columns_of, draw_berth, stack_height
from dashboard.charts.map_folding import STEPS, folded
from dashboard.charts.map_marks import (
    FOOT,
    NAME,
    SMALL,
    TITLE,
    Drawing,
    DrawnCompartment,
    DrawnRail,
    Sheet,
    Text,
)
from dashboard.charts.map_plan import Berth, Compartment, Plan, Rail

SKY: Final = 40  # above the waterline: ports and "outside"
_BAND: Final = 62  # below it, above the first rail: the compartment's name
_RAIL: Final = 32
_BETWEEN: Final = 16  # compartments
_SHELVES: Final = 26  # between a keel and the next sky
_WIDEST: Final = 1.62  # times a column's own width


@dataclass(frozen=True, slots=True)
class _Piece:
    """As much of a compartment as has room side by side: its berths with how many columns each takes."""

    compartment: Compartment
    number: int  # of the compartment in the plan
    berths: tuple[tuple[Berth, int], ...]
    first: bool

    @property
    def columns(self) -> int:
        return sum(columns for _, columns in self.berths)

    @property
    def rails(self) -> tuple[int, ...]:
        """Only those that something here lies on."""
        return tuple(sorted({place for berth, _ in self.berths for place in berth.rails}))


def drawing_of(plan: Plan, sheet: Sheet) -> Drawing:
    """In as many pieces as there is room for."""
    found = _drawing(plan, sheet)
    for berths, chips in STEPS:
        if plan.everything or found.height <= sheet.most:
            break
        found = _drawing(folded(plan, berths=berths, chips=chips), sheet)
    return found


def _drawing(plan: Plan, sheet: Sheet) -> Drawing:
    pieces = [piece for number, one in enumerate(plan.compartments) for piece in _pieces(one, number, sheet)]
    drawn: list[DrawnCompartment] = []
    waterlines: list[float] = []
    y = 0.0
    for shelf in _shelves(pieces, sheet):
        waterlines.append(y + SKY)
        column = _column(shelf, sheet)
        height = max(_height(piece, column) for piece in shelf)
        x = 0.0
        for piece in shelf:
            wide = sheet.gutter + piece.columns * column + FOOT
            drawn.append(_draw(piece, sheet, x=x, y=y + SKY, column=column, size=(wide, height)))
            x += wide + _BETWEEN
        y += SKY + height + _SHELVES
    outside = [
        Text(x=30, y=line - 8, text="OUTSIDE", size=SMALL, room=sheet.gutter - 30, name="outside")
        for line in waterlines
    ]
    return Drawing(
        sheet=sheet,
        height=max(0.0, y - _SHELVES + 2),
        waterlines=tuple(waterlines),
        outside=tuple(outside),
        compartments=tuple(drawn),
    )


def _pieces(compartment: Compartment, number: int, sheet: Sheet) -> list[_Piece]:
    """No more of them than need be, and each about as wide as the others."""
    berths = [(berth, min(sheet.columns, columns_of(berth))) for berth in compartment.berths]
    rows = _broken(berths, sheet.columns)
    fewest = len(rows)
    for most in range(ceil(sum(columns for _, columns in berths) / fewest), sheet.columns):
        if len(tried := _broken(berths, most)) == fewest:
            rows = tried
            break
    return [_Piece(compartment, number, tuple(row), first=place == 0) for place, row in enumerate(rows)]


def _broken(berths: Sequence[tuple[Berth, int]], most: int) -> list[list[tuple[Berth, int]]]:
    """In rows of so many columns at most, or one berth that is wider."""
    rows: list[list[tuple[Berth, int]]] = [[]]
    for berth, columns in berths:
        if rows[-1] and sum(taken for _, taken in rows[-1]) + columns > most:
            rows.append([])
        rows[-1].append((berth, columns))
    return rows


def _shelves(pieces: Sequence[_Piece], sheet: Sheet) -> list[list[_Piece]]:
    shelves: list[list[_Piece]] = []
    left = 0.0
    for piece in pieces:
        wide = sheet.gutter + piece.columns * sheet.column + FOOT
        if not shelves or wide > left:
            shelves.append([])
            left = sheet.width
        shelves[-1].append(piece)
        left -= wide + _BETWEEN
    return shelves


def _column(shelf: Sequence[_Piece], sheet: Sheet) -> float:
    """Columns share the room that is left, up to a width at which they would look empty."""
    fixed = len(shelf) * (sheet.gutter + FOOT) + (len(shelf) - 1) * _BETWEEN
    share = (sheet.width - fixed) / sum(piece.columns for piece in shelf)
    return round(min(share, sheet.column * _WIDEST), 1)


def _height(piece: _Piece, column: float) -> float:
    stacks = [stack_height(berth, columns, column) for berth, columns in piece.berths]
    return _BAND + _RAIL * len(piece.rails) + FOOT + max(stacks, default=0) + FOOT


# One compartment.


def _draw(
    piece: _Piece, sheet: Sheet, *, x: float, y: float, column: float, size: tuple[float, float]
) -> DrawnCompartment:
    compartment, rails = piece.compartment, piece.rails
    heights = {place: y + _BAND + _RAIL * row + 6 for row, place in enumerate(rails)}
    keys = {place: f"c{piece.number}r{place}" for place in rails}
    joint = y + _BAND + _RAIL * len(rails) + FOOT - 8
    start = x + sheet.gutter
    berths, left = [], start
    ends: dict[int, float] = {}
    for berth, columns in piece.berths:
        spot = Spot(left=left, y=y, joint=joint, column=column, columns=columns, heights=heights, keys=keys)
        drawn = draw_berth(berth, compartment, spot)
        berths.append(drawn)
        ends |= dict.fromkeys(berth.rails, drawn.middles[0] + 14)
        left += columns * column
    return DrawnCompartment(
        compartment=compartment,
        x=x,
        y=y,
        width=round(size[0], 1),
        height=round(size[1], 1),
        texts=_title(piece, x=x, y=y, room=sheet.gutter - 14),
        rails=tuple(
            DrawnRail(
                rail=compartment.rails[place],
                key=keys[place],
                x=round(start - 6, 1),
                end=round(ends[place], 1),
                y=heights[place],
                texts=_names(compartment.rails[place], x=x + 12, y=heights[place], room=sheet.gutter - 22),
            )
            for place in rails
        ),
        berths=tuple(berths),
    )


def _title(piece: _Piece, *, x: float, y: float, room: float) -> tuple[Text, ...]:
    compartment = piece.compartment
    lines = [
        ((compartment.title, compartment.short), TITLE, "title", True),
        (_notes(compartment.note) if piece.first else ("continued",), SMALL, "note", False),
        ((compartment.silent,), SMALL, "silent", False),
    ]
    found, height = [], y + 21
    for texts, size, name, bold in lines:
        if shown := fitting(texts, room, size, bold=bold):
            found.append(Text(x=x + 12, y=height, text=shown, size=size, room=room, name=name, bold=bold))
        height += 14
    return tuple(found)


def _notes(note: str) -> tuple[str, ...]:
    """The note, and where there is no room for it, how many services it counts."""
    return (note, note.rpartition(", ")[2])


def _names(rail: Rail, *, x: float, y: float, room: float) -> tuple[Text, Text]:
    plain = "note plain" if rail.net.encrypted is False else "note"
    name, note = fitted(rail.net.name, room, NAME), fitting(rail.notes, room, SMALL)
    return (
        Text(x=x, y=y - 1, text=name, size=NAME, room=room, name="net"),
        Text(x=x, y=y + 11.5, text=note, size=SMALL, room=room, name=plain),
    )
