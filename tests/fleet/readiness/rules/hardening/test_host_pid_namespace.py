from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.host_pid_namespace import HostPidNamespace
from fleet.readiness.vocabulary import Status
from tests.builders import around, container, container_subject

RULE = HostPidNamespace()
WATCHED = container(id="w" * 64, name="watched")


def test_the_hosts_namespace_fails() -> None:
    outcome = RULE.judge(container_subject(pid_mode="host"))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"HostConfig.PidMode": "host"}


def test_the_namespace_of_a_container_in_the_hosts_fails() -> None:
    agent = container(id="a" * 64, name="agent", pid_mode="host")
    subject = container_subject(pid_mode=f"container:{agent.id}", around=around(containers=(WATCHED, agent)))
    outcome = RULE.judge(subject)
    assert outcome.status is Status.FAIL
    assert "agent" in outcome.reason


def test_an_unreported_mode_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"HostConfig\.PidMode"):
        RULE.judge(container_subject(pid_mode=None))


@pytest.mark.parametrize("mode", ["", "private", f"container:{WATCHED.id}", "container:gone"])
def test_other_namespaces_pass(mode: str) -> None:
    outcome = RULE.judge(container_subject(pid_mode=mode, around=around(containers=(WATCHED,))))
    assert outcome.status is Status.PASS
