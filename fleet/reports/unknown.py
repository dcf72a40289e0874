"""What a report does not know, and how old what it knows is: said on the page, never left to be guessed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from fleet.reports.known import Known
from fleet.reports.saying import Sentence, be, number, say

#: Days of the trend whose gaps are counted.
LOOKED_AT: Final = 90
_STEPS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def unknown_section(known: Known) -> dict[str, Any]:
    return {"key": "unknown", "title": "What we do not know", "sentences": list(_sentences(known))}


def _sentences(known: Known) -> Iterator[Sentence]:
    now = known.now
    yield from _hosts(known)
    unknown = now.verdicts.get("unknown", 0)
    if unknown:
        yield say(
            "{unknown} in production " + be(unknown, "has", "have") + " no verdict, because evidence is missing or too"
            " old; nothing of that is counted as ready.",
            unknown=number(
                "unknown-in-production", unknown, "service", page="services", stage="production", verdict="unknown"
            ),
        )
    if known.carried:
        yield say(
            "{carried} " + be(known.carried, "was", "were") + " counted as last seen, on hosts that did not answer.",
            carried=number("carried", known.carried, "service"),
        )
    yield from _gaps(known)
    if known.stale_tables:
        yield say(
            "{tables} of known vulnerabilities and of ends of support "
            + be(known.stale_tables)
            + " older than "
            + be(known.stale_tables, "it", "they")
            + " should be.",
            tables=number("stale-tables", known.stale_tables, "list", page="policy"),
        )
    if known.simulated:
        yield say("This fleet is simulated: none of it is real.")


def _hosts(known: Known) -> Iterator[Sentence]:
    now = known.now
    if not now.hosts:
        yield say("No host is registered, so nothing is looked at.")
        return
    hosts = number("hosts", now.hosts, "host", page="hosts")
    if now.answering == now.hosts:
        age = _age(known)
        yield say(
            "All of {hosts} answered" + (", the oldest answer {age} before." if age else "."),
            hosts=hosts,
            age=age or "",
        )
        return
    silent = now.hosts - now.answering
    yield say(
        "{silent} of {hosts} did not answer: what runs there is as old as the last answer, or unknown.",
        silent=number("silent-hosts", silent, page="hosts"),
        hosts=hosts,
    )
    if known.never_answered:
        yield say(
            "{never} of them " + be(known.never_answered, "has", "have") + " never answered.",
            never=number("never-answered", known.never_answered, page="hosts", answer="never"),
        )
    if (age := _age(known)) and now.answering:
        yield say("Of those that answered the oldest answer was {age} old.", age=age)


def _age(known: Known) -> Sentence | None:
    if known.at is None or known.oldest_answer is None:
        return None
    seconds = max(1, round((known.at - known.oldest_answer) / timedelta(seconds=1)))
    return [{"key": "oldest-evidence-seconds", "value": seconds, "text": _span(seconds)}]


def _span(seconds: int) -> str:
    size, unit = next((size, unit) for size, unit in _STEPS if seconds >= size)
    count = seconds // size
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _gaps(known: Known) -> Iterator[Sentence]:
    """Days of the last ninety without figures, since the first that has any."""
    since = known.trend[-LOOKED_AT:]
    first = next((place for place, one in enumerate(since) if one.part is not None), None)
    if first is None:
        yield say("No day has been kept yet, so no trend can be drawn.")
        return
    missing = sum(1 for one in since[first:] if one.part is None)
    if missing:
        yield say(
            "Of the last {days} {missing} "
            + be(missing, "has", "have")
            + " no figures, and the trend has a gap there.",
            days=number("days-looked-at", len(since) - first, "day"),
            missing=number("days-without-figures", missing),
        )


def moment(when: datetime) -> str:
    return f"{when:%H:%M} UTC"
