from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.no_ulimits import NoUlimits
from fleet.readiness.vocabulary import Status
from tests.builders import container_subject

RULE = NoUlimits()


def test_no_limit_fails_the_containers_own_item() -> None:
    outcome = RULE.judge(container_subject(ulimits=()))
    assert (outcome.status, outcome.cis) == (Status.FAIL, ("5.19",))
    assert outcome.evidence == {"HostConfig.Ulimits": []}


def test_an_unreported_list_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"HostConfig\.Ulimits"):
        RULE.judge(container_subject(ulimits=None))


def test_a_limit_passes_whoever_set_it() -> None:
    outcome = RULE.judge(container_subject(ulimits=("nofile", "nproc")))
    assert outcome.status is Status.PASS
    assert outcome.evidence == {"HostConfig.Ulimits": ["nofile", "nproc"]}
