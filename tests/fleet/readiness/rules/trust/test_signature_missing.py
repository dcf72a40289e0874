from __future__ import annotations

from fleet.readiness.rules.trust.signature_missing import SignatureMissing
from fleet.readiness.vocabulary import Status
from tests.builders import image_subject

RULE = SignatureMissing()


def test_it_is_a_blind_spot_and_says_so() -> None:
    outcome = RULE.judge(image_subject())
    assert outcome.blind
    assert outcome.reason.endswith(("yet.", "any."))


def test_what_loadline_does_not_read_is_unknown() -> None:
    assert RULE.judge(image_subject()).status is Status.UNKNOWN


def test_so_it_is_without_a_digest() -> None:
    assert RULE.judge(image_subject(digests=())).status is Status.UNKNOWN


def test_one_that_the_engine_verified_is_shown_and_proves_nothing_against_ones_own_keys() -> None:
    outcome = RULE.judge(image_subject(signatures=2))
    assert (outcome.status, outcome.blind) == (Status.UNKNOWN, True)
    assert outcome.evidence["Identity.Signature"] == {"verified": 2}
