from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.runtime.architecture_mismatch import ArchitectureMismatch
from fleet.readiness.vocabulary import Status
from tests.builders import image_subject

RULE = ArchitectureMismatch()


def test_another_processor_fails() -> None:
    assert RULE.judge(image_subject(architecture="arm64")).status is Status.FAIL


def test_an_unreported_architecture_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(image_subject(architecture=None))


def test_programs_of_32_bits_pass_on_the_same_family() -> None:
    outcome = RULE.judge(image_subject(architecture="386"))
    assert outcome.status is Status.PASS
    assert outcome.reason


def test_two_names_of_one_processor_pass() -> None:
    assert RULE.judge(image_subject(architecture="amd64")).status is Status.PASS
