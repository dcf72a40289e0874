from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.seccomp_disabled import SeccompDisabled
from fleet.readiness.subjects import Surroundings
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import around, container_subject, host

RULE = SeccompDisabled()
OWN = ("no-new-privileges:true", "seccomp=sha256:0123")


def on(*options: str) -> Surroundings:
    return around(host=host(security_options=options))


@pytest.mark.parametrize("option", ["seccomp=unconfined", "seccomp:unconfined"])
def test_an_unconfined_container_fails(option: str) -> None:
    outcome = RULE.judge(container_subject(security_options=("label=disable", option)))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"HostConfig.SecurityOpt": "seccomp=unconfined"}
    assert (outcome.severity, outcome.cis) == (None, ("5.22",))


def test_an_engine_that_confines_nobody_fails() -> None:
    outcome = RULE.judge(container_subject(around=on("name=seccomp,profile=unconfined")))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"SecurityOptions": "name=seccomp,profile=unconfined"}
    assert outcome.cis == ("2.17",)  # the engine's doing, and not the container's


@pytest.mark.parametrize("options", [(), OWN])
def test_a_host_without_seccomp_fails_whatever_the_container_asks_for(options: tuple[str, ...]) -> None:
    outcome = RULE.judge(container_subject(security_options=options, around=on("name=apparmor")))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"SecurityOptions": ["name=apparmor"]}
    assert outcome.cis == ("2.17",)


def test_a_privileged_container_is_left_to_its_own_rule() -> None:
    assert RULE.judge(container_subject(privileged=True, security_options=())).status is Status.NOT_APPLICABLE


def test_asking_for_no_filter_besides_privileged_is_low() -> None:
    outcome = RULE.judge(container_subject(privileged=True, security_options=("seccomp=unconfined",)))
    assert (outcome.status, outcome.severity, outcome.cis) == (Status.FAIL, Severity.LOW, ("5.22",))


def test_unreported_options_of_the_container_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"HostConfig\.SecurityOpt"):
        RULE.judge(container_subject(security_options=None))


def test_unreported_options_of_the_host_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="SecurityOptions"):
        RULE.judge(container_subject(around=around(host=host(security_options=None))))


def test_a_profile_of_its_own_passes_where_the_engine_confines_nobody() -> None:
    outcome = RULE.judge(container_subject(security_options=OWN, around=on("name=seccomp,profile=unconfined")))
    assert outcome.status is Status.PASS
    assert outcome.evidence == {"HostConfig.SecurityOpt": "seccomp=sha256:0123"}


@pytest.mark.parametrize("entry", ["name=seccomp,profile=default", "name=seccomp,profile=builtin", "name=seccomp"])
def test_the_engines_default_profile_passes(entry: str) -> None:
    outcome = RULE.judge(container_subject(security_options=(), around=on(entry)))
    assert outcome.status is Status.PASS
    assert outcome.evidence == {"SecurityOptions": entry}
