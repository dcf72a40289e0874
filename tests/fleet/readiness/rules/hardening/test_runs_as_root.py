from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.runs_as_root import RunsAsRoot
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import around, container_subject, host

RULE = RunsAsRoot()
NOT_REMAPPED = around(host=host(security_options=("name=seccomp,profile=builtin",)))
REMAPPED = around(host=host(security_options=("name=seccomp,profile=builtin", "name=userns")))
ROOTLESS = around(host=host(security_options=("name=rootless",)))


@pytest.mark.parametrize("user", ["", "0", "root", "0:0", "root:root", ":1000", "00", "0:10001"])
def test_root_fails_whatever_the_group(user: str) -> None:
    outcome = RULE.judge(container_subject(user=user, around=NOT_REMAPPED))
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)
    assert outcome.evidence == {"Config.User": user}


def test_unreported_options_of_the_host_mitigate_nothing() -> None:
    outcome = RULE.judge(container_subject(user="", around=around(host=host(security_options=None))))
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)


def test_a_container_that_opted_out_of_the_remapping_is_not_mitigated() -> None:
    outcome = RULE.judge(container_subject(user="0", userns_mode="host", around=REMAPPED))
    assert (outcome.status, outcome.severity) == (Status.FAIL, None)


@pytest.mark.parametrize(("surroundings", "option"), [(REMAPPED, "name=userns"), (ROOTLESS, "name=rootless")])
def test_root_that_is_nobody_on_the_host_is_low(surroundings: object, option: str) -> None:
    outcome = RULE.judge(container_subject(user="", around=surroundings))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.LOW)
    assert outcome.evidence["SecurityOptions"] == option


def test_an_unreported_user_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"Config\.User"):
        RULE.judge(container_subject(user=None))


@pytest.mark.parametrize("user", ["nginx", "app:app", "rooty"])
def test_another_name_passes_with_a_remark(user: str) -> None:
    outcome = RULE.judge(container_subject(user=user))
    assert outcome.status is Status.PASS
    assert "which number" in outcome.reason


@pytest.mark.parametrize("user", ["10001", "10001:0", "1"])
def test_another_number_passes(user: str) -> None:
    outcome = RULE.judge(container_subject(user=user))
    assert (outcome.status, outcome.reason) == (Status.PASS, "")
