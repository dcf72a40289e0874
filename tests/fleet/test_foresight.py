from __future__ import annotations

from datetime import timedelta

import pytest

from fleet.foresight import Fix, fix_next
from fleet.inventory import ContainerFacts
from fleet.models import Service
from tests.builders import NOW, OWNED, container, host, snapshot
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


def one(service: str, number: int, **changes: object) -> ContainerFacts:
    return container(id=f"{number:064x}", name=service, labels={**OWNED, "loadline.service": service}, **changes)


def fixes() -> dict[str, Fix]:
    return {fix.rule: fix for fix in fix_next(NOW, most=100)}


def test_a_service_held_back_by_one_rule_is_lifted_by_it() -> None:
    swept(host_row(), one("a", 1, memory=0), one("b", 2, memory=0), one("c", 3))
    fix = fixes()["no-memory-limit"]
    assert (fix.lifts, fix.services, fix.subjects) == (2, 2, 2)


def test_a_service_held_back_by_two_rules_is_lifted_by_neither() -> None:
    swept(host_row(), one("a", 1, memory=0, privileged=True))
    assert {fix.lifts for fix in fixes().values()} == {0}
    assert fixes()["no-memory-limit"].services == 1


def test_what_it_says_is_what_happens() -> None:
    """The service really is ready once the one rule is mended."""
    machine = swept(host_row(), one("a", 1, memory=0))
    assert fixes()["no-memory-limit"].lifts == 1
    swept(machine, one("a", 1, memory=1 << 29))
    assert Service.objects.with_verdict_now(NOW).get().verdict_now == "ready"


def test_a_host_that_fails_holds_back_every_service_on_it() -> None:
    plain = host(warnings=("WARNING: API is accessible on http://0.0.0.0:2375 without encryption.",))
    swept(host_row(), seen=snapshot(one("a", 1), one("b", 2), host=plain))
    fix = fixes()["engine-api-without-tls"]
    assert (fix.lifts, fix.services, fix.subjects) == (2, 2, 1)


def test_a_ready_fleet_has_nothing_to_mend() -> None:
    swept(host_row(), one("a", 1))
    assert fix_next(NOW) == []


def test_a_service_on_stale_evidence_is_not_counted() -> None:
    swept(host_row(), one("a", 1, memory=0))
    assert fix_next(NOW + timedelta(hours=1)) == []


def test_services_of_another_stage_are_not_counted() -> None:
    swept(host_row("staging-01", environment="staging"), one("a", 1, memory=0))
    assert fix_next(NOW) == []
