from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.user_namespace_bypassed import UserNamespaceBypassed
from fleet.readiness.subjects import Surroundings
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import around, container_subject, host

RULE = UserNamespaceBypassed()
REMAPPED = around(host=host(security_options=("name=seccomp,profile=builtin", "name=userns")))
NOT_REMAPPED = around(host=host(security_options=("name=seccomp,profile=builtin",)))
UNTOLD = around(host=host(security_options=None))


@pytest.mark.parametrize(("surroundings", "severity"), [(REMAPPED, None), (UNTOLD, None), (NOT_REMAPPED, Severity.LOW)])
def test_opting_out_fails_and_is_low_where_nothing_is_mapped(
    surroundings: Surroundings, severity: Severity | None
) -> None:
    outcome = RULE.judge(container_subject(userns_mode="host", around=surroundings))
    assert (outcome.status, outcome.severity) == (Status.FAIL, severity)
    assert outcome.evidence == {"HostConfig.UsernsMode": "host"}


def test_a_privileged_container_is_judged_too() -> None:
    subject = container_subject(userns_mode="host", privileged=True, around=REMAPPED)
    assert RULE.judge(subject).status is Status.FAIL


def test_nothing_is_to_be_bypassed_where_nothing_is_mapped() -> None:
    assert RULE.judge(container_subject(userns_mode="", around=NOT_REMAPPED)).status is Status.NOT_APPLICABLE


def test_an_unreported_mode_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"HostConfig\.UsernsMode"):
        RULE.judge(container_subject(userns_mode=None, around=REMAPPED))


def test_unreported_options_of_the_host_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="SecurityOptions"):
        RULE.judge(container_subject(userns_mode="", around=UNTOLD))


def test_a_mapped_container_passes() -> None:
    assert RULE.judge(container_subject(userns_mode="", around=REMAPPED)).status is Status.PASS
