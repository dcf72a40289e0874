from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.no_security_module import NoSecurityModule
from fleet.readiness.vocabulary import Status
from tests.builders import host_subject

RULE = NoSecurityModule()


def test_neither_module_fails() -> None:
    outcome = RULE.judge(host_subject(security_options=("name=seccomp,profile=default", "name=cgroupns")))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"SecurityOptions": ["name=cgroupns", "name=seccomp,profile=default"]}


def test_it_names_no_cis_item() -> None:
    assert RULE.cis == ()


def test_podman_without_apparmor_is_a_blind_spot() -> None:
    outcome = RULE.judge(host_subject(kind="podman", security_options=("name=seccomp,profile=default",)))
    assert (outcome.status, outcome.blind) == (Status.UNKNOWN, True)


def test_unreported_options_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="SecurityOptions"):
        RULE.judge(host_subject(security_options=None))


@pytest.mark.parametrize("kind", ["docker", "podman"])
@pytest.mark.parametrize("option", ["name=apparmor", "name=selinux"])
def test_either_module_passes(kind: str, option: str) -> None:
    outcome = RULE.judge(host_subject(kind=kind, security_options=("name=seccomp,profile=default", option)))
    assert outcome.status is Status.PASS
    assert outcome.evidence == {"SecurityOptions": [option]}
