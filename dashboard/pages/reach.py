"""Reach: can this open a connection to that, by which doors, and what would close them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from dashboard.door_words import (
    WayLine,
    asked,
    change_word,
    closed_word,
    place_kind,
    place_word,
    sum_of,
    way_lines,
)
from dashboard.sheets import rows_as_csv
from dashboard.words import counted
from fleet.reach import OUTSIDE, Answer, Place, PlaceKind
from fleet.reaching.asking import MOST_AROUND, MOST_OF_SERVICE, Around, ask, look_around
from fleet.reaching.finding import Found, find, is_there, key_of, some, suggest

_LINES = 200
_HEAD = ("From", "To", "Can connect", "Door", "Where", "Through", "Between hosts", "Host", "Containers", "Why")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLine:
    """One place around another: whether they can be connected, and by how many doors."""

    name: str
    kind: str
    url: str
    verdict: str
    because: str
    ways: int
    doors: str


def reach(request: HttpRequest) -> HttpResponse:
    """Of two places every door between them; of one, everything around it."""
    source, target = find(request.GET.get("from", "")), find(request.GET.get("to", ""))
    if source.place is OUTSIDE and not target.typed.strip():
        return redirect("doors")  # what the outside can reach is kept, and a list of its own
    context: dict[str, Any] = {"doors_url": reverse("doors"), "error": "", "onward": _onward()}
    answers: Sequence[Answer] = ()
    try:
        answers, said = _asked(source, target)
        context |= said
    except LookupError as error:
        context["error"] = f"{error}."
    if not answers or not any(one.ways for one in answers):
        source, target = _checked(source), _checked(target)
    context |= {"source": source, "target": target, "choices": _choices(source, target)}
    if not answers and not context["choices"] and not context["error"]:
        context["examples"] = _examples(outward=target.place is OUTSIDE)
    if answers and request.GET.get("format") == "csv":
        return rows_as_csv("reach", _HEAD, [row for one in answers for row in _sheet(one)])
    return render(request, "reach/reach.html", context)


def _asked(source: Found, target: Found) -> tuple[Sequence[Answer], dict[str, Any]]:
    now = timezone.now()
    if source.place and target.place:
        answer = ask(source.place, target.place, now=now)
        return [answer], _answered(answer, source, target)
    centre = target if target.place else source
    if (
        centre.place is None
        or centre.place.kind is PlaceKind.OUTSIDE
        or (source.typed.strip() and target.typed.strip())
    ):
        return (), {}
    inward = centre is target
    around = look_around(centre.place, now=now, inward=inward)
    return around.answers, _around(around, centre, inward=inward)


def _examples(*, outward: bool) -> list[tuple[str, str]]:
    """Questions to begin with, as (words, address); with `outward` about who gets out."""
    services, hosts = some()
    if outward:
        return [(f"Whether {name} can reach the outside", asked(f"service:{name}", "outside")) for name in services]
    inward = [(f"Who can reach {name}", asked("", f"service:{name}")) for name in services]
    return inward + [(f"What {name} can reach", asked(f"host:{name}", "")) for name in hosts]


def _checked(found: Found) -> Found:
    """What nothing was seen of may not be there at all; then places of a like name are suggested."""
    return found if found.place is None or is_there(found.place) else suggest(found.typed)


def _answered(answer: Answer, source: Found, target: Found) -> dict[str, Any]:
    lines = way_lines(answer)
    return {
        "answer": answer,
        "verdict": answer.verdict.value,
        "lines": lines[:_LINES],
        "lines_left": max(0, len(lines) - _LINES),
        "most": MOST_OF_SERVICE,
        "swapped": asked(target.key, source.key),
    }


def _around(around: Around, centre: Found, *, inward: bool) -> dict[str, Any]:
    lines = [_place_line(one, centre, inward=inward) for one in around.answers]
    sums = sum_of(around.answers)
    name = place_word(centre.place) if centre.place else ""
    return {
        "around_title": f"Who can reach {name}" if inward else f"What {name} can reach",
        "around": lines[:_LINES],
        "around_left": max(0, len(lines) - _LINES),
        "inward": inward,
        "sums": sums,
        "places": counted(len(lines), "place"),
        "closed": [(change_word(one.change), closed_word(one), one.ways) for one in around.closed],
        "cut": around.cut,
        "most": MOST_AROUND,
        "centre": centre,
    }


def _place_line(answer: Answer, centre: Found, *, inward: bool) -> PlaceLine:
    other = answer.source if inward else answer.target
    words: list[WayLine] = way_lines(answer)
    doors = ", ".join(dict.fromkeys(f"{line.door} {line.where}".strip() for line in words[:3]))
    return PlaceLine(
        name=place_word(other),
        kind=place_kind(other),
        url=_url(other, centre, inward=inward),
        verdict=answer.verdict.value,
        because=answer.because,
        ways=len(words),
        doors=doors,
    )


def _url(other: Place, centre: Found, *, inward: bool) -> str:
    """Containers without a service are not linked: the URL would name them by a key that is not known here."""
    if other.kind is PlaceKind.CONTAINER:
        return ""
    key = key_of(other)
    return asked(key, centre.key) if inward else asked(centre.key, key)


def _choices(source: Found, target: Found) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(which field, what was typed, (address, what it is) of each place that may be meant)."""
    found = []
    for name, one, other in (("from", source, target), ("to", target, source)):
        if one.typed.strip() and one.place is None:
            kept = other.key or other.typed
            links = [(asked(key, kept) if name == "from" else asked(kept, key), word) for key, word in one.choices]
            found.append((name, one.typed, links))
    return found


def _sheet(answer: Answer) -> Sequence[tuple[str, ...]]:
    ends = (str(answer.source), str(answer.target))
    lines = [
        (*ends, line.verdict, line.door, line.where, line.through, line.encrypted, line.hosts, line.pairs, line.because)
        for line in way_lines(answer)
    ]
    return lines or [(*ends, answer.verdict.value, "", "", "", "", "", "", answer.because)]


def _onward() -> list[tuple[str, str]]:
    return [("Doors to the outside", reverse("doors")), ("The map", reverse("network-map"))]
