"""What others published on how far containers have come since 2015, and what of ours may stand beside it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal

import msgspec

from fleet.adoption.definitions import HOSTS_IN_PRODUCTION, SERVICES_IN_PRODUCTION, STATEFUL, Number, use_key
from fleet.adoption.usage import Use
from fleet.tables.shapes import Table, Text

Kind = Literal["hosts", "adopter", "any", "most", "stateful"]


class Benchmark(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`percent` of `of` do what it `measures`; `n` are those asked. `sure` says that the publisher's own text was read.

    `kind` is what it is like: a share of hosts, of organisations that adopted, of those with any use in production, of
    those with most of their applications there, or of those with state there.
    """

    date: datetime.date
    who: Text
    percent: Annotated[float, msgspec.Meta(ge=0, le=100)]
    of: Text
    measures: Text
    kind: Kind
    source: Text
    sure: bool
    bound: str = ""
    n: int | None = None


class Published(Table, frozen=True, kw_only=True):
    """Oldest first."""

    entries: tuple[Benchmark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Which of our figures stands beside a kind of benchmark, and how far the two can be compared."""

    kind: Kind
    title: str
    key: str
    caution: str


BESIDE: Final = (
    Beside(
        kind="hosts",
        title="Share of hosts",
        key=HOSTS_IN_PRODUCTION,
        caution="Theirs counts every host of a customer, ours the hosts that Loadline sweeps, each of which has an "
        "engine; and ours asks for production.",
    ),
    Beside(
        kind="adopter",
        title="Share that adopted",
        key=use_key(Use.ADOPTER),
        caution="The same method. Theirs counts organisations, ours counts teams of one.",
    ),
    Beside(
        kind="most",
        title="Most or all of it in production",
        key=SERVICES_IN_PRODUCTION,
        caution="Theirs is the share of organisations that say so of most of their applications. Ours is the share of "
        "services itself: from 50% on, this organisation would be one that says so.",
    ),
    Beside(
        kind="any",
        title="Any use in production",
        key=SERVICES_IN_PRODUCTION,
        caution="Theirs is the share of those asked with anything at all in production, by their own word. One service "
        "would be enough, so no share of ours is like it.",
    ),
    Beside(
        kind="stateful",
        title="State in production",
        key=STATEFUL,
        caution="Theirs is the share of organisations with any stateful application in production, ours that of "
        "services.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One kind of benchmark with what was published and with our figure of the day."""

    beside: Beside
    published: tuple[Benchmark, ...]
    ours: Number | None


@cache
def published() -> Published:
    raw = files("fleet.adoption").joinpath("data", "published.json").read_bytes()
    return msgspec.json.decode(raw, type=Published)


def compared(numbers: Mapping[str, Number]) -> tuple[Compared, ...]:
    """Every kind, in the order in which it is most like ours."""
    told = published().entries
    return tuple(
        Compared(
            beside=one,
            published=tuple(sorted((entry for entry in told if entry.kind == one.kind), key=lambda e: e.date)),
            ours=numbers.get(one.key),
        )
        for one in BESIDE
    )
