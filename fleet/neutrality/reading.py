"""How far a service is from running on another OCI engine: the ties of its containers, added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fleet.memory import keep
from fleet.neutrality.catalogue import by_slug, ties
from fleet.neutrality.tie import Found, MissingFactError, Part
from fleet.neutrality.vocabulary import CHANGES, EFFORTS, Distance, Effort

#: Values that are kept of one field: enough to know what it is about.
_FEW: Final = 5
_LONG: Final = 120  # letters of one value


@dataclass(frozen=True, slots=True)
class Bond:
    """One tie of a service: its slug, what cutting it takes, the evidence, and how many of its containers have it.

    `change` is empty where what the tie itself says fits.
    """

    slug: str
    effort: Effort
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    containers: int = 0
    change: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """`bonds` the heaviest first; `missing` are the engine's names for what it did not tell. Without any container
    there is nothing to read, and the distance is unknown.
    """

    distance: Distance
    bonds: tuple[Bond, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[Bond, ...]:
        """What has to change about the service."""
        return tuple(bond for bond in self.bonds if bond.effort in CHANGES)

    @property
    def preparations(self) -> tuple[Bond, ...]:
        """What has to be set up once on the other engine's host."""
        return tuple(bond for bond in self.bonds if bond.effort not in CHANGES)

    def to_plain(self) -> dict[str, Any]:
        """Small: a service has a handful of bonds."""
        found = {
            bond.slug: {
                "effort": bond.effort.value,
                "evidence": {name: list(values) for name, values in bond.evidence.items()},
                "containers": bond.containers,
                **({"change": bond.change} if bond.change else {}),
            }
            for bond in self.bonds
        }
        return {"found": found, "missing": list(self.missing)} if found or self.missing else {}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], distance: str) -> Reading:
        """What `to_plain` gave; ties that this version does not know any more are left out."""
        bonds = [
            Bond(
                slug,
                Effort(one["effort"]),
                {name: tuple(values) for name, values in one["evidence"].items()},
                one["containers"],
                one.get("change", ""),
            )
            for slug, one in plain.get("found", {}).items()
            if slug in by_slug()
        ]
        return cls(Distance(distance), _heaviest_first(bonds), tuple(plain.get("missing", ())))


def read(parts: Iterable[Part]) -> Reading:
    """What ties these containers, which are all of one service. Replicas that are alike are read once."""
    kinds: dict[str, Part] = {}
    numbers: Counter[str] = Counter()
    for part in parts:
        key = part.alike
        kinds.setdefault(key, part)
        numbers[key] += 1
    if not kinds:
        return Reading(Distance.UNKNOWN)
    found: dict[str, list[tuple[Found, int]]] = {}
    missing: set[str] = set()
    for key, part in kinds.items():
        ties_of, lacking = _known(key, part)
        missing.update(lacking)
        for slug, one in ties_of:
            found.setdefault(slug, []).append((one, numbers[key]))
    bonds = _heaviest_first(_bond(slug, seen) for slug, seen in found.items())
    return Reading(_distance(bonds, missing), bonds, tuple(sorted(missing)))


#: What containers of a kind were found to be tied by, and what their engines did not tell; a kilobyte at most.
_Known = tuple[tuple[tuple[str, Found], ...], tuple[str, ...]]
_MOST: Final = 30_000
_remembered: dict[str, _Known] = {}


def _known(alike: str, part: Part) -> _Known:
    """Of a kind that was read before, whatever service it belongs to, nothing is read again."""
    known = _remembered.get(alike)
    if known is None:
        missing: set[str] = set()
        known = tuple(_found(part, missing)), tuple(missing)
        keep(_remembered, alike, known, most=_MOST)
    return known


def _found(part: Part, missing: set[str]) -> Iterator[tuple[str, Found]]:
    for tie in ties():
        if part.engine in tie.engines:
            try:
                one = tie.find(part)
            except MissingFactError as fact:
                missing.add(str(fact))
            else:
                if one is not None:
                    yield tie.slug, one


def _bond(slug: str, seen: Sequence[tuple[Found, int]]) -> Bond:
    tie = by_slug()[slug]
    heaviest = max((one for one, _ in seen), key=lambda one: EFFORTS.index(one.effort or tie.effort))
    evidence: dict[str, list[str]] = {}
    for one, _ in seen:
        for name, values in one.evidence.items():
            held = evidence.setdefault(name, [])
            held += [short for value in values if (short := value[:_LONG]) not in held]
    return Bond(
        slug,
        heaviest.effort or tie.effort,
        {name: tuple(values[:_FEW]) for name, values in evidence.items()},
        sum(number for _, number in seen),
        heaviest.change,
    )


def _heaviest_first(bonds: Iterable[Bond]) -> tuple[Bond, ...]:
    return tuple(sorted(bonds, key=lambda bond: (-EFFORTS.index(bond.effort), bond.slug)))


def _distance(bonds: Sequence[Bond], missing: Iterable[str]) -> Distance:
    """What is missing may be heavier than what was found, unless nothing is."""
    heaviest = max((bond.effort for bond in bonds if bond.effort in CHANGES), key=CHANGES.index, default=None)
    if heaviest is Effort.REWORK:
        return Distance.REWORK
    if any(True for _ in missing):
        return Distance.UNKNOWN
    return Distance(heaviest.value) if heaviest else Distance.FREE
