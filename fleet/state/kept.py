"""The answer about one service as it is stored: what is alike is told once, and no more of it than a page can show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from fleet.state.kinds import Form, Health, Holding, ServiceState, StateKind, Where

#: Places that are told of one service, and hosts of one place; the rest is a number.
MOST_PLACES: Final = 30
MOST_HOSTS: Final = 8
MOST_SENTENCES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPlace:
    """Holdings that differ in nothing but their container and host: `containers` of them, on `hosts_total` hosts.

    `container` is the first of them. `size` is what those of them take together whose engines tell, each volume once;
    None where none does. The other fields are those of `Holding`.
    """

    container: str
    containers: int
    hosts: tuple[str, ...]
    hosts_total: int
    form: Form
    destination: str
    source: str = ""
    driver: str = ""
    options: dict[str, str] = field(default_factory=dict)
    health: Health | None = None
    where: Where
    counts: bool
    survives: bool | None = None
    size: int | None = None
    shared_with: tuple[str, ...] = ()
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptState:
    """`more` is how many other places there are."""

    kind: StateKind = StateKind.UNKNOWN
    sentence: str
    places: tuple[KeptPlace, ...] = ()
    more: int = 0
    proven: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    family: str = ""


def to_kept(state: ServiceState) -> dict[str, Any]:
    """JSON-ready data, equal for two answers that say the same."""
    places = _alike(state.holdings)
    kept = KeptState(
        kind=state.kind,
        sentence=state.sentence,
        places=tuple(places[:MOST_PLACES]),
        more=max(0, len(places) - MOST_PLACES),
        proven=state.proven[:MOST_SENTENCES],
        assumed=state.assumed[:MOST_SENTENCES],
        missing=state.missing[:MOST_SENTENCES],
        family=state.family,
    )
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(kept))
    return plain


def from_kept(plain: Any) -> KeptState:
    """The answer again. Raises msgspec.ValidationError for what `to_kept` did not make."""
    return msgspec.convert(plain, KeptState)


def _alike(holdings: Iterable[Holding]) -> list[KeptPlace]:
    """In the order of the first of each."""
    found: dict[tuple[object, ...], list[Holding]] = {}
    for one in holdings:
        key = (
            one.form, one.destination, one.source, one.driver, tuple(sorted(one.options.items())), one.health,
            one.where, one.counts, one.shared_with if one.counts else (), one.reason,
        )  # fmt: skip
        found.setdefault(key, []).append(one)
    return [_place(alike) for alike in found.values()]


def _place(alike: list[Holding]) -> KeptPlace:
    first, hosts = alike[0], sorted({one.host for one in alike})
    return KeptPlace(
        container=first.container,
        containers=len(alike),
        hosts=tuple(hosts[:MOST_HOSTS]),
        hosts_total=len(hosts),
        form=first.form,
        destination=first.destination,
        source=first.source,
        driver=first.driver,
        options=dict(first.options),
        health=first.health,
        where=first.where,
        counts=first.counts,
        survives=first.survives,
        size=_size(alike),
        shared_with=first.shared_with[:MOST_HOSTS],
        reason=first.reason,
    )


def _size(alike: Iterable[Holding]) -> int | None:
    told = {(one.host, one.source): one.size for one in alike if one.size is not None}
    return sum(told.values()) if told else None
