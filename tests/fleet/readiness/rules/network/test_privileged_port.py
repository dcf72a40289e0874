from __future__ import annotations

import pytest

from fleet.inventory import PublishedPort
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.network.privileged_port import PrivilegedPort
from fleet.readiness.vocabulary import Status
from tests.builders import container_subject

RULE = PrivilegedPort()


def test_a_port_below_1024_fails() -> None:
    assert RULE.judge(container_subject(ports=(PublishedPort(8443, "tcp", "0.0.0.0", 443),))).status is Status.FAIL


def test_no_port_is_not_applicable() -> None:
    assert RULE.judge(container_subject()).status is Status.NOT_APPLICABLE


def test_an_edge_is_not_applicable() -> None:
    assert (
        RULE.judge(
            container_subject(ports=(PublishedPort(8443, "tcp", "0.0.0.0", 443),), labels={"loadline.role": "edge"})
        ).status
        is Status.NOT_APPLICABLE
    )


def test_unreported_ports_are_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(ports=None))


def test_a_port_from_1024_on_passes() -> None:
    assert RULE.judge(container_subject(ports=(PublishedPort(80, "tcp", "0.0.0.0", 1024),))).status is Status.PASS


def test_a_port_that_the_engine_will_choose_passes() -> None:
    assert (
        RULE.judge(container_subject(ports=(PublishedPort(80, "tcp", "0.0.0.0", None, bound=False),))).status
        is Status.PASS
    )
