"""Numbers as they are kept in a row of history, and read from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import astuple

from fleet.adoption.definitions import (
    HOSTS_ANSWERING,
    SERVICES_IN_PRODUCTION,
    Number,
    stage_key,
    verdict_key,
)
from fleet.adoption.measuring import Measured, Team
from fleet.models import Day
from fleet.readiness.vocabulary import Stage, Verdict

_NUMBERS: Final = dict[str, Number]
_DECODER: Final = msgspec.json.Decoder(_NUMBERS)
_ONE: Final = msgspec.json.Decoder(Number)


def plain_numbers(numbers: Mapping[str, Number]) -> dict[str, list[Any]]:
    """[part, whole, value, low, high] by key, without the unknown ones at the end."""
    found = {}
    for key, number in numbers.items():
        told = list(astuple(number))
        while told and told[-1] is None:
            told.pop()
        found[key] = told
    return found


def decode_numbers(text: str | None) -> dict[str, Number]:
    """Of the column as the database has it, which is thrice as quick as by way of lists; nothing of an empty one."""
    return _DECODER.decode(text) if text and text != "null" else {}


def decode_number(text: str) -> Number:
    """Of one of them."""
    return _ONE.decode(text)


def read_numbers(plain: Mapping[str, list[Any]]) -> dict[str, Number]:
    return msgspec.convert(plain, _NUMBERS)


def numbers_of_day(day: Day) -> dict[str, Number]:
    """Of a day from before all figures were kept, those that its counts tell."""
    if day.numbers:
        return read_numbers(day.numbers)
    production = day.stage_production
    verdicts = {one: getattr(day, one.value.replace("-", "_")) for one in Verdict}
    return {
        SERVICES_IN_PRODUCTION: Number(part=production, whole=day.services),
        **{stage_key(one): Number(part=getattr(day, f"stage_{one.value}"), whole=day.services) for one in Stage},
        **{verdict_key(one): Number(part=count, whole=production) for one, count in verdicts.items()},
        HOSTS_ANSWERING: Number(part=day.hosts_answering, whole=day.hosts),
    }


def plain_measured(found: Measured) -> dict[str, Any]:
    teams = {
        name: {"use": team.use, "running": team.running, "numbers": plain_numbers(team.numbers)}
        for name, team in found.teams.items()
    }
    return {"numbers": plain_numbers(found.numbers), "teams": teams, "references": found.references}


def read_measured(plain: Mapping[str, Any]) -> Measured:
    teams = {
        name: Team(use=one["use"], running=one["running"], numbers=read_numbers(one["numbers"]))
        for name, one in plain["teams"].items()
    }
    return Measured(numbers=read_numbers(plain["numbers"]), teams=teams, references=plain["references"])
