from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.network.direct_network_attachment import DirectNetworkAttachment
from fleet.readiness.vocabulary import Status
from tests.builders import around, container, network_subject

RULE = DirectNetworkAttachment()


def test_a_container_on_the_wire_fails() -> None:
    assert RULE.judge(network_subject(around(containers=(container(),)), driver="macvlan")).status is Status.FAIL


def test_ipvlan_fails_alike() -> None:
    assert RULE.judge(network_subject(around(containers=(container(),)), driver="ipvlan")).status is Status.FAIL


def test_a_declared_network_is_not_applicable() -> None:
    assert (
        RULE.judge(
            network_subject(
                around(containers=(container(),)), driver="macvlan", labels={"loadline.network": "declared"}
            )
        ).status
        is Status.NOT_APPLICABLE
    )


def test_an_unreported_driver_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(network_subject(driver=None))


def test_a_network_that_nothing_is_on_passes() -> None:
    assert RULE.judge(network_subject(driver="macvlan")).status is Status.PASS


def test_a_bridge_passes() -> None:
    assert RULE.judge(network_subject()).status is Status.PASS
