from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.no_init_process import NoInitProcess
from fleet.readiness.vocabulary import Status
from tests.builders import container_subject

RULE = NoInitProcess()


def test_none_that_was_asked_for_fails() -> None:
    assert RULE.judge(container_subject(init=False)).status is Status.FAIL


def test_the_engines_hidden_default_is_unknown() -> None:
    assert RULE.judge(container_subject(init=None)).status is Status.UNKNOWN


def test_an_unreported_program_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(init=None, command_program=None))


def test_one_that_was_asked_for_passes() -> None:
    assert RULE.judge(container_subject()).status is Status.PASS


def test_a_known_one_passes() -> None:
    assert RULE.judge(container_subject(init=None, command_program="/sbin/tini")).status is Status.PASS
