from __future__ import annotations

import pytest

from fleet.inventory import PublishedPort
from fleet.readiness.findings import MissingFactError
from fleet.readiness.policy import Policy
from fleet.readiness.rules.network.port_on_every_interface import PortOnEveryInterface
from fleet.readiness.vocabulary import Status
from tests.builders import NOW, around, container_subject, host

RULE = PortOnEveryInterface()


def test_a_door_on_every_ipv4_address_fails() -> None:
    assert RULE.judge(container_subject(ports=(PublishedPort(80, "tcp", "0.0.0.0", 8080),))).status is Status.FAIL


def test_a_door_on_every_ipv6_address_fails() -> None:
    assert RULE.judge(container_subject(ports=(PublishedPort(80, "tcp", "::", 8080),))).status is Status.FAIL


def test_a_stopped_container_with_the_bridges_default_fails() -> None:
    assert (
        RULE.judge(container_subject(state="exited", ports=(PublishedPort(80, "tcp", "", 8080, bound=False),))).status
        is Status.FAIL
    )


def test_no_port_is_not_applicable() -> None:
    assert RULE.judge(container_subject()).status is Status.NOT_APPLICABLE


def test_an_edge_is_not_applicable() -> None:
    assert (
        RULE.judge(
            container_subject(ports=(PublishedPort(80, "tcp", "0.0.0.0", 8080),), labels={"loadline.role": "edge"})
        ).status
        is Status.NOT_APPLICABLE
    )


def test_unreported_ports_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(ports=None))


def test_a_default_address_needs_the_networks() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(
            container_subject(
                ports=(PublishedPort(80, "tcp", "", 8080, bound=False),),
                around=around(networks=(), volumes=None).__class__(host=host(), now=NOW),
            )
        )


def test_loopback_passes() -> None:
    assert RULE.judge(container_subject(ports=(PublishedPort(80, "tcp", "127.0.0.1", 8080),))).status is Status.PASS


def test_one_address_of_the_host_passes() -> None:
    assert RULE.judge(container_subject(ports=(PublishedPort(80, "tcp", "10.0.0.5", 8080),))).status is Status.PASS


def test_a_port_that_the_policy_declares_public_passes() -> None:
    assert (
        RULE.judge(
            container_subject(
                ports=(PublishedPort(80, "tcp", "0.0.0.0", 8080),),
                around=around(policy=Policy(public_ports={"web:80": "ann"})),
            )
        ).status
        is Status.PASS
    )
