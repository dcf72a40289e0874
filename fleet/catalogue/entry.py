"""A service as somebody wrote it down, and what of it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from fleet.models.service import STAGES
from fleet.readiness.vocabulary import Stage
from fleet.sheet import Columns

#: What people enter besides the name; the same names in forms, CSV and API.
FIELDS: Final = ("team", "tier", "stage", "runbook", "oncall", "source_url")
COLUMNS: Final = Columns(("name",), FIELDS, "a service", ("name", *FIELDS))
LONGEST: Final = {"name": 200, "team": 100, "runbook": 500, "oncall": 500, "source_url": 500}
_WORDS: Final = {
    "name": "name", "team": "team", "runbook": "runbook", "oncall": "on-call contact",
    "source_url": "address of the source",
}  # fmt: skip
_STAGES: Final = {
    **{spelling: value for value, word in STAGES for spelling in (value, word.lower())},
    Stage.NONE.value: "",
    "not in containers": "",
    "": "",
}
_MOST_CRITICAL, _LEAST_CRITICAL = 1, 9


class CatalogueError(Exception):
    """One sentence with the remedy. `field` is the name of what was wrong, the same in forms, CSV and API."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Nothing of it has been looked at yet; empty means that nobody said."""

    name: str
    team: str = ""
    tier: str = ""
    stage: str = ""
    runbook: str = ""
    oncall: str = ""
    source_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Valid:
    """An entry that holds in itself. `stage` is production, staging, experiment or empty; `tier` 1 to 9, or None."""

    name: str
    team: str
    tier: int | None
    stage: str
    runbook: str
    oncall: str
    source_url: str


def validate(entry: Entry) -> Valid:
    """Raises CatalogueError for the first thing that is wrong."""
    name = _text("name", entry.name)
    if not name:
        raise CatalogueError("name", "The name is empty; give the service one, such as checkout.")
    return Valid(
        name=name,
        team=_text("team", entry.team),
        tier=_tier(entry.tier),
        stage=_stage(entry.stage),
        runbook=_address("runbook", entry.runbook),
        oncall=_text("oncall", entry.oncall),
        source_url=_address("source_url", entry.source_url),
    )


def _text(field: str, given: str) -> str:
    text = given.strip()
    if not text.isprintable():
        raise CatalogueError(field, f"The {_WORDS[field]} {text!r} holds a character that does not print; remove it.")
    if len(text) > LONGEST[field]:
        raise CatalogueError(
            field, f"The {_WORDS[field]} has {len(text)} characters; {LONGEST[field]} are the most, so shorten it."
        )
    return text


def _tier(given: str) -> int | None:
    text = given.strip().lower().removeprefix("tier").strip(" -")
    if not text:
        return None
    if text.isdecimal() and len(text) == 1 and text != "0":
        return int(text)
    raise CatalogueError(
        "tier",
        f"The tier {given.strip()!r} is none; write a number from {_MOST_CRITICAL}, what the company stands still "
        f"without, to {_LEAST_CRITICAL}, or leave it empty.",
    )


def _stage(given: str) -> str:
    found = _STAGES.get(given.strip().lower())
    if found is None:
        raise CatalogueError(
            "stage", f"There is no stage {given.strip()!r}; write production, staging or experiment, or leave it empty."
        )
    return found


def _address(field: str, given: str) -> str:
    text = _text(field, given)
    if text and not is_address(text):
        raise CatalogueError(
            field, f"The {_WORDS[field]} {text!r} is no address; it begins with https:// or http://, and names a host."
        )
    return text


def is_address(text: str) -> bool:
    """Whether a page may make it a link: of the web, and never a script."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and " " not in text
