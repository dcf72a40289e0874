"""The map of the network as SVG: a template's nodes for each of its marks would take most of a page's time."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, partial
from typing import Final

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from dashboard.charts.map_layout import SKY, drawing_of
from dashboard.charts.map_marks import (
    OUTWARD,
    SHEETS,
    Drawing,
    DrawnBerth,
    DrawnChip,
    DrawnCompartment,
    DrawnRail,
    Mark,
    Text,
)
from dashboard.charts.map_plan import Plan
from dashboard.words import counted
from fleet.network_map.chart import Exposure, Net, Span

register = template.Library()


@register.simple_tag
def map_drawings(plan: Plan) -> SafeString:
    """The same drawing for wide, middle and narrow places; the style sheet shows the one that fits."""
    return _drawn(plan)[0]


@register.inclusion_tag("components/map_key.html")
def map_key(plan: Plan) -> dict[str, list[tuple[SafeString, str]]]:
    """What the signs mean that are drawn, and no others."""
    _, doors, tracks = _drawn(plan)
    return {
        "doors": [(_door_sign(one), words) for one, words in _DOOR_WORDS.items() if one in doors],
        "networks": [(_rail_sign(kind), words) for kind, words in _TRACK_WORDS.items() if kind in tracks],
    }


@lru_cache(maxsize=16)
def _drawn(plan: Plan) -> tuple[SafeString, frozenset[Exposure], frozenset[str]]:
    """The drawings and what kinds of doors and networks are in them. Live refresh asks for the same plan again and
    again; to know one again costs a fiftieth of drawing it.
    """
    drawings = [drawing_of(plan, sheet) for sheet in SHEETS]
    holds = [one for drawing in drawings for one in drawing.compartments]
    doors = {mark.exposure for one in holds for berth in one.berths for mark in berth.marks}
    tracks = {track_of(rail.rail.net, rail.rail.hosts) for one in holds for rail in one.rails}
    closed = {"closed"} if any(rail.rail.net.internal for one in holds for rail in one.rails) else set()
    return mark_safe("".join(map(_map, drawings))), frozenset(doors), frozenset(tracks | closed)  # noqa: S308 - escaped


_DOOR_WORDS: Final = {
    Exposure.EVERY: "port open on every address",
    Exposure.ADDRESS: "on one address",
    Exposure.HOST: "on the host’s own network",
    Exposure.DIRECT: "own address on the wire",
    Exposure.LOOPBACK: "from the host itself only",
    Exposure.UNKNOWN: "not reported",
}
#: By the class of the line.
_TRACK_WORDS: Final = {
    "sealed": "between hosts, encrypted",
    "plain": "between hosts, not encrypted",
    "joins": "between hosts, not known",
    "local": "stays on its host",
    "apart": "one such on each host, apart",
    "closed": "internal: no way out",
    "wire": "the wire that hosts are on",
    "unknown": "not reported",
    "others": "several networks",
}


def _door_sign(exposure: Exposure) -> SafeString:
    """A door as the legend shows it."""
    marks = _door(exposure, 11, 9)
    return mark_safe(f'<svg class="sign" viewBox="0 0 22 18" aria-hidden="true" focusable="false">{marks}</svg>')  # noqa: S308


def _rail_sign(kind: str) -> SafeString:
    """A network as the legend shows it."""
    line = f'<g class="network {kind}">{_track(kind, 2, 34, 9)}{_caps(2, 34, 9) if kind == "closed" else ""}</g>'
    return mark_safe(f'<svg class="sign long" viewBox="0 0 36 18" aria-hidden="true" focusable="false">{line}</svg>')  # noqa: S308


def track_of(net: Net, hosts: int) -> str:
    """The class of a network's line."""
    if net.span is Span.CLUSTER:
        return {True: "sealed", False: "plain", None: "joins"}[net.encrypted]
    if net.span is Span.HOST:
        return "closed" if net.internal else "apart" if hosts > 1 else "local"
    return net.span.value


def _map(drawing: Drawing) -> str:
    """A picture for each waterline, so that paper breaks between them."""
    shelves = "".join(map(partial(_shelf, drawing), drawing.waterlines, drawing.outside))
    return f'<div class="map {drawing.sheet.name}" role="group" aria-label="{_LABEL}">{shelves}</div>'


def _shelf(drawing: Drawing, line: float, outside: Text) -> str:
    wide, here = drawing.sheet.width, [one for one in drawing.compartments if one.y == line]
    high = SKY + max(one.height for one in here) + 1
    size = f'viewBox="0 {line - SKY:g} {wide:g} {high:g}" width="{wide:g}" height="{high:g}"'
    body = "".join(map(_compartment, here))
    return f"<svg {size}>{_water(line, wide)}{body}{_ring(line)}{_texts([outside])}</svg>"


_LABEL = "Map of networks, services and doors. The table says the same."


def _water(y: float, width: float) -> str:
    sky = f'<rect class="sky" x="0" y="{y - SKY:g}" width="{width:g}" height="{SKY}"/>'
    return f'<g aria-hidden="true">{sky}<path class="waterline" d="M0 {y:g}H{width:g}"/></g>'


def _ring(y: float) -> str:
    """The mark of Plimsoll."""
    return (
        f'<g aria-hidden="true"><circle class="ring" cx="15" cy="{y:g}" r="7"/><path class="ring" d="M2 {y:g}h26"/></g>'
    )


