from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fleet.foresight import Fix, fix_next, plan_of
from fleet.foresight.cases import cases
from fleet.inventory import ContainerFacts
from fleet.models import Container, Service
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


def mended(facts: ContainerFacts, rules: set[str]) -> ContainerFacts:
    """The container with what these rules ask for."""
    good = {"no-memory-limit": {"memory": 1 << 29}, "dangerous-capability": {"cap_add": ()}}
    good |= {"privileged-container": {"privileged": False}, "no-pids-limit": {"pids_limit": 100}}
    return replace(facts, **{name: value for rule in rules for name, value in good[rule].items()})


def test_the_best_sequence_is_what_really_happens_step_by_step() -> None:
    fleet = [
        one("a", 1, memory=0),
        one("b", 2, memory=0, cap_add=("SYS_ADMIN",)),
        one("c", 3, memory=0, cap_add=("SYS_ADMIN",)),
        one("d", 4, privileged=True, memory=0),
        one("e", 5),
    ]
    machine = swept(host_row(), *fleet)
    plan = plan_of(cases(NOW))
    assert [step.rule for step in plan.steps] == ["no-memory-limit", "dangerous-capability", "privileged-container"]
    assert (plan.exact, plan.below, plan.beyond) == (True, 4, 0)
    done: set[str] = set()
    for number, step in enumerate(plan.steps, start=1):
        done.add(step.rule)
        swept(machine, *(mended(facts, done) for facts in fleet), now=NOW + timedelta(minutes=number))
        assert Service.objects.filter(verdict="ready").count() == step.total + 1
    assert plan.steps[-1].total == 4


def test_a_service_on_doubted_evidence_is_beyond_mending() -> None:
    machine = swept(host_row(), one("a", 1, memory=0))
    Container.objects.update(verdict="unknown")
    assert (plan_of(cases(NOW)).beyond, plan_of(cases(NOW)).steps) == (1, [])
    assert machine.pk


def test_a_fix_counts_for_a_service_however_many_replicas_it_has() -> None:
    for number in range(1, 6):
        swept(host_row(f"prod-{number}"), one("a", number, memory=0))
    fix = fixes()["no-memory-limit"]
    assert (fix.lifts, fix.services, fix.subjects) == (1, 1, 5)
