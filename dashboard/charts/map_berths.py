"""A berth on the map: its doors over the water, the line that crosses its networks, and its chips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from dashboard.charts.letters import broken, fitted, width
from dashboard.charts.map_marks import NAME, OUTWARD, SMALL, DrawnBerth, DrawnChip, Mark, Text
from dashboard.charts.map_plan import Berth, Chip, Compartment, row_of
from dashboard.charts.map_words import port_of
from fleet.network_map.chart import Exposure

ROWS: Final = 8  # chips under each other before a berth grows wider
_CHIP, _LINE, _PORTS, _GAP = 25.0, 13.5, 14.0, 5.0
_LINES: Final = 3  # of a name
_BETWEEN: Final = 12  # doors


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a berth is: its left side, the waterline `y`, the `joint` over its chips, how wide a column is and how many
    it takes; and of its compartment's rails, by their places, how high they are and what they are called.
    """

    left: float
    y: float
    joint: float
    column: float
    columns: int
    heights: Mapping[int, float]
    keys: Mapping[int, str]


def columns_of(berth: Berth) -> int:
    return ceil(len(berth.chips) / ROWS)


def stack_height(berth: Berth, columns: int, column: float) -> float:
    """Of its highest column, where each is so wide."""
    return max(sum(_heights(some, column)) for some in _split(berth, columns))


def _split(berth: Berth, columns: int) -> list[Sequence[Chip]]:
    rows = ceil(len(berth.chips) / columns)
    return [berth.chips[start : start + rows] for start in range(0, len(berth.chips), rows)]


def _heights(chips: Sequence[Chip], column: float) -> list[float]:
    return [
        _CHIP + _LINE * (len(_named(chip, column - 8)[0]) - 1) + (_PORTS if _tells_doors(chip) else 0) + _GAP
        for chip in chips
    ]


def _named(chip: Chip, wide: float) -> tuple[tuple[str, ...], str]:
    """The lines of its name, and what stands behind the first of them. A whole name comes before how many containers
    it has: they stand in the table and in what the chip says.
    """
    count, room = chip.count, wide - 15
    if count.startswith("×") and width(chip.label, NAME) > room - width(count, SMALL) - 8:
        count = ""
    return broken(chip.label, room - (width(count, SMALL) + 8 if count else 0), NAME, most=_LINES), count


def _tells_doors(chip: Chip) -> bool:
    return any(door.port is not None for door in chip.doors)


def draw_berth(berth: Berth, compartment: Compartment, spot: Spot) -> DrawnBerth:
    chips: list[DrawnChip] = []
    ends = []
    for place, some in enumerate(_split(berth, spot.columns)):
        top = spot.joint + 8
        for chip, height in zip(some, _heights(some, spot.column), strict=True):
            corner = (spot.left + place * spot.column, top)
            said = row_of(compartment, berth, chip).said
            chips.append(_chip(chip, said, berth.exposure, corner=corner, size=(spot.column, height - _GAP)))
            top += height
        ends.append(round(top - _GAP, 1))
    middle = spot.left + spot.column / 2
    dots = tuple(spot.heights[place] for place in berth.rails)
    outward = berth.exposure in OUTWARD
    return DrawnBerth(
        berth=berth,
        keys=tuple(spot.keys[place] for place in berth.rails),
        middles=tuple(round(middle + place * spot.column, 1) for place in range(len(ends))),
        top=round(spot.y + 26 if outward else min(dots, default=spot.joint - 10), 1),  # a stump where it is on nothing
        joint=round(spot.joint, 1),
        ends=tuple(ends),
        dots=dots,
        marks=tuple(_marks(berth, middle=middle, room=spot.column - 4, y=spot.y)),
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
    wide = [width(name, SMALL, mono=True, bold=True) + _BETWEEN for _, name in labels]
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
        if sum(width(name, SMALL, mono=True, bold=True) + _BETWEEN for name in [*names[:number], *rest]) <= room:
            return list(names[:number])
    return []


def _mark(exposure: Exposure, name: str, x: float, y: float) -> Mark:
    quiet = exposure in {Exposure.LOOPBACK, Exposure.UNKNOWN}
    text = Text(
        x=round(x, 1), y=y, text=name, size=SMALL, room=0, name="port quiet" if quiet else "port",
        anchor="middle", bold=not quiet, mono=True,
    )  # fmt: skip
    return Mark(exposure=exposure, x=round(x, 1), text=text)


def _chip(
    chip: Chip, said: str, exposure: Exposure, *, corner: tuple[float, float], size: tuple[float, float]
) -> DrawnChip:
    x, y, wide = corner[0] + 4, corner[1], size[0] - 8
    lines, count = _named(chip, wide)
    count_wide = width(count, SMALL) + 8 if count else 0
    room = wide - 15 - count_wide
    texts = [
        Text(x=x + 8, y=round(y + 16.5 + _LINE * number, 1), text=line, size=NAME, room=room, name="name")
        for number, line in enumerate(lines)
    ]
    if count:
        right = x + wide - 7
        texts.append(Text(x=right, y=y + 16.5, text=count, size=SMALL, room=count_wide, name="note", anchor="end"))
    if _tells_doors(chip):
        ports = " ".join(dict.fromkeys(port_of(door) for door in chip.doors if door.port is not None))
        shown = fitted(ports + (" …" if chip.more_doors else ""), wide - 15, SMALL, mono=True)
        name = "port" if exposure in OUTWARD else "port quiet"
        below = round(y + 31 + _LINE * (len(lines) - 1), 1)
        texts.append(Text(x=x + 8, y=below, text=shown, size=SMALL, room=wide - 15, name=name, mono=True))
    place = {"x": round(x, 1), "y": round(y, 1), "width": round(wide, 1), "height": size[1]}
    return DrawnChip(chip=chip, said=said, texts=tuple(texts), **place)
