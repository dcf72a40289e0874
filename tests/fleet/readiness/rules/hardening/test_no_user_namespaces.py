from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.no_user_namespaces import NoUserNamespaces
from fleet.readiness.vocabulary import Status
from tests.builders import host_subject

RULE = NoUserNamespaces()


@pytest.mark.parametrize("kind", ["docker", "podman"])
def test_neither_mapping_nor_rootless_fails(kind: str) -> None:
    outcome = RULE.judge(host_subject(kind=kind, security_options=("name=seccomp,profile=default", "name=apparmor")))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"SecurityOptions": ["name=apparmor", "name=seccomp,profile=default"]}


def test_unreported_options_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match="SecurityOptions"):
        RULE.judge(host_subject(security_options=None))


@pytest.mark.parametrize("option", ["name=userns", "name=rootless"])
def test_either_passes(option: str) -> None:
    outcome = RULE.judge(host_subject(security_options=("name=seccomp,profile=default", option)))
    assert outcome.status is Status.PASS
    assert outcome.evidence == {"SecurityOptions": [option]}
