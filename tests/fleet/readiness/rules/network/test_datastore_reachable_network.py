from __future__ import annotations

import pytest

from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.network.datastore_reachable_network import DatastoreReachableNetwork
from fleet.readiness.vocabulary import Status
from tests.builders import around, container_subject, network

RULE = DatastoreReachableNetwork()


def test_a_datastore_whose_networks_all_lead_outside_fails() -> None:
    assert RULE.judge(container_subject(image_reference="postgres:16")).status is Status.FAIL


def test_what_keeps_no_data_is_not_applicable() -> None:
    assert RULE.judge(container_subject()).status is Status.NOT_APPLICABLE


def test_one_that_has_to_reach_out_is_not_applicable() -> None:
    assert (
        RULE.judge(container_subject(image_reference="postgres:16", labels={"loadline.role": "outbound"})).status
        is Status.NOT_APPLICABLE
    )


def test_the_hosts_network_is_not_applicable() -> None:
    assert (
        RULE.judge(container_subject(image_reference="postgres:16", network_mode="host")).status
        is Status.NOT_APPLICABLE
    )


def test_a_network_that_does_not_tell_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(image_reference="postgres:16", around=around(networks=(network(internal=None),))))


def test_an_internal_network_passes() -> None:
    assert (
        RULE.judge(
            container_subject(image_reference="postgres:16", around=around(networks=(network(internal=True),)))
        ).status
        is Status.PASS
    )
