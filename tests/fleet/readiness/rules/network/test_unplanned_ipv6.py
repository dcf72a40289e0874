from __future__ import annotations

import pytest

from fleet.inventory import PublishedPort, Subnet
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.network.unplanned_ipv6 import UnplannedIpv6
from fleet.readiness.vocabulary import Status
from tests.builders import around, container_subject, network

RULE = UnplannedIpv6()


def test_a_door_on_every_ipv6_address_fails() -> None:
    assert RULE.judge(container_subject(ports=(PublishedPort(80, "tcp", "::", 8080),))).status is Status.FAIL


def test_a_network_with_a_global_subnet_fails() -> None:
    assert (
        RULE.judge(
            container_subject(around=around(networks=(network(ipv6=True, subnets=(Subnet("2001:db8::/64"),)),)))
        ).status
        is Status.FAIL
    )


def test_what_is_meant_is_not_applicable() -> None:
    assert (
        RULE.judge(
            container_subject(ports=(PublishedPort(80, "tcp", "::", 8080),), labels={"loadline.role": "ipv6"})
        ).status
        is Status.NOT_APPLICABLE
    )


def test_unreported_ports_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(ports=None))


def test_a_private_subnet_passes() -> None:
    assert (
        RULE.judge(
            container_subject(around=around(networks=(network(ipv6=True, subnets=(Subnet("fd00::/64"),)),)))
        ).status
        is Status.PASS
    )


def test_ipv4_alone_passes() -> None:
    assert RULE.judge(container_subject(ports=(PublishedPort(80, "tcp", "0.0.0.0", 8080),))).status is Status.PASS
