"""Where everything on the map stands: the same plan gives the same drawing, and a small change a small one.

Seen from the side, as a ship in its dock. Above the waterline is the outside. Compartments hang below it side by side,
as many as there is room for, then on the next waterline. In each, networks are rails, under a gutter with their names;
services that lie alike are a berth, columns of chips under a line that crosses the rails they are on; a door is a mark
in the hull with its port above the water. Texts never overlap, because each has a place of its own that it is cut to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from dashboard.charts.letters import fitted, width
from dashboard.charts.map_plan import Berth, Chip, Compartment, Plan, Rail, row_of
from dashboard.charts.map_words import port_of
from fleet.network_map.chart import Exposure

SKY: Final = 40  # above the waterline: ports and "outside"
_BAND: Final = 62  # below it, above the first rail: the compartment's name
_RAIL: Final = 32
_CHIP, _DOOR_CHIP, _GAP = 25.0, 39.0, 5.0
_FOOT: Final = 16  # under the chips, and over them
_BETWEEN: Final = 16  # compartments
_SHELVES: Final = 26  # between a keel and the next sky
_ROWS: Final = 8  # chips under each other before a berth grows wider
_WIDEST: Final = 1.45  # times a column's own width
_NAME, _SMALL, _TITLE = 12.0, 10.5, 13.0
#: Doors that somebody outside can use; the others are no hole in the hull.
OUTWARD: Final = frozenset({Exposure.EVERY, Exposure.HOST, Exposure.DIRECT, Exposure.ADDRESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the drawing is made for, in its own units, which are pixels where it is not scaled."""

    name: str
    width: float
    gutter: float
    column: float

    @property
    def columns(self) -> int:
        return max(1, int((self.width - self.gutter - _FOOT) // self.column))


SHEETS: Final = (
    Sheet(name="wide", width=1140, gutter=148, column=138),
    Sheet(name="middle", width=700, gutter=136, column=136),
    Sheet(name="narrow", width=342, gutter=104, column=110),
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
    pieces = [piece for number, one in enumerate(plan.compartments) for piece in _pieces(one, number, sheet)]
    drawn: list[DrawnCompartment] = []
    waterlines: list[float] = []
    y = 0.0
    for shelf in _shelves(pieces, sheet):
        waterlines.append(y + SKY)
        height = max(_height(piece) for piece in shelf)
        column = _column(shelf, sheet)
        x = 0.0
        for piece in shelf:
            wide = sheet.gutter + piece.columns * column + _FOOT
            drawn.append(_draw(piece, sheet, x=x, y=y + SKY, column=column, size=(wide, height)))
            x += wide + _BETWEEN
        y += SKY + height + _SHELVES
    outside = [
        Text(x=26, y=line - 7, text="OUTSIDE", size=_SMALL, room=sheet.gutter - 26, name="outside")
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
    rows: list[list[tuple[Berth, int]]] = [[]]
    for berth in compartment.berths:
        columns = min(sheet.columns, ceil(len(berth.chips) / _ROWS))
        if rows[-1] and sum(taken for _, taken in rows[-1]) + columns > sheet.columns:
            rows.append([])
        rows[-1].append((berth, columns))
    return [_Piece(compartment, number, tuple(row), first=place == 0) for place, row in enumerate(rows)]


def _shelves(pieces: Sequence[_Piece], sheet: Sheet) -> list[list[_Piece]]:
    shelves: list[list[_Piece]] = []
    left = 0.0
    for piece in pieces:
        wide = sheet.gutter + piece.columns * sheet.column + _FOOT
        if not shelves or wide > left:
            shelves.append([])
            left = sheet.width
        shelves[-1].append(piece)
        left -= wide + _BETWEEN
    return shelves


def _column(shelf: Sequence[_Piece], sheet: Sheet) -> float:
    """Columns share the room that is left, up to a width at which they would look empty."""
    fixed = len(shelf) * (sheet.gutter + _FOOT) + (len(shelf) - 1) * _BETWEEN
    share = (sheet.width - fixed) / sum(piece.columns for piece in shelf)
    return round(min(share, sheet.column * _WIDEST), 1)


def _height(piece: _Piece) -> float:
    stacks = [sum(_heights(column)) for berth, columns in piece.berths for column in _split(berth, columns)]
    return _BAND + _RAIL * len(piece.rails) + _FOOT + max(stacks, default=0) + _FOOT


def _split(berth: Berth, columns: int) -> list[Sequence[Chip]]:
    rows = ceil(len(berth.chips) / columns)
    return [berth.chips[start : start + rows] for start in range(0, len(berth.chips), rows)]


def _heights(chips: Sequence[Chip]) -> list[float]:
    return [(_DOOR_CHIP if _tells_doors(chip) else _CHIP) + _GAP for chip in chips]


def _tells_doors(chip: Chip) -> bool:
    return any(door.port is not None for door in chip.doors)


# One compartment.


def _draw(
    piece: _Piece, sheet: Sheet, *, x: float, y: float, column: float, size: tuple[float, float]
) -> DrawnCompartment:
    compartment, rails = piece.compartment, piece.rails
    heights = {place: y + _BAND + _RAIL * row + 6 for row, place in enumerate(rails)}
    keys = {place: f"c{piece.number}r{place}" for place in rails}
    start = x + sheet.gutter
    berths, left = [], start
    ends: dict[int, float] = {}
    for berth, columns in piece.berths:
        drawn = _draw_berth(
            berth, compartment, left=left, y=y, column=column, columns=columns, heights=heights, keys=keys
        )
        berths.append(drawn)
        ends |= {place: drawn.middles[0] + 14 for place in berth.rails}
        left += columns * column
    return DrawnCompartment(
        compartment=compartment,
        x=x,
        y=y,
        width=round(size[0], 1),
        height=round(size[1], 1),
        texts=_title(piece, x=x, y=y, room=sheet.gutter - 18),
        rails=tuple(
            DrawnRail(
                rail=compartment.rails[place],
                key=keys[place],
                x=round(start - 6, 1),
                end=round(ends[place], 1),
                y=heights[place],
                texts=_names(compartment.rails[place], x=x + 12, y=heights[place], room=sheet.gutter - 26),
            )
            for place in rails
        ),
        berths=tuple(berths),
    )


def _title(piece: _Piece, *, x: float, y: float, room: float) -> tuple[Text, ...]:
    compartment = piece.compartment
    lines = [
        (compartment.title if piece.first else f"{compartment.title} …", _TITLE, "title", True),
        (compartment.note if piece.first else "continued", _SMALL, "note", False),
        (compartment.silent, _SMALL, "silent", False),
    ]
    found, height = [], y + 19
    for text, size, name, bold in lines:
        if text:
            shown = fitted(text, room, size, bold=bold)
            found.append(Text(x=x + 12, y=height, text=shown, size=size, room=room, name=name, bold=bold))
        height += 14
    return tuple(found)


def _names(rail: Rail, *, x: float, y: float, room: float) -> tuple[Text, Text]:
    plain = "note plain" if rail.net.encrypted is False else "note"
    name, note = fitted(rail.net.name, room, _NAME), fitted(rail.note, room, _SMALL)
    return (
        Text(x=x, y=y - 1, text=name, size=_NAME, room=room, name="net"),
        Text(x=x, y=y + 11.5, text=note, size=_SMALL, room=room, name=plain),
    )


def _draw_berth(
    berth: Berth,
    compartment: Compartment,
    *,
    left: float,
    y: float,
    column: float,
    columns: int,
    heights: dict[int, float],
    keys: dict[int, str],
) -> DrawnBerth:
    joint = y + _BAND + _RAIL * len(heights) + _FOOT - 8
    chips: list[DrawnChip] = []
    ends = []
    for place, some in enumerate(_split(berth, columns)):
        top = joint + 8
        for chip, height in zip(some, _heights(some), strict=True):
            said = row_of(compartment, berth, chip).said
            chips.append(_draw_chip(chip, said, berth.exposure, left + place * column, top, column, height - _GAP))
            top += height
        ends.append(round(top - _GAP, 1))
    middle = left + column / 2
    dots = tuple(heights[place] for place in berth.rails)
    outward = berth.exposure in OUTWARD
    return DrawnBerth(
        berth=berth,
        keys=tuple(keys[place] for place in berth.rails),
        middles=tuple(round(middle + place * column, 1) for place in range(len(ends))),
        top=round(y + 26 if outward else min(dots, default=joint - 10), 1),
        joint=round(joint, 1),
        ends=tuple(ends),
        dots=dots,
        marks=tuple(_marks(berth, middle=middle, room=column - 10, y=y)),
        chips=tuple(chips),
    )


def _marks(berth: Berth, *, middle: float, room: float, y: float) -> list[Mark]:
    """Doors side by side over the spine, each with its port; what there is no room for is counted in the last."""
    if berth.exposure is Exposure.NONE:
        return []
    if berth.exposure is Exposure.UNKNOWN:
        return [_mark(Exposure.UNKNOWN, "not told", middle, y + 34)]
    kinds = OUTWARD if berth.exposure in OUTWARD else {Exposure.LOOPBACK}
    told = dict.fromkeys((door.exposure, port_of(door)) for door in berth.doors if door.exposure in kinds)
    names = list(told)
    shown = _fitting([name for _, name in names], room, more=berth.more_doors)
    left = len(names) - len(shown)
    labels = [*names[: len(shown)]]
    if left or berth.more_doors:
        labels.append((berth.exposure, f"+{left}" if left and not berth.more_doors else "…"))
    wide = [width(name, _SMALL, mono=True, bold=True) + 12 for _, name in labels]
    baseline = y - 12 if berth.exposure in OUTWARD else y + 26
    x = middle - sum(wide) / 2
    found = []
    for (exposure, name), step in zip(labels, wide, strict=True):
        found.append(_mark(exposure, name, x + step / 2, baseline))
        x += step
    return found


def _fitting(names: Sequence[str], room: float, *, more: bool) -> list[str]:
    """As many of the first as there is room for, with room for how many there are besides."""
    for number in range(len(names), 0, -1):
        rest = ["+99"] if number < len(names) or more else []
        if sum(width(name, _SMALL, mono=True, bold=True) + 12 for name in [*names[:number], *rest]) <= room:
            return list(names[:number])
    return []


def _mark(exposure: Exposure, name: str, x: float, y: float) -> Mark:
    quiet = exposure in {Exposure.LOOPBACK, Exposure.UNKNOWN}
    text = Text(
        x=round(x, 1), y=y, text=name, size=_SMALL, room=0, name="port quiet" if quiet else "port",
        anchor="middle", bold=not quiet, mono=True,
    )  # fmt: skip
    return Mark(exposure=exposure, x=round(x, 1), text=text)


def _draw_chip(
    chip: Chip, said: str, exposure: Exposure, left: float, top: float, column: float, height: float
) -> DrawnChip:
    x, wide = left + 5, column - 10
    count_wide = width(chip.count, _SMALL) + 8 if chip.count else 0
    room = wide - 18 - count_wide
    name = fitted(chip.label, room, _NAME)
    texts = [Text(x=x + 9, y=top + 16.5, text=name, size=_NAME, room=room, name="name")]
    if chip.count:
        right = x + wide - 9
        texts.append(
            Text(x=right, y=top + 16.5, text=chip.count, size=_SMALL, room=count_wide, name="note", anchor="end")
        )
    if _tells_doors(chip):
        ports = " ".join(dict.fromkeys(port_of(door) for door in chip.doors if door.port is not None))
        shown = fitted(ports + (" …" if chip.more_doors else ""), wide - 18, _SMALL, mono=True)
        name = "port" if exposure in OUTWARD else "port quiet"
        texts.append(Text(x=x + 9, y=top + 31, text=shown, size=_SMALL, room=wide - 18, name=name, mono=True))
    return DrawnChip(
        chip=chip,
        said=said,
        x=round(x, 1),
        y=round(top, 1),
        width=round(wide, 1),
        height=height,
        texts=tuple(texts),
    )
