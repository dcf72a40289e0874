from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fleet.inventory import Proof, Proven
from fleet.readiness.findings import Outcome
from fleet.readiness.rules.trust.signature_missing import BAD, GRAVE, PROVEN, SignatureMissing
from fleet.readiness.subjects import ImageSubject
from fleet.readiness.vocabulary import Severity, Stage, Status
from fleet.trust.states import GREY, State
from tests.builders import IMAGE_ID, NOW, around, image, image_subject

RULE = SignatureMissing()
NAME = "registry.internal/web:1.4"


def proof(state: str, **told: Any) -> Proof:
    return Proof(**{"name": NAME, "state": state, "sentence": "So it is.", "root": "team, version 2", **told})


def subject(*proofs: Proof) -> ImageSubject:
    return ImageSubject(facts=image(), around=replace(around(), proven={IMAGE_ID: Proven(proofs=proofs)}))


def said(*proofs: Proof) -> Outcome:
    return RULE.judge(subject(*proofs))


def test_every_state_is_good_bad_or_says_nothing() -> None:
    """What a new scheme brings must be put somewhere, and nothing but verified passes."""
    assert {PROVEN, *GRAVE, *BAD, *GREY} == set(State)


@pytest.mark.parametrize("state", list(State))
def test_only_verified_passes(state: State) -> None:
    assert (said(proof(state)).status is Status.PASS) is (state is State.VERIFIED)
    assert said(proof(state)).reason.startswith("So it is.")


@pytest.mark.parametrize("state", GRAVE)
def test_what_may_be_somebody_elses_program_is_critical(state: str) -> None:
    outcome = said(proof(state, reason="rollback", digest="sha256:1"))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.CRITICAL)
    assert outcome.evidence["Signature"] == {NAME: state}
    assert outcome.evidence["Why"] == {NAME: "rollback"}


@pytest.mark.parametrize("state", BAD)
def test_what_is_not_proven_fails_as_the_rule_says(state: str) -> None:
    outcome = said(proof(state))
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)
    assert outcome.evidence["Trust root"] == {NAME: "team, version 2"}


def test_what_cannot_be_told_is_unknown_and_no_blind_spot() -> None:
    for state in (State.UNREACHABLE, State.UNSUPPORTED):
        outcome = said(proof(state))
        assert (outcome.status, outcome.blind) == (Status.UNKNOWN, False)


@pytest.mark.parametrize(
    ("found", "remedy"),
    [
        (proof("no-policy", root=""), "trust root add"),
        (proof("no-policy", root="", name=""), "by its name and tag"),
        (proof("unreachable", looked=False), "within minutes"),
    ],
)
def test_what_nobody_was_asked_about_is_a_blind_spot_with_its_remedy(found: Proof, remedy: str) -> None:
    outcome = said(found)
    assert (outcome.status, outcome.blind) == (Status.UNKNOWN, True)
    assert remedy in outcome.reason


def test_without_any_trust_root_it_says_so() -> None:
    outcome = RULE.judge(image_subject())
    assert (outcome.status, outcome.blind) == (Status.UNKNOWN, True)
    assert "trust root add" in outcome.reason


def test_of_several_names_the_worst_counts_and_each_is_named() -> None:
    outcome = said(
        proof("verified"), proof("unsigned", name="registry.internal/web:2"), proof("no-policy", name="other/web:1")
    )
    assert outcome.status is Status.FAIL
    assert outcome.reason == "registry.internal/web:2: So it is."
    assert outcome.evidence["Signature"] == {
        NAME: "verified", "registry.internal/web:2": "unsigned", "other/web:1": "no-policy",
    }  # fmt: skip
    assert said(proof("verified"), proof("unreachable", name="other/web:1")).status is Status.UNKNOWN
    assert said(proof("unsigned"), proof("invalid", name="z")).severity is Severity.CRITICAL


def test_what_could_not_be_looked_at_again_stands_with_its_date_and_counts_half() -> None:
    outcome = said(proof("verified", as_of=NOW, obstacle="No answer."))
    assert (outcome.status, outcome.freshness) == (Status.PASS, 0.5)
    assert outcome.evidence["As of"] == {NAME: "2026-11-24T12:00+00:00"}
    assert "2026-11-24 at 12:00 UTC" in outcome.reason
    assert outcome.reason.endswith("No answer.")
    assert said(proof("verified")).freshness == 1.0


def test_one_that_the_engine_verified_is_shown_and_proves_nothing_against_ones_own_keys() -> None:
    outcome = RULE.judge(image_subject(signatures=2))
    assert (outcome.status, outcome.blind) == (Status.UNKNOWN, True)
    assert outcome.evidence["Identity.Signature"] == {"verified": 2}


def test_what_is_invalid_may_not_be_accepted_in_production_and_what_is_unsigned_may() -> None:
    for state, stage, mended in (
        ("invalid", Stage.PRODUCTION, True),
        ("invalid", Stage.STAGING, False),
        ("unsigned", Stage.PRODUCTION, False),
    ):
        outcome = said(proof(state))
        assert RULE.must_be_mended(stage, "critical", outcome.evidence) is mended
