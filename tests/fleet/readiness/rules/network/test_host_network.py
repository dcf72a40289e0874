from __future__ import annotations

import pytest

from fleet.inventory import NetworkAttachment
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.network.host_network import HostNetwork
from fleet.readiness.vocabulary import Status
from tests.builders import around, container, container_subject

RULE = HostNetwork()


def test_the_hosts_own_network_fails() -> None:
    outcome = RULE.judge(container_subject(network_mode="host"))
    assert outcome.status is Status.FAIL
    assert outcome.evidence == {"HostConfig.NetworkMode": "host"}


def test_a_swarm_task_attached_to_the_host_fails_whatever_its_mode() -> None:
    subject = container_subject(network_mode=None, networks=(NetworkAttachment("host"),))
    assert RULE.judge(subject).status is Status.FAIL


def test_joining_a_container_on_the_host_network_fails() -> None:
    proxy = container(id="b" * 64, name="proxy", network_mode="host")
    subject = container_subject(network_mode=f"container:{'b' * 64}", networks=(), around=around(containers=(proxy,)))
    outcome = RULE.judge(subject)
    assert outcome.status is Status.FAIL
    assert "proxy" in outcome.reason


def test_an_edge_may_be_there() -> None:
    subject = container_subject(network_mode="host", labels={"loadline.role": "edge"})
    assert RULE.judge(subject).status is Status.NOT_APPLICABLE


def test_joining_a_container_nobody_saw_is_unknown() -> None:
    subject = container_subject(network_mode="container:gone", networks=())
    assert RULE.judge(subject).status is Status.UNKNOWN


def test_an_unreported_mode_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError, match=r"HostConfig\.NetworkMode"):
        RULE.judge(container_subject(network_mode=None))


@pytest.mark.parametrize("mode", ["app", "bridge", "default", "none"])
def test_a_network_of_its_own_passes(mode: str) -> None:
    assert RULE.judge(container_subject(network_mode=mode)).status is Status.PASS


def test_joining_a_container_on_a_bridge_passes() -> None:
    proxy = container(id="b" * 64, name="proxy", network_mode="app")
    subject = container_subject(network_mode="container:proxy", networks=(), around=around(containers=(proxy,)))
    assert RULE.judge(subject).status is Status.PASS
