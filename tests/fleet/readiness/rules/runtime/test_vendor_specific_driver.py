from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fleet.inventory import NetworkAttachment
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.runtime.vendor_specific_driver import VendorSpecificDriver
from fleet.readiness.vocabulary import Status
from tests.builders import around, container_subject, network, volume_mount

RULE = VendorSpecificDriver()


def test_one_clouds_log_driver_fails() -> None:
    assert RULE.judge(container_subject(log_driver="awslogs")).status is Status.FAIL


def test_a_volume_plugin_fails() -> None:
    assert RULE.judge(container_subject(mounts=(volume_mount(driver="pxd"),))).status is Status.FAIL


def test_a_network_plugin_fails() -> None:
    assert RULE.judge(container_subject(around=around(networks=(network(driver="weave"),)))).status is Status.FAIL


def test_devices_and_names_by_hand_fail() -> None:
    assert RULE.judge(container_subject(device_requests=1, extra_hosts=("db:10.0.0.5",))).status is Status.FAIL


def test_an_address_by_hand_fails() -> None:
    assert (
        RULE.judge(
            container_subject(networks=(NetworkAttachment("app", "n" * 64, static_address="172.20.0.9"),))
        ).status
        is Status.FAIL
    )


def test_an_unreported_driver_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(log_driver=None))


@pytest.mark.parametrize(
    "changes", [{"mounts": None}, {"networks": None}, {"around": replace(around(), networks=None)}]
)
def test_what_was_not_seen_is_a_missing_fact(changes: dict[str, Any]) -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(**changes))


def test_the_engines_own_pass() -> None:
    assert RULE.judge(container_subject()).status is Status.PASS
