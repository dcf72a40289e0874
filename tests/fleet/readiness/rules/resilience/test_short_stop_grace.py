from __future__ import annotations

import pytest

from fleet.inventory import SwarmServiceFacts
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.short_stop_grace import ShortStopGrace
from fleet.readiness.vocabulary import Status
from tests.builders import around, container_subject

RULE = ShortStopGrace()


def test_a_datastore_with_the_default_fails() -> None:
    assert RULE.judge(container_subject(image_reference="postgres:16")).status is Status.FAIL


def test_ten_seconds_are_the_default() -> None:
    assert RULE.judge(container_subject(image_reference="postgres:16", stop_timeout=10)).status is Status.FAIL


def test_what_keeps_no_data_is_not_applicable() -> None:
    assert RULE.judge(container_subject()).status is Status.NOT_APPLICABLE


def test_what_was_not_inspected_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(container_subject(image_reference="postgres:16", inspected=False))


def test_a_minute_passes() -> None:
    assert RULE.judge(container_subject(image_reference="postgres:16", stop_timeout=60)).status is Status.PASS


def test_a_minute_of_its_swarm_service_passes() -> None:
    assert (
        RULE.judge(
            container_subject(
                image_reference="postgres:16",
                labels={"com.docker.swarm.service.name": "db"},
                around=around(services=(SwarmServiceFacts(id="s", name="db", stop_grace_period=60.0),)),
            )
        ).status
        is Status.PASS
    )
