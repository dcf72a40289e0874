"""The map of the network as SVG, drawn here because a template's nodes for each of its marks would be most of a page."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from dashboard.charts.map_layout import (
    OUTWARD,
    SHEETS,
    DrawnBerth,
    DrawnChip,
    DrawnCompartment,
    DrawnRail,
    Drawing,
    Mark,
    Text,
    drawing_of,
)
from dashboard.charts.map_plan import Plan
from dashboard.words import counted
from fleet.network_map.chart import Exposure, Net, Span

register = template.Library()


@register.simple_tag
def map_drawings(plan: Plan) -> SafeString:
    """The same drawing for wide, middle and narrow places; the style sheet shows the one that fits."""
    return mark_safe("".join(_svg(drawing_of(plan, sheet)) for sheet in SHEETS))  # noqa: S308 - each text is escaped


@register.simple_tag
def door_sign(exposure: str) -> SafeString:
    """A door as the legend shows it."""
    marks = _door(Exposure(exposure), 11, 9)
    return mark_safe(f'<svg class="sign" viewBox="0 0 22 18" aria-hidden="true" focusable="false">{marks}</svg>')  # noqa: S308


@register.simple_tag
def rail_sign(kind: str) -> SafeString:
    """A network as the legend shows it."""
    line = f'<g class="rail {kind}">{_track(kind, 2, 34, 9)}</g>'
    return mark_safe(f'<svg class="sign long" viewBox="0 0 36 18" aria-hidden="true" focusable="false">{line}</svg>')  # noqa: S308


def track_of(net: Net, hosts: int) -> str:
    """The class of a network's line."""
    if net.span is Span.CLUSTER:
        return {True: "sealed", False: "plain", None: "joins"}[net.encrypted]
    if net.span is Span.HOST:
        return "closed" if net.internal else "apart" if hosts > 1 else "local"
    return net.span.value


def _svg(drawing: Drawing) -> str:
    width, height, name = drawing.sheet.width, drawing.height, drawing.sheet.name
    water = "".join(_water(line, width) for line in drawing.waterlines)
    outside = _texts(drawing.outside)
    body = "".join(_compartment(one) for one in drawing.compartments)
    return (
        f'<svg class="map {name}" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="group"'
        f' aria-label="Map of networks, services and doors. The table below it says the same.">{water}{outside}{body}</svg>'
    )


def _water(y: float, width: float) -> str:
    sky = f'<rect class="sky" x="0" y="{y - 40:g}" width="{width:g}" height="40"/>'
    ring = f'<circle class="ring" cx="12" cy="{y:g}" r="7"/>'
    return f'<g aria-hidden="true">{sky}<path class="waterline" d="M0 {y:g}H{width:g}"/>{ring}</g>'


def _compartment(one: DrawnCompartment) -> str:
    x, y, right, keel = one.x + 0.75, one.y, one.x + one.width - 0.75, one.y + one.height
    hull = f"M{x:g} {y:g}V{keel - 14:g}q0 14 14 14H{right - 14:g}q14 0 14-14V{y:g}z"
    silent = " silent" if one.compartment.silent else ""
    name = escape(f"{one.compartment.title}: {one.compartment.note}")
    title = _texts(one.texts)
    rails = "".join(_rail(rail) for rail in one.rails)
    berths = "".join(_berth(berth, one.y) for berth in one.berths)
    return (
        f'<g class="hold{silent}"><path class="hull" d="{hull}"/><path class="deck" d="M{x:g} {y:g}H{right:g}"/>'
        f'<a href="{escape(one.compartment.url)}" aria-label="{name}"><title>{name}</title>{title}</a>{rails}{berths}</g>'
    )


def _rail(one: DrawnRail) -> str:
    kind = track_of(one.rail.net, one.rail.hosts)
    said = f"{one.rail.net.name}, {one.rail.note}: {counted(one.rail.services, 'service')}"
    return (
        f'<g class="rail {kind}" data-rail="{one.key}">{_track(kind, one.x, one.end, one.y)}'
        f'<a href="{escape(one.rail.url)}" aria-label="{escape(said)}"><title>{escape(said)}</title>{_texts(one.texts)}</a></g>'
    )


def _track(kind: str, x: float, end: float, y: float) -> str:
    line = f"M{x:g} {y:g}H{end:g}"
    if kind == "sealed":
        return f'<path class="pipe" d="{line}"/><path class="bore" d="{line}"/>'
    caps = f'<path class="caps" d="M{x:g} {y - 5:g}v10M{end:g} {y - 5:g}v10"/>' if kind == "closed" else ""
    return f'<path class="track" d="{line}"/>{caps}'


def _berth(one: DrawnBerth, waterline: float) -> str:
    spine = one.middles[0]
    lines = [f"M{spine:g} {one.top:g}V{one.joint:g}"]
    if len(one.middles) > 1:
        lines.append(f"M{spine:g} {one.joint:g}H{one.middles[-1]:g}")
    lines += [f"M{x:g} {one.joint:g}V{end - 8:g}" for x, end in zip(one.middles, one.ends, strict=True)]
    outward = one.berth.exposure in OUTWARD
    if outward:
        lines += [f"M{mark.x:g} {waterline + 7:g}V{one.top:g}H{spine:g}" for mark in one.marks]
    elif not one.dots:
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
    """Filled: anybody. Hollow: one address. Bars: no hull at all. A kite: on the wire. Under the deck: the host only."""
    if exposure is Exposure.EVERY:
        return f'<rect class="door every" x="{x - 5:g}" y="{y - 7:g}" width="10" height="14" rx="1.5"/>'
    if exposure is Exposure.ADDRESS:
        return f'<rect class="door address" x="{x - 4.5:g}" y="{y - 6.5:g}" width="9" height="13" rx="1.5"/>'
    if exposure is Exposure.HOST:
        bars = "".join(f"M{x + step:g} {y - 7:g}v14" for step in (-8, -4, 0, 4, 8))
        return f'<path class="door host" d="{bars}"/>'
    if exposure is Exposure.DIRECT:
        return f'<path class="door direct" d="M{x:g} {y - 8:g}l7 8-7 8-7-8z"/>'
    if exposure is Exposure.LOOPBACK:
        return f'<path class="door loopback" d="M{x - 5:g} {y - 4:g}v6h10v-6"/>'
    if exposure is Exposure.UNKNOWN:
        return f'<path class="door unknown" d="M{x:g} {y - 6:g}l6 6-6 6-6-6z"/>'
    return f'<path class="door none" d="M{x - 7:g} {y:g}h14"/>'


def _chip(one: DrawnChip) -> str:
    box = f'<rect x="{one.x:g}" y="{one.y:g}" width="{one.width:g}" height="{one.height:g}" rx="5"/>'
    said = escape(one.said)
    return (
        f'<a class="chip-{one.chip.kind}" href="{escape(one.chip.url)}" aria-label="{said}">'
        f"<title>{said}</title>{box}{_texts(one.texts)}</a>"
    )


def _texts(texts: Iterable[Text]) -> str:
    return "".join(
        f'<text class="{one.name}{" bold" if one.bold else ""}" x="{one.x:g}" y="{one.y:g}"'
        f"{f' text-anchor={chr(34)}{one.anchor}{chr(34)}' if one.anchor != 'start' else ''}>{escape(one.text)}</text>"
        for one in texts
    )
