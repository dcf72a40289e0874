"""From findings to a verdict: arithmetic, nothing else.

There is no average that could hide one privileged container among forty good findings: a gate decides, and the first
that matches. Points only rank, and keep a pillar that is mostly failing or mostly unseen from being called ready.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import add
from typing import Final, NamedTuple, Protocol

from fleet.readiness.policy import Thresholds
from fleet.readiness.vocabulary import PILLARS, Pillar, Severity, Status, Verdict

WEIGHTS: Final[Mapping[str, int]] = {
    Severity.CRITICAL: 10,
    Severity.HIGH: 5,
    Severity.MEDIUM: 2,
    Severity.LOW: 1,
    Severity.INFO: 0,
}
_GRAVE: Final = frozenset({Severity.CRITICAL.value, Severity.HIGH.value})
_ORDER = {verdict: rank for rank, verdict in enumerate(Verdict)}
_AREAS: Final = tuple(Pillar)
_PLACES: Final[Mapping[str, int]] = {pillar: place for place, pillar in enumerate(Pillar)}
DEFAULT = Thresholds()


class Weighed(Protocol):
    """Anything that has what a verdict needs of a finding: a pure Finding or a stored row."""

    @property
    def pillar(self) -> Pillar | str: ...
    @property
    def severity(self) -> Severity | str: ...
    @property
    def status(self) -> Status | str: ...
    @property
    def core_gate(self) -> bool: ...
    @property
    def blind(self) -> bool: ...
    @property
    def freshness(self) -> float: ...
    @property
    def waived(self) -> bool: ...


class Points(NamedTuple):
    """What the findings of one pillar, or of all, add up to; adding two of these adds up their findings.

    The first five are sums of weights, the rest numbers of findings. `seen` is `passed` weighed by freshness; `blind`
    is the part that Loadline has no source for. `critical` to `info` count failures that nobody has accepted.
    """

    passed: int = 0
    seen: float = 0.0
    failed: int = 0
    unknown: int = 0
    blind: int = 0
    critical: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0
    info: int = 0
    waived: int = 0
    waived_critical: int = 0
    gates: int = 0  # core gates without evidence
    unproven: int = 0  # other critical and high rules without evidence that an engine could have given
    passes: int = 0
    unknowns: int = 0

    def __add__(self, other: Points) -> Points:  # type: ignore[override]  # a tuple's own would put them in a row
        return Points._make(map(add, self, other))

    def times(self, number: int) -> Points:
        """As often as that."""
        return Points._make([number * value for value in self])

    @property
    def score(self) -> int | None:
        """Percent of the points told that pass, rounded down; None when nothing was told. For ranking only."""
        told = self.passed + self.failed
        return 100 * self.passed // told if told else None

    @property
    def lowest_score(self) -> int | None:
        """The score if all that an engine could have told and did not were failing: what the gate looks at.

        With the plain score, evidence that goes missing would make a pillar better.
        """
        known = self.passed + self.failed + self.unknown
        return 100 * self.passed // known if known else None

    @property
    def confidence(self) -> int:
        """Percent of the points not failing that were really seen. Failures are left out, so that one more of them
        can never make up for missing evidence.
        """
        wanted = self.passed + self.unknown + self.blind
        return int(100 * self.seen / wanted) if wanted else 0


_NAMES: Final = Points._fields
_PASSED, _SEEN, _FAILED, _UNKNOWN, _BLIND, _WAIVED, _WAIVED_CRITICAL, _GATES, _UNPROVEN, _PASSES, _UNKNOWNS = map(
    _NAMES.index,
    ("passed", "seen", "failed", "unknown", "blind", "waived", "waived_critical", "gates", "unproven", "passes",
     "unknowns"),
)  # fmt: skip
_FAILURES: Final[Mapping[str, int]] = {severity: _NAMES.index(severity.value) for severity in Severity}
NOTHING: Final = Points()


@dataclass(frozen=True, slots=True)
class Tally:
    """Points by pillar, adoption last."""

    areas: tuple[Points, ...] = (NOTHING,) * len(_AREAS)
    _hash: int = field(default=0, init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        """Worked out once: sums are remembered by their tallies, and a hundred numbers are dear to go through."""
        if not self._hash:
            object.__setattr__(self, "_hash", hash(self.areas) or 1)
        return self._hash

    @classmethod
    def of(cls, findings: Iterable[Weighed]) -> Tally:
        """The findings added up; their order does not matter."""
        sums: list[list[float] | None] = [None] * len(_AREAS)
        for finding in findings:
            if finding.status != Status.NOT_APPLICABLE:
                place = _PLACES[finding.pillar]
                area = sums[place]
                if area is None:
                    area = sums[place] = [0] * len(_NAMES)
                _count(area, finding)
        return cls(tuple([NOTHING if area is None else Points._make(area) for area in sums]))

    def __add__(self, other: Tally) -> Tally:
        pairs = zip(self.areas, other.areas, strict=True)
        return Tally(tuple(b if a is NOTHING else a if b is NOTHING else a + b for a, b in pairs))

    def times(self, number: int) -> Tally:
        """The findings of so many that are alike."""
        return Tally(tuple(area if area is NOTHING else area.times(number) for area in self.areas))

    @property
    def whole(self) -> Points:
        """All pillars and adoption together."""
        return _sum(self.areas)

    def pillar(self, pillar: Pillar | str) -> Points:
        return self.areas[_PLACES[pillar]]

    def to_plain(self) -> dict[str, list[float]]:
        """JSON-ready, by pillar; pillars without any finding are left out. Equal tallies are written alike."""
        return {pillar.value: _plain(area) for pillar, area in zip(_AREAS, self.areas, strict=True) if area != NOTHING}

    @classmethod
    def from_plain(cls, data: Mapping[str, list[float]]) -> Tally:
        """What `to_plain` made; anything else, such as that of an older version, is an empty tally."""
        areas = (data.get(pillar.value) for pillar in _AREAS)
        return cls(tuple(Points(*area) if area and len(area) == len(_NAMES) else NOTHING for area in areas))  # type: ignore[arg-type]


def _plain(area: Points) -> list[float]:
    plain: list[float] = list(area)
    plain[_SEEN] = float(plain[_SEEN])  # 0 where nothing passed, 0.0 where nothing was said
    return plain


@lru_cache(maxsize=10_000)
def _sum(areas: tuple[Points, ...]) -> Points:
    total = NOTHING
    for area in areas:
        total = area if total is NOTHING else total if area is NOTHING else total + area
    return total


def _count(area: list[float], finding: Weighed) -> None:
    """Adds one finding to points in the making; as a list, because most of judging a fleet is done here."""
    weight = WEIGHTS[finding.severity]
    if finding.status == Status.PASS:
        area[_PASSED] += weight
        area[_SEEN] += weight * finding.freshness
        area[_PASSES] += 1
    elif finding.status == Status.UNKNOWN:
        area[_BLIND if finding.blind else _UNKNOWN] += weight
        area[_UNKNOWNS] += 1
        if finding.core_gate:
            area[_GATES] += 1
        elif finding.severity in _GRAVE and not finding.blind:
            area[_UNPROVEN] += 1
    elif finding.waived:
        area[_WAIVED] += 1
        area[_WAIVED_CRITICAL] += finding.severity == Severity.CRITICAL
    else:
        area[_FAILED] += weight
        area[_FAILURES[finding.severity]] += 1


def verdict_of(findings: Iterable[Weighed], thresholds: Thresholds = DEFAULT) -> Verdict:
    """The verdict of these findings; unknown when there is none that passes and none that fails critically."""
    return verdict_of_tally(Tally.of(findings), thresholds)


@lru_cache(maxsize=10_000)
def verdict_of_tally(tally: Tally, thresholds: Thresholds = DEFAULT) -> Verdict:
    """The first gate that matches, worst first."""
    whole = tally.whole
    if whole.critical:
        return Verdict.NOT_READY
    # Nothing that passes is no evidence of readiness; more failures must not turn that into "at risk".
    if whole.gates or not whole.passes or whole.confidence < thresholds.confidence_unknown:
        return Verdict.UNKNOWN
    if _burdened(whole) or whole.confidence < thresholds.confidence:
        return Verdict.AT_RISK
    if any(_too_low(tally.pillar(pillar), whole.passed, thresholds) for pillar in PILLARS):
        return Verdict.AT_RISK
    return Verdict.READY


def _burdened(points: Points) -> bool:
    return bool(points.high or points.waived_critical or points.unproven)


def _too_low(points: Points, passed: int, thresholds: Thresholds) -> bool:
    """Mostly failing, or mostly unseen. What fails or is missing must weigh something beside all that `passed`: in a
    pillar where little applies one low finding would be half of it.
    """
    bar = passed * thresholds.pillar_burden
    lowest = points.lowest_score
    failing = 100 * (points.failed + points.unknown) >= bar
    unseen = 100 * (points.unknown + points.blind) >= bar
    blurred = unseen and points.confidence < thresholds.pillar_confidence and bool(points.unknown + points.blind)
    return blurred or (failing and lowest is not None and lowest < thresholds.pillar_score)


@lru_cache(maxsize=10_000)
def pillars_of(tally: Tally, thresholds: Thresholds = DEFAULT) -> Mapping[Pillar, Verdict]:
    """A verdict per pillar, from its own findings and the weight of all that passes. A pillar whose every applicable
    finding is unknown is unknown, not ready.
    """
    passed = tally.whole.passed
    return {pillar: _pillar_verdict(tally.pillar(pillar), passed, thresholds) for pillar in PILLARS}


def _pillar_verdict(points: Points, passed: int, thresholds: Thresholds) -> Verdict:
    if points.critical:
        return Verdict.NOT_READY
    told = points.passes or points.failed or points.info or points.waived
    if points.gates or (points.unknowns and not told):
        return Verdict.UNKNOWN
    return Verdict.AT_RISK if _burdened(points) or _too_low(points, passed, thresholds) else Verdict.READY


def worst_of(verdicts: Iterable[Verdict | str]) -> Verdict:
    """The worst of several; unknown when there is none."""
    return min((Verdict(verdict) for verdict in verdicts), key=_ORDER.__getitem__, default=Verdict.UNKNOWN)
