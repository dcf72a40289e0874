"""What a subject's findings leave of it: points for the verdict, and every rule that stands in the way.

Small enough to be kept on each row, and enough to recompute a verdict as if some rules passed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

from fleet.readiness.verdict import WEIGHTS, Points, Tally, Weighed
from fleet.readiness.vocabulary import Pillar, Severity, Status


class Named(Weighed, Protocol):
    """A finding with the rule that it came from."""

    @property
    def rule(self) -> str: ...


NO_FINDINGS = Tally()


class Open(NamedTuple):
    """`times` failing or unknown findings of one rule that weigh alike."""

    rule: str
    pillar: str
    severity: str
    status: str
    core_gate: bool = False
    blind: bool = False
    waived: bool = False
    times: int = 1
    freshness: float = 1.0

    @property
    def failing(self) -> bool:
        """Fails, and nobody has accepted it."""
        return self.status == Status.FAIL.value and not self.waived


_TIMES: Final = Open._fields.index("times")


@dataclass(frozen=True, slots=True)
class Standing:
    """Adding two of these adds up their findings."""

    tally: Tally = NO_FINDINGS
    open: tuple[Open, ...] = ()
    _hash: int = field(default=0, init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        """Worked out once, as a tally's is."""
        if not self._hash:
            object.__setattr__(self, "_hash", hash((self.tally, self.open)) or 1)
        return self._hash

    @classmethod
    def of(cls, findings: Iterable[Named]) -> Standing:
        """The findings added up; their order does not matter."""
        kept = list(findings)
        counted = Counter(
            (f.rule, str(f.pillar), str(f.severity), str(f.status), f.core_gate, f.blind, f.waived)
            for f in kept
            if f.status in {Status.FAIL, Status.UNKNOWN}
        )
        return cls(Tally.of(kept), tuple(Open._make((*key, count, 1.0)) for key, count in sorted(counted.items())))

    def __add__(self, other: Standing) -> Standing:
        return Standing.total((self, other))

    @classmethod
    def total(cls, standings: Iterable[Standing]) -> Standing:
        """All of them added up; their order does not matter."""
        kept = list(standings)
        tally = sum((one.tally for one in kept), start=Tally())
        parts = [one.open for one in kept if one.open]
        if len(parts) <= 1:
            return cls(tally, parts[0] if parts else ())
        counts: dict[tuple[Any, ...], int] = {}
        for part in parts:
            for one in part:
                key = (*one[:_TIMES], one.freshness)
                counts[key] = counts.get(key, 0) + one.times
        merged = (Open._make((*key[:_TIMES], count, key[_TIMES])) for key, count in counts.items())
        return cls(tally, tuple(sorted(merged)))

    def times(self, number: int) -> Standing:
        """That of so many subjects which stand alike, added up."""
        if number == 1:
            return self
        return Standing(self.tally.times(number), tuple([one._replace(times=number * one.times) for one in self.open]))

    def without(self, rules: Collection[str]) -> Standing:
        """As if every open finding of these rules passed on fresh evidence."""
        mended = [one for one in self.open if one.rule in rules]
        if not mended:
            return self
        areas = list(self.tally.areas)
        places = {pillar.value: place for place, pillar in enumerate(Pillar)}
        for one in mended:
            areas[places[one.pillar]] = _passing(areas[places[one.pillar]], one)
        return Standing(Tally(tuple(areas)), tuple(one for one in self.open if one.rule not in rules))

    def rules(self, *, failing: bool = True) -> frozenset[str]:
        """Slugs of rules that fail unwaived, or with `failing=False` of all that are open."""
        return frozenset(one.rule for one in self.open if one.failing or not failing)

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready."""
        rows = [
            [one.rule, one.pillar, one.severity, one.status, one.core_gate, one.blind, one.waived, one.times]
            for one in self.open
        ]
        return {"tally": self.tally.to_plain(), "open": rows}

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Standing:
        """What `to_plain` made; of anything else, an empty standing."""
        rows = data.get("open", ())
        return cls(Tally.from_plain(data.get("tally", {})), tuple(Open(*row) for row in rows))


def _passing(points: Points, one: Open) -> Points:
    """The points with these findings moved over to those that pass."""
    weight = WEIGHTS[one.severity] * one.times
    changes: dict[str, float] = {
        "passed": points.passed + weight,
        "seen": points.seen + weight,
        "passes": points.passes + one.times,
    }
    if one.status == Status.UNKNOWN.value:
        place = "blind" if one.blind else "unknown"
        changes[place] = getattr(points, place) - weight
        changes["unknowns"] = points.unknowns - one.times
        if one.core_gate:
            changes["gates"] = points.gates - one.times
        elif one.severity in {Severity.CRITICAL.value, Severity.HIGH.value} and not one.blind:
            changes["unproven"] = points.unproven - one.times
    elif one.waived:
        changes["waived"] = points.waived - one.times
        changes["waived_critical"] = points.waived_critical - one.times * (one.severity == Severity.CRITICAL.value)
    else:
        changes["failed"] = points.failed - weight
        changes[one.severity] = getattr(points, one.severity) - one.times
    return points._replace(**changes)  # type: ignore[arg-type]
