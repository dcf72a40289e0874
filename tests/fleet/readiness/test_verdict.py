from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.readiness.policy import Thresholds
from fleet.readiness.verdict import NOTHING, WEIGHTS, Points, Tally, pillars_of, verdict_of, verdict_of_tally, worst_of
from fleet.readiness.vocabulary import PILLARS, Pillar, Severity, Status, Verdict

# Other tests run beside these on few cores, so time is no measure here.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@dataclass(frozen=True)
class Weight:
    """A finding, or a stored row whose words are plain text."""

    status: str
    severity: str = Severity.HIGH
    core_gate: bool = False
    pillar: str = Pillar.HARDENING
    blind: bool = False
    freshness: float = 1.0
    waived: bool = False
    rule: str = "made-up"


PASS = Weight(Status.PASS)
weights = st.builds(
    Weight,
    status=st.sampled_from(Status),
    severity=st.sampled_from(Severity),
    core_gate=st.booleans(),
    pillar=st.sampled_from(Pillar),
    blind=st.booleans(),
    freshness=st.sampled_from([0.5, 1.0]),
    waived=st.booleans(),
)
failures = st.builds(
    Weight,
    status=st.just(Status.FAIL),
    severity=st.sampled_from(Severity),
    core_gate=st.booleans(),
    pillar=st.sampled_from(Pillar),
)
#: Random findings hardly ever add up to ready; these do, or nearly.
good = st.lists(st.builds(Weight, status=st.just(Status.PASS), pillar=st.sampled_from(Pillar)), min_size=8, max_size=30)
some = st.one_of(
    st.lists(weights, min_size=1), st.builds(lambda a, b: a + b, good, st.lists(weights, max_size=3)), good
)
thresholds = st.builds(
    Thresholds,
    pillar_score=st.integers(0, 100),
    pillar_burden=st.integers(0, 100),
    pillar_confidence=st.integers(0, 100),
    confidence=st.integers(0, 100),
    confidence_unknown=st.integers(0, 100),
)
WORST_FIRST = list(Verdict)


def rank(verdict: Verdict) -> int:
    return WORST_FIRST.index(verdict)


def pillars(findings: list[Weight]) -> Mapping[Pillar, Verdict]:
    return pillars_of(Tally.of(findings))


def unseen(finding: Weight) -> Weight:
    """The same finding once the engine has stopped telling what it rests on."""
    told = finding.status in {Status.PASS, Status.FAIL}
    return replace(finding, status=Status.UNKNOWN, blind=False, waived=False) if told else finding


def test_nothing_is_unknown() -> None:
    assert verdict_of([]) is Verdict.UNKNOWN
    assert worst_of([]) is Verdict.UNKNOWN
    assert set(pillars([]).values()) == {Verdict.READY}  # nothing applies in it


@pytest.mark.parametrize(
    ("weight", "verdict"),
    [
        (Weight(Status.FAIL, Severity.CRITICAL), Verdict.NOT_READY),
        (Weight(Status.UNKNOWN, Severity.CRITICAL, core_gate=True), Verdict.UNKNOWN),
        (Weight(Status.UNKNOWN, Severity.MEDIUM, core_gate=True), Verdict.UNKNOWN),
        (Weight(Status.FAIL, Severity.HIGH), Verdict.AT_RISK),
        (Weight(Status.FAIL, Severity.HIGH, core_gate=True), Verdict.AT_RISK),
        (Weight(Status.FAIL, Severity.CRITICAL, waived=True), Verdict.AT_RISK),
        (Weight(Status.FAIL, Severity.HIGH, waived=True), Verdict.READY),
        (Weight(Status.FAIL, Severity.MEDIUM), Verdict.READY),
        (Weight(Status.FAIL, Severity.LOW), Verdict.READY),
        (Weight(Status.FAIL, Severity.INFO), Verdict.READY),
        (Weight(Status.UNKNOWN, Severity.CRITICAL), Verdict.AT_RISK),
        (Weight(Status.UNKNOWN, Severity.HIGH), Verdict.AT_RISK),
        (Weight(Status.UNKNOWN, Severity.HIGH, blind=True), Verdict.READY),
        (Weight(Status.UNKNOWN, Severity.MEDIUM), Verdict.READY),
        (Weight(Status.NOT_APPLICABLE, Severity.CRITICAL, core_gate=True), Verdict.READY),
        (Weight(Status.PASS, Severity.CRITICAL, core_gate=True), Verdict.READY),
    ],
)
def test_each_gate(weight: Weight, verdict: Verdict) -> None:
    passes = [replace(PASS, severity=Severity.CRITICAL)] * 8
    assert verdict_of([*passes, weight, *passes]) is verdict


