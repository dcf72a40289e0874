from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.readiness.verdict import pillars_of, verdict_of, worst_of
from fleet.readiness.vocabulary import Pillar, Severity, Status, Verdict

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


weights = st.builds(
    Weight,
    status=st.sampled_from(Status),
    severity=st.sampled_from(Severity),
    core_gate=st.booleans(),
    pillar=st.sampled_from(Pillar),
)
failures = st.builds(Weight, status=st.just(Status.FAIL), severity=st.sampled_from(Severity), core_gate=st.booleans())
some = st.lists(weights, min_size=1)
WORST_FIRST = list(Verdict)


def test_nothing_is_unknown() -> None:
    assert verdict_of([]) is Verdict.UNKNOWN
    assert worst_of([]) is Verdict.UNKNOWN
    assert set(pillars_of([]).values()) == {Verdict.UNKNOWN}


@pytest.mark.parametrize(
    ("weight", "verdict"),
    [
        (Weight(Status.FAIL, Severity.CRITICAL), Verdict.NOT_READY),
        (Weight(Status.UNKNOWN, Severity.CRITICAL, core_gate=True), Verdict.UNKNOWN),
        (Weight(Status.UNKNOWN, Severity.MEDIUM, core_gate=True), Verdict.UNKNOWN),
        (Weight(Status.FAIL, Severity.HIGH), Verdict.AT_RISK),
        (Weight(Status.FAIL, Severity.HIGH, core_gate=True), Verdict.AT_RISK),
        (Weight(Status.FAIL, Severity.MEDIUM), Verdict.READY),
        (Weight(Status.FAIL, Severity.LOW), Verdict.READY),
        (Weight(Status.FAIL, Severity.INFO), Verdict.READY),
        (Weight(Status.UNKNOWN, Severity.CRITICAL), Verdict.READY),
        (Weight(Status.NOT_APPLICABLE, Severity.CRITICAL, core_gate=True), Verdict.READY),
        (Weight(Status.PASS, Severity.CRITICAL, core_gate=True), Verdict.READY),
    ],
)
def test_each_gate(weight: Weight, verdict: Verdict) -> None:
    assert verdict_of([weight]) is verdict
    assert verdict_of([Weight(Status.PASS), weight, Weight(Status.PASS)]) is verdict


def test_the_words_of_a_stored_row_weigh_as_much() -> None:
    stored = Weight("fail", "critical", pillar="state")
    assert verdict_of([stored]) is Verdict.NOT_READY
    assert pillars_of([stored])[Pillar.STATE] is Verdict.NOT_READY


def test_a_critical_failure_outweighs_missing_evidence_and_that_outweighs_a_high_failure() -> None:
    critical = Weight(Status.FAIL, Severity.CRITICAL)
    blind = Weight(Status.UNKNOWN, core_gate=True)
    high = Weight(Status.FAIL, Severity.HIGH)
    assert verdict_of([high, blind, critical]) is Verdict.NOT_READY
    assert verdict_of([high, blind]) is Verdict.UNKNOWN


@given(some, failures)
def test_one_more_failure_never_improves_a_verdict(findings: list[Weight], failure: Weight) -> None:
    before, after = verdict_of(findings), verdict_of([*findings, failure])
    assert WORST_FIRST.index(after) <= WORST_FIRST.index(before)


@given(some, weights)
def test_no_number_of_passes_improves_a_verdict(findings: list[Weight], one: Weight) -> None:
    passes = [Weight(Status.PASS)] * 100
    assert verdict_of([one, *findings, *passes]) is verdict_of([one, *findings])


@given(some, st.randoms(use_true_random=False))
def test_order_never_matters(findings: list[Weight], random: object) -> None:
    shuffled = list(findings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert verdict_of(shuffled) is verdict_of(findings)
    assert pillars_of(shuffled) == pillars_of(findings)


@given(st.lists(some, min_size=1))
def test_the_worst_of_the_parts_is_the_verdict_of_the_whole(parts: list[list[Weight]]) -> None:
    assert worst_of(map(verdict_of, parts)) is verdict_of([finding for part in parts for finding in part])


@given(some, st.integers(min_value=1, max_value=50))
def test_replicas_neither_dilute_nor_multiply(findings: list[Weight], replicas: int) -> None:
    assert verdict_of(findings * replicas) is verdict_of(findings)


@given(st.lists(weights))
def test_every_pillar_has_a_verdict_from_its_own_findings(findings: list[Weight]) -> None:
    verdicts = pillars_of(findings)
    assert list(verdicts) == list(Pillar)
    for pillar, verdict in verdicts.items():
        own = [finding for finding in findings if finding.pillar == pillar]
        assert pillars_of(own)[pillar] is verdict
        # Never better than the gates say: being blind may only make it worse.
        assert WORST_FIRST.index(verdict) <= WORST_FIRST.index(verdict_of(own))


def test_a_pillar_that_nothing_tells_of_is_unknown_and_not_ready() -> None:
    findings = [Weight(Status.UNKNOWN), Weight(Status.NOT_APPLICABLE)]
    assert pillars_of(findings)[Pillar.HARDENING] is Verdict.UNKNOWN
    assert verdict_of(findings) is Verdict.READY


@pytest.mark.parametrize("told", [Weight(Status.PASS), Weight(Status.FAIL, Severity.LOW)])
def test_one_answer_makes_a_pillar_known(told: Weight) -> None:
    assert pillars_of([Weight(Status.UNKNOWN), told])[Pillar.HARDENING] is Verdict.READY


def test_a_pillar_where_nothing_applies_is_ready() -> None:
    assert pillars_of([Weight(Status.NOT_APPLICABLE)])[Pillar.HARDENING] is Verdict.READY


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
