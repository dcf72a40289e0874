from __future__ import annotations

import pytest

from fleet.inventory import SwarmServiceFacts
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.resilience.no_reservation import NoReservation
from fleet.readiness.vocabulary import Status
from tests.builders import service_subject

RULE = NoReservation()


def test_nothing_reserved_fails() -> None:
    assert (
        RULE.judge(
            service_subject(swarm=SwarmServiceFacts(id="s", name="web", memory_reservation=0, nano_cpus_reservation=0))
        ).status
        is Status.FAIL
    )


def test_no_swarm_is_not_applicable() -> None:
    assert RULE.judge(service_subject()).status is Status.NOT_APPLICABLE


def test_an_unreported_reservation_is_a_missing_fact() -> None:
    with pytest.raises(MissingFactError):
        RULE.judge(service_subject(swarm=SwarmServiceFacts(id="s", name="web")))


def test_reserved_memory_passes() -> None:
    assert (
        RULE.judge(service_subject(swarm=SwarmServiceFacts(id="s", name="web", memory_reservation=1 << 28))).status
        is Status.PASS
    )
