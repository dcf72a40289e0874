from __future__ import annotations

import pytest

from fleet.inventory import NetworkAttachment
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.network.default_bridge import DefaultBridge
from fleet.readiness.vocabulary import Status
from tests.builders import around, container_subject, host, network

RULE = DefaultBridge()


def test_a_container_on_the_default_bridge_fails() -> None:
    assert (
        RULE.judge(
            container_subject(
                network_mode="bridge",
                networks=(NetworkAttachment("bridge", "b" * 64),),
                around=around(
                    networks=(
                        network(
                            name="bridge", id="b" * 64, options={"com.docker.network.bridge.default_bridge": "true"}
                        ),
                    )
                ),
            )
        ).status
        is Status.FAIL
    )


def test_its_name_tells_where_the_network_is_not_known() -> None:
    assert (
        RULE.judge(container_subject(network_mode="bridge", networks=(NetworkAttachment("bridge", "b" * 64),))).status
        is Status.FAIL
    )


def test_the_hosts_network_is_not_applicable() -> None:
    assert RULE.judge(container_subject(network_mode="host")).status is Status.NOT_APPLICABLE


def test_anothers_network_is_not_applicable() -> None:
    assert RULE.judge(container_subject(network_mode="container:abc")).status is Status.NOT_APPLICABLE


def test_podman_is_not_applicable() -> None:
    assert RULE.judge(container_subject(around=around(host=host(kind="podman")))).status is Status.NOT_APPLICABLE


def test_unreported_networks_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(networks=None))


def test_an_unreported_mode_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(network_mode=None))


def test_a_network_of_its_own_passes() -> None:
    assert RULE.judge(container_subject()).status is Status.PASS