def test_the_words_of_a_stored_row_weigh_as_much() -> None:
    stored = Weight("fail", "critical", pillar="state")
    assert verdict_of([stored]) is Verdict.NOT_READY
    assert pillars([stored])[Pillar.STATE] is Verdict.NOT_READY


def test_a_critical_failure_outweighs_missing_evidence_and_that_outweighs_a_high_failure() -> None:
    critical = Weight(Status.FAIL, Severity.CRITICAL)
    blind = Weight(Status.UNKNOWN, core_gate=True)
    high = Weight(Status.FAIL, Severity.HIGH)
    assert verdict_of([high, blind, critical]) is Verdict.NOT_READY
    assert verdict_of([PASS, high, blind]) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("unknown", "verdict"), [(2, Verdict.READY), (3, Verdict.AT_RISK), (6, Verdict.AT_RISK), (7, Verdict.UNKNOWN)]
)
def test_confidence_under_eighty_is_at_risk_and_under_sixty_unknown(unknown: int, verdict: Verdict) -> None:
    """Ten points seen in each of two pillars, so that no pillar's own gate decides first."""
    passes = [replace(PASS, severity=Severity.MEDIUM)] * 5
    dark = [Weight(Status.UNKNOWN, Severity.LOW, blind=True)] * unknown
    assert verdict_of([*passes, *dark]) is verdict


def test_a_pillar_under_seventy_is_at_risk_though_nothing_in_it_is_grave() -> None:
    elsewhere = [replace(PASS, pillar=Pillar.NETWORK)] * 16
    medium = [Weight(Status.FAIL, Severity.MEDIUM, pillar=Pillar.STATE)] * 3
    passes = [replace(PASS, severity=Severity.MEDIUM, pillar=Pillar.STATE)]
    assert verdict_of([*elsewhere, *medium, *passes * 7]) is Verdict.READY  # 14 of 20 points
    assert verdict_of([*elsewhere, *medium, *passes * 6]) is Verdict.AT_RISK  # 12 of 18
    assert pillars([*elsewhere, *medium, *passes * 6])[Pillar.STATE] is Verdict.AT_RISK


def test_a_light_finding_alone_in_its_pillar_is_no_reason() -> None:
    elsewhere = [replace(PASS, pillar=Pillar.NETWORK)] * 16
    low = Weight(Status.FAIL, Severity.LOW, pillar=Pillar.STATE)
    medium = Weight(Status.FAIL, Severity.MEDIUM, pillar=Pillar.STATE)
    assert verdict_of([*elsewhere, low, medium]) is Verdict.READY
    assert verdict_of([*elsewhere, low, medium, medium]) is Verdict.AT_RISK


def test_adoption_has_no_floor_of_its_own() -> None:
    low = Weight(Status.FAIL, Severity.LOW, pillar=Pillar.ADOPTION)
    assert verdict_of([PASS, PASS, low]) is Verdict.READY
    assert verdict_of([PASS, PASS, replace(low, severity=Severity.HIGH)]) is Verdict.AT_RISK


def test_evidence_older_than_it_should_be_counts_half() -> None:
    old = [replace(PASS, freshness=0.5)] * 4
    assert Tally.of(old).whole.confidence == 50
    assert verdict_of(old) is Verdict.UNKNOWN
    assert verdict_of([*old, *[PASS] * 3]) is Verdict.AT_RISK
    assert verdict_of([*old, *[PASS] * 6]) is Verdict.READY


def test_the_policy_sets_the_thresholds() -> None:
    findings = [PASS, Weight(Status.UNKNOWN, blind=True)]
    assert verdict_of(findings) is Verdict.UNKNOWN
    lenient = Thresholds(confidence=0, confidence_unknown=0, pillar_confidence=0)
    assert verdict_of(findings, lenient) is Verdict.READY


@given(some, failures, thresholds)
def test_one_more_failure_never_improves_a_verdict(findings: list[Weight], failure: Weight, bounds: Thresholds) -> None:
    before, after = verdict_of(findings, bounds), verdict_of([*findings, failure], bounds)
    assert rank(after) <= rank(before)


@given(some, thresholds, st.data())
def test_removing_evidence_never_makes_anything_ready(
    findings: list[Weight], bounds: Thresholds, data: st.DataObject
) -> None:
    gone = data.draw(st.lists(st.booleans(), min_size=len(findings), max_size=len(findings)))
    left = [unseen(finding) if lost else finding for finding, lost in zip(findings, gone, strict=True)]
    if verdict_of(findings, bounds) is not Verdict.READY:
        assert verdict_of(left, bounds) is not Verdict.READY
    before, after = pillars_of(Tally.of(findings), bounds), pillars_of(Tally.of(left), bounds)
    assert all(before[p] is Verdict.READY or after[p] is not Verdict.READY for p in PILLARS)


