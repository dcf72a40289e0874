from __future__ import annotations

import pytest

from fleet.inventory import PluginFacts
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.network.network_driver_missing import NetworkDriverMissing
from fleet.readiness.vocabulary import Status
from tests.builders import around, container, host, network_subject

RULE = NetworkDriverMissing()


def test_a_container_that_could_not_be_attached_fails() -> None:
    assert (
        RULE.judge(
            network_subject(around(containers=(container(error="failed to create endpoint web on network app"),)))
        ).status
        is Status.FAIL
    )


def test_a_disabled_plugin_fails() -> None:
    assert (
        RULE.judge(network_subject(around(plugins=(PluginFacts(name="weave", enabled=False),)), driver="weave")).status
        is Status.FAIL
    )


def test_a_driver_that_nothing_answers_for_and_containers_need_fails() -> None:
    assert RULE.judge(network_subject(around(containers=(container(),)), driver="weave")).status is Status.FAIL


def test_podman_is_not_applicable() -> None:
    assert RULE.judge(network_subject(around(host=host(kind="podman")))).status is Status.NOT_APPLICABLE


def test_a_driver_that_is_not_listed_and_not_used_is_unknown() -> None:
    assert RULE.judge(network_subject(driver="weave")).status is Status.UNKNOWN


def test_an_unreported_driver_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(network_subject(driver=None))


def test_a_driver_of_the_engine_passes() -> None:
    assert RULE.judge(network_subject()).status is Status.PASS


def test_an_enabled_plugin_passes() -> None:
    assert (
        RULE.judge(
            network_subject(around(plugins=(PluginFacts(name="weave:latest", enabled=True),)), driver="weave")
        ).status
        is Status.PASS
    )