def _compartment(one: DrawnCompartment) -> str:
    x, y, right, keel = one.x + 0.75, one.y, one.x + one.width - 0.75, one.y + one.height
    hull = f"M{x:g} {y:g}V{keel - 14:g}q0 14 14 14H{right - 14:g}q14 0 14-14V{y:g}"
    silent = " silent" if one.compartment.silent else ""
    name = f"{one.compartment.title}: {one.compartment.note}"
    parts = (
        f'<path class="hull" d="{hull}"/>',
        f'<path class="deck" d="M{x - 0.75:g} {y + 2.5:g}H{right + 0.75:g}"/>',
        _link(one.compartment.url, name, _texts(one.texts)),
        *map(_rail, one.rails),
        *(_berth(berth, one.y) for berth in one.berths),
    )
    return f'<g class="hold{silent}">{"".join(parts)}</g>'


def _link(url: str, said: str, inside: str, name: str = "") -> str:
    """What a pointer gets as a title, a screen reader gets as the name."""
    shown = f' class="{name}"' if name else ""
    return f'<a{shown} href="{escape(url)}"><title>{escape(said)}</title>{inside}</a>'


def _rail(one: DrawnRail) -> str:
    kind = track_of(one.rail.net, one.rail.hosts)
    said = f"{one.rail.net.name}, {one.rail.note}: {counted(one.rail.services, 'service')}"
    caps = _caps(one.x, one.end, one.y) if one.rail.net.internal else ""
    line = _track(kind, one.x, one.end, one.y)
    name = _link(one.rail.url, said, _texts(one.texts))
    return f'<g class="network {kind}" data-rail="{one.key}">{line}{caps}{name}</g>'


def _track(kind: str, x: float, end: float, y: float) -> str:
    line = f"M{x:g} {y:g}H{end:g}"
    if kind == "sealed":
        return f'<path class="pipe" d="{line}"/><path class="bore" d="{line}"/>'
    return f'<path class="track" d="{line}"/>'


def _caps(x: float, end: float, y: float) -> str:
    """An internal network is closed at both ends: nothing on it gets out."""
    return f'<path class="caps" d="M{x:g} {y - 6:g}v12M{end:g} {y - 6:g}v12"/>'


def _berth(one: DrawnBerth, waterline: float) -> str:
    spine = one.middles[0]
    lines = [f"M{spine:g} {one.top:g}V{one.joint:g}"]
    if len(one.middles) > 1:
        lines.append(f"M{spine:g} {one.joint:g}H{one.middles[-1]:g}")
    lines += [f"M{x:g} {one.joint:g}V{end - 8:g}" for x, end in zip(one.middles, one.ends, strict=True)]
    outward = one.berth.exposure in OUTWARD
    if outward:
        lines += [f"M{mark.x:g} {waterline + 7:g}V{one.top:g}H{spine:g}" for mark in one.marks]
    elif not one.dots and one.berth.exposure is not Exposure.UNKNOWN:
        lines.append(f"M{spine - 7:g} {one.top:g}h14")  # on no network: the line ends in a cap
    dots = "".join(f'<circle class="dot" cx="{spine:g}" cy="{y:g}" r="4"/>' for y in one.dots)
    marks = "".join(_mark(mark, waterline) for mark in one.marks)
    chips = "".join(_chip(chip) for chip in one.chips)
    names = f"berth {one.berth.exposure.value}{' outward' if outward else ''}"
    return (
        f'<g class="{names}" data-on="{" ".join(one.keys)}"><path class="spine" d="{"".join(lines)}"/>'
        f"{dots}{marks}{chips}</g>"
    )


def _mark(mark: Mark, waterline: float) -> str:
    below = {Exposure.LOOPBACK: 8, Exposure.UNKNOWN: 12}.get(mark.exposure, 0)
    return _door(mark.exposure, mark.x, waterline + below) + _texts([mark.text] if mark.text else [])


def _door(exposure: Exposure, x: float, y: float) -> str:
    return _DOORS[exposure].format(exposure.value, x, y)


#: What a door looks like around a point. Filled: anybody. Hollow: one address. Bars: there is no hull. A kite:
#: on the wire. Under the deck: the host only. A small kite: not told.
_DOORS = {
    Exposure.EVERY: '<path class="door {0}" d="M{1:g} {2:g}m-5-7h10v14h-10z"/>',
    Exposure.ADDRESS: '<path class="door {0}" d="M{1:g} {2:g}m-4.5-6.5h9v13h-9z"/>',
    Exposure.HOST: '<path class="door {0}" d="M{1:g} {2:g}m-8-7v14m4-14v14m4-14v14m4-14v14m4-14v14"/>',
    Exposure.DIRECT: '<path class="door {0}" d="M{1:g} {2:g}m0-8l7 8-7 8-7-8z"/>',
    Exposure.LOOPBACK: '<path class="door {0}" d="M{1:g} {2:g}m-5-4v6h10v-6"/>',
    Exposure.UNKNOWN: '<path class="door {0}" d="M{1:g} {2:g}m0-6l6 6-6 6-6-6z"/>',
    Exposure.NONE: '<path class="door {0}" d="M{1:g} {2:g}m-7 0h14"/>',
}


def _chip(one: DrawnChip) -> str:
    size = f'width="{one.width:g}" height="{one.height:g}" rx="5"'
    box = f'<rect x="{one.x:g}" y="{one.y:g}" {size}/>'
    if one.chip.kind == "team":  # several lie under each other
        box = f'<rect x="{one.x + 2.5:g}" y="{one.y + 2.5:g}" {size}/>{box}'
    return _link(one.chip.url, one.said, box + _texts(one.texts), f"chip-{one.chip.kind}")


def _texts(texts: Iterable[Text]) -> str:
    return "".join(
        f'<text class="{one.name}{" bold" if one.bold else ""}" x="{one.x:g}" y="{one.y:g}"'
        f"{f' text-anchor={chr(34)}{one.anchor}{chr(34)}' if one.anchor != 'start' else ''}>{escape(one.text)}</text>"
        for one in texts
    )