@given(some, thresholds, st.data())
def test_removing_evidence_that_passes_never_improves_a_verdict(
    findings: list[Weight], bounds: Thresholds, data: st.DataObject
) -> None:
    gone = data.draw(st.lists(st.booleans(), min_size=len(findings), max_size=len(findings)))
    left = [
        unseen(finding) if lost and finding.status is Status.PASS else finding
        for finding, lost in zip(findings, gone, strict=True)
    ]
    assert rank(verdict_of(left, bounds)) <= rank(verdict_of(findings, bounds))


@given(some, thresholds, st.data())
def test_a_waiver_never_turns_an_unknown_green(findings: list[Weight], bounds: Thresholds, data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.booleans(), min_size=len(findings), max_size=len(findings)))
    waived = [replace(f, waived=f.waived or taken) for f, taken in zip(findings, chosen, strict=True)]
    if verdict_of(findings, bounds) is Verdict.UNKNOWN:
        assert verdict_of(waived, bounds) is Verdict.UNKNOWN
    assert rank(verdict_of(waived, bounds)) >= rank(verdict_of(findings, bounds))


@given(some, st.sampled_from(Pillar), thresholds)
def test_a_waived_critical_failure_is_never_ready(findings: list[Weight], pillar: Pillar, bounds: Thresholds) -> None:
    accepted = Weight(Status.FAIL, Severity.CRITICAL, pillar=pillar, waived=True)
    assert verdict_of([*findings, accepted], bounds) is not Verdict.READY


@given(some, st.randoms(use_true_random=False))
def test_order_never_matters(findings: list[Weight], random: object) -> None:
    shuffled = list(findings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert verdict_of(shuffled) is verdict_of(findings)
    assert Tally.of(shuffled) == Tally.of(findings)


@given(some, some)
def test_tallies_add_up_as_their_findings_do(first: list[Weight], second: list[Weight]) -> None:
    assert Tally.of(first) + Tally.of(second) == Tally.of([*first, *second])
    assert Tally.from_plain(Tally.of(first).to_plain()) == Tally.of(first)


@given(some, st.integers(min_value=1, max_value=50))
def test_replicas_neither_dilute_nor_multiply(findings: list[Weight], replicas: int) -> None:
    assert verdict_of(findings * replicas) is verdict_of(findings)


@given(st.lists(weights))
def test_what_fails_elsewhere_does_not_touch_a_pillars_verdict(findings: list[Weight]) -> None:
    verdicts = pillars(findings)
    assert list(verdicts) == list(PILLARS)
    for pillar, verdict in verdicts.items():
        own = [finding for finding in findings if finding.pillar == pillar or finding.status is Status.PASS]
        assert pillars(own)[pillar] is verdict


@given(some)
def test_no_pillar_is_worse_than_the_whole_but_for_being_unseen(findings: list[Weight]) -> None:
    if verdict_of(findings) is Verdict.READY:
        assert set(pillars(findings).values()) <= {Verdict.READY, Verdict.UNKNOWN}


@given(some)
def test_a_score_and_its_confidence_stay_within_a_hundred(findings: list[Weight]) -> None:
    for points in (Tally.of(findings).whole, *Tally.of(findings).areas):
        assert points.score is None or 0 <= points.score <= 100
        assert 0 <= points.confidence <= 100
        if points.score is not None and points.lowest_score is not None:
            assert points.lowest_score <= points.score


def test_no_result_is_no_number() -> None:
    assert NOTHING.score is None
    assert NOTHING.lowest_score is None
    assert Points(unknown=5).score is None


def test_severities_weigh_as_the_catalogue_says() -> None:
    assert [WEIGHTS[severity] for severity in Severity] == [10, 5, 2, 1, 0]


def test_a_tally_of_an_older_version_is_empty() -> None:
    assert Tally.from_plain({"network": [1, 2, 3]}) == Tally()
    assert verdict_of_tally(Tally()) is Verdict.UNKNOWN


def test_a_pillar_that_nothing_tells_of_is_unknown_and_not_ready() -> None:
    findings = [Weight(Status.UNKNOWN), Weight(Status.NOT_APPLICABLE)]
    assert pillars(findings)[Pillar.HARDENING] is Verdict.UNKNOWN


def test_a_pillar_where_nothing_applies_is_ready() -> None:
    assert pillars([Weight(Status.NOT_APPLICABLE)])[Pillar.HARDENING] is Verdict.READY


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        (["ready", "at-risk"], Verdict.AT_RISK),
        ([Verdict.UNKNOWN, Verdict.AT_RISK], Verdict.UNKNOWN),
        ([Verdict.UNKNOWN, "not-ready", Verdict.READY], Verdict.NOT_READY),
        (["ready"], Verdict.READY),
    ],
)
def test_the_worst_verdict_of_several(verdicts: list[Verdict | str], worst: Verdict) -> None:
    assert worst_of(verdicts) is worst
