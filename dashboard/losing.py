"""What a page, a download and the API say of a loss: which things were named, and the answer in one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from dashboard.words import counted
from fleet.foresight.losses import KINDS, MOST_LOST, Found, Question
from fleet.loss import Answer, Fate, StateLost
from fleet.loss.words import listed

_LONGEST = 255  # of a name that an engine or a person can have given
_NOUNS = {"host": "host", "plugin": "plugin", "network": "network", "registry": "registry"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """One thing that is taken for lost, the address without it, and where it is to be seen as it is, if anywhere."""

    kind: str
    name: str
    without: str
    url: str
    seen: str


def question_of(given: QueryDict) -> Question:
    """Each name once, in the order in which they were given; no more than one question has time for."""
    named = {kind: _names(given.getlist(kind)) for kind in KINDS}
    return Question(
        hosts=named["host"], plugins=named["plugin"], networks=named["network"], registries=named["registry"]
    )


def _names(values: Iterable[str]) -> tuple[str, ...]:
    clean = (value.strip()[:_LONGEST] for value in values)
    return tuple(dict.fromkeys(name for name in clean if name))[:MOST_LOST]


def address_of(names: Iterable[tuple[str, str]]) -> str:
    """`/what-if/?host=prod-01&host=prod-02`."""
    query = urlencode(list(names))
    return reverse("what-if") + (f"?{query}" if query else "")


def chosen(question: Question) -> list[Chosen]:
    every = list(question.names())
    return [
        Chosen(kind, name, address_of(one for one in every if one != (kind, name)), *_seen(kind, name))
        for kind, name in every
    ]


def _seen(kind: str, name: str) -> tuple[str, str]:
    """The page that shows a thing as it is, and how the link to it is said."""
    if kind == "host":
        return reverse("host", args=[name]), f"See {name}"
    if kind == "network":
        bare = name.rpartition("/")[2]
        return f"{reverse('network-map')}?{urlencode({'network': bare})}", f"{bare} on the map"
    return "", ""


def with_added(question: Question, kind: str, text: str) -> str:
    """The address with what somebody typed: one name, or several with commas or spaces between them."""
    names = [(kind, name) for name in text.replace(",", " ").split()]
    return address_of([*question.names(), *names])


def lead(answer: Answer, question: Question) -> str:
    """The answer in one sentence."""
    names = listed([_named(kind, name) for kind, name in question.names()], most=6)
    numbers = Counter(one.fate for one in answer.services)
    if not answer.services:
        return f"Without {names} nothing changes: no container hangs on it."
    told = [f"{numbers[fate]} {words[numbers[fate] != 1]}" for fate, words in _VERBS.items() if numbers[fate]]
    if told:
        first_number = told[0].partition(" ")[0]
        noun = "service" if first_number == "1" else "services"
        told[0] = told[0].replace(" ", f" {noun} ", 1)
    said = listed(told) or "nothing stops: none of its services works now"
    return f"Without {names}, {said}. {_data(answer)}".strip()


_VERBS = {
    Fate.DOWN: ("goes down", "go down"),
    Fate.UNKNOWN: ("cannot be told", "cannot be told"),
    Fate.DEGRADED: ("degrades", "degrade"),
    Fate.SURVIVES: ("survives", "survive"),
}


def _named(kind: str, name: str) -> str:
    return name if kind == "host" else f"the {_NOUNS[kind]} {name}"


def _data(answer: Answer) -> str:
    lost = sum(1 for one in answer.volumes if one.lost)
    losing = sum(1 for one in answer.services if one.state is StateLost.YES)
    if not answer.lost.hosts:
        return ""
    if not lost and not losing:
        return "No data are lost that Loadline knows of."
    places = (
        f"{lost} {'place that holds' if lost == 1 else 'places that hold'} data {'is' if lost == 1 else 'are'} lost"
    )
    services = counted(losing, "service") if losing else "no service"
    return f"{places}; {services} {'lose' if losing > 1 else 'loses'} data for good."


def sheet(found: Found) -> list[list[str]]:
    """The services as rows for a spreadsheet, with their names on top."""
    head = ["Service", "Team", "Tier", "Stage", "Fate", "When", "Why", "Data lost", "Move", "To", "What stops it"]
    rows = [head]
    for one in found.answer.services if found.answer else ():
        move = one.move
        rows.append(
            [
                one.case.name,
                one.case.team,
                str(one.case.tier or ""),
                one.case.stage,
                one.fate.value,
                one.when.value,
                " ".join(one.reasons),
                one.state.value,
                move.moving.value if move else "",
                ", ".join(move.hosts) if move else "",
                " ".join(move.stops) if move else "",
            ]
        )
    return rows
