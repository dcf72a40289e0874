from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.hardening.host_ipc_or_uts import HostIpcOrUts
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import around, container, container_subject

RULE = HostIpcOrUts()


@pytest.mark.parametrize(
    ("ipc", "uts", "severity", "cis"),
    [
        ("host", "", Severity.HIGH, ("5.17",)),
        ("private", "host", Severity.LOW, ("5.21",)),
        ("host", "host", Severity.HIGH, ("5.17", "5.21")),
    ],
)
def test_a_namespace_of_the_host_fails_by_its_own_item(
    ipc: str, uts: str, severity: Severity, cis: tuple[str, ...]
) -> None:
    outcome = RULE.judge(container_subject(ipc_mode=ipc, uts_mode=uts))
    assert (outcome.status, outcome.severity, outcome.cis) == (Status.FAIL, severity, cis)
    assert outcome.evidence == {"HostConfig.IpcMode": ipc, "HostConfig.UTSMode": uts}


def test_the_segments_of_a_container_in_the_hosts_namespace_fail() -> None:
    agent = container(id="a" * 64, name="agent", ipc_mode="host")
    outcome = RULE.judge(container_subject(ipc_mode=f"container:{agent.id}", around=around(containers=(agent,))))
    assert (outcome.status, outcome.severity, outcome.cis) == (Status.FAIL, Severity.HIGH, ("5.17",))
    assert "agent" in outcome.reason


def test_a_privileged_container_is_judged_too() -> None:
    assert RULE.judge(container_subject(ipc_mode="host", privileged=True)).status is Status.FAIL


@pytest.mark.parametrize(("field", "fact"), [("ipc_mode", "IpcMode"), ("uts_mode", "UTSMode")])
def test_an_unreported_mode_is_a_missing_fact(field: str, fact: str) -> None:
    with pytest.raises(MissingFactError, match=rf"HostConfig\.{fact}"):
        RULE.judge(container_subject(**{field: None}))


@pytest.mark.parametrize("ipc", ["", "private", "shareable", "none", "container:other", "container:gone"])
def test_a_namespace_of_its_own_or_of_another_container_passes(ipc: str) -> None:
    other = container(id="o" * 64, name="other", ipc_mode="shareable")
    outcome = RULE.judge(container_subject(ipc_mode=ipc, around=around(containers=(other,))))
    assert outcome.status is Status.PASS
