"""What foresight says of a fleet is what happens when the fleet really is mended, swept and judged again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from fleet.foresight import plan_of
from fleet.foresight.cases import cases
from fleet.foresight.fixes import held_back
from fleet.governance.policy import adopt, draft
from fleet.inventory import ContainerFacts, NetworkAttachment, RestartPolicy, SwarmFacts
from fleet.models import Host, Service
from fleet.readiness.policy import Exemption, Policy, Thresholds
from tests.builders import NOW, OWNED, container, host, network, snapshot
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(seconds=30)
EXPOSED = "WARNING: API is accessible on http://0.0.0.0:2375 without encryption."
#: By rule, the facts that make nothing but that rule fail, or have nothing to go by.
FAULTS: dict[str, dict[str, Any]] = {
    "no-memory-limit": {"memory": 0},
    "dangerous-capability": {"cap_add": ("SYS_ADMIN",)},
    "capabilities-not-dropped": {"cap_drop": ()},
    "new-privileges": {"security_options": ()},
    "no-pids-limit": {"pids_limit": 0},
    "no-cpu-limit": {"nano_cpus": 0},
    "no-init-process": {"init": False},
    "host-pid-namespace": {"pid_mode": "host"},
    "runs-as-root": {"user": None},
    "no-restart-policy": {"restart_policy": RestartPolicy("no")},
}
#: Where a little is enough to be below the line, so that it often is one of several changes that will do.
STRICT = Policy(
    allowed_registries=("registry.internal",),
    thresholds=Thresholds(pillar_score=96, pillar_burden=1),
    # It reads the limits of containers, so that mending one of them mends it as well.
    exemptions={"memory-overcommitted": (Exemption(reason="Not what these tests are about."),)},
)
replicas = st.sets(st.sampled_from(sorted(FAULTS)), max_size=3)
services = st.lists(st.lists(replicas, min_size=1, max_size=2), min_size=1, max_size=3)
#: Of two hosts: which answer to anybody.
exposed = st.sets(st.integers(0, 1), max_size=1)
Fleet = list[list[set[str]]]


def facts(service: int, replica: int, faults: set[str]) -> ContainerFacts:
    labels = {**OWNED, "loadline.service": f"s{service}"}
    made = container(id=f"{service}{replica}" * 32, name=f"s{service}-{replica}", labels=labels)
    return replace(made, **{name: value for rule in faults for name, value in FAULTS[rule].items()})


def every_fault(fleet: Fleet) -> set[str]:
    return set().union(*(faults for replicas in fleet for faults in replicas)) | {"engine-api-without-tls"}


def sweep(machines: list[Host], fleet: Fleet, open_hosts: set[int], mended: set[str], step: int) -> set[str]:
    """One sweep of each host with what is left of its faults; the names of what is ready then."""
    for place, machine in enumerate(machines):
        shown = [
            facts(number, place, replicas[place] - mended)
            for number, replicas in enumerate(fleet)
            if place < len(replicas)
        ]
        exposed_now = place in open_hosts and "engine-api-without-tls" not in mended
        plain = host(warnings=(EXPOSED,) if exposed_now else ())
        swept(machine, seen=snapshot(host=plain, containers=tuple(shown)), now=NOW + timedelta(seconds=step))
    return set(Service.objects.filter(verdict="ready").values_list("name", flat=True))


@given(services, exposed, st.booleans())
@settings(
    max_examples=3,  # each sweeps two hosts a dozen times
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example([[{"capabilities-not-dropped", "new-privileges"}], [{"no-memory-limit"}, {"runs-as-root"}]], {1}, True)
@example([[{"no-pids-limit"}, {"new-privileges", "runs-as-root"}]], set(), True)
@example([[{"no-memory-limit"}], [{"no-memory-limit", "dangerous-capability"}, set()]], set(), False)
def test_each_fix_lifts_exactly_what_is_ready_once_it_is_made(fleet: Fleet, open_hosts: set[int], strict: bool) -> None:
    with transaction.atomic():
        if strict:
            adopt(draft(STRICT, author=None, name="ann", note="", now=NOW), now=NOW)
        machines = [host_row("prod-0"), host_row("prod-1")]
        before = sweep(machines, fleet, open_hosts, set(), 0)
        plan = plan_of(cases(LATER))
        said = {fix.rule: fix for fix in plan.fixes}
        total: set[str] = set()
        for step, rule in enumerate(sorted(every_fault(fleet)), start=1):
            ready = sweep(machines, fleet, open_hosts, {rule}, step)
            assert len(ready - before) == (said[rule].lifts if rule in said else 0), rule
            total |= ready
        assert before <= total
        _holds_for_sets(plan, machines, fleet, open_hosts, before)
        transaction.set_rollback(True)


def _holds_for_sets(plan: Any, machines: list[Host], fleet: Fleet, open_hosts: set[int], before: set[str]) -> None:
    """The sequence does what it says, step by step, and no set of as many rules does more."""
    done: set[str] = set()
    for step in plan.steps:
        done.add(step.rule)
        ready = sweep(machines, fleet, open_hosts, done, 40 + len(done))
        assert len(ready - before) == step.total
        assert set(step.names) <= ready
    assert plan.exact
    faults = sorted(every_fault(fleet))
    best = plan.steps[-1].total if plan.steps else 0
    sweep(machines, fleet, open_hosts, set(), 60)
    found = cases(NOW + timedelta(seconds=61))
    for chosen in combinations(faults, min(5, len(faults))):
        ready = [case.verdict(chosen).value == "ready" for case in found]
        assert sum(ready) <= best
        assert [case.ready(chosen) for case in found] == ready


def test_where_one_of_two_changes_is_enough_each_of_them_lifts() -> None:
    adopt(draft(STRICT, author=None, name="ann", note="", now=NOW), now=NOW)
    machine = host_row()
    faulty = {"capabilities-not-dropped", "new-privileges"}
    swept(machine, facts(1, 1, faulty))
    assert Service.objects.get().verdict == "at-risk"
    lifts = {fix.rule: (fix.lifts, fix.services) for fix in plan_of(cases(LATER)).fixes}
    assert lifts == dict.fromkeys(faulty, (1, 1))
    assert held_back(LATER, rule="new-privileges") == held_back(LATER, rule="capabilities-not-dropped") != set()
    for rule in faulty:
        swept(machine, facts(1, 1, faulty - {rule}), now=LATER)
        assert Service.objects.get().verdict == "ready"


def test_a_fix_counts_the_places_of_services_that_it_holds_back_and_of_no_other() -> None:
    """A network that two of them share is one place."""
    open_network = network(driver="overlay", scope="swarm")
    attached = [facts(n, n, set()) for n in (1, 2)]
    apart = replace(facts(3, 3, {"no-memory-limit"}), networks=(NetworkAttachment("other", "o" * 64),))
    other = network(id="o" * 64, name="other")
    swarm = SwarmFacts(state="active", control_available=False, node_id="n1")
    swept(host_row(), seen=snapshot(*attached, apart, networks=(open_network, other), host=host(swarm=swarm)))
    fixes = {fix.rule: fix for fix in plan_of(cases(LATER)).fixes}
    assert (fixes["overlay-not-encrypted"].subjects, fixes["overlay-not-encrypted"].services) == (1, 2)
    assert (fixes["no-memory-limit"].subjects, fixes["no-memory-limit"].services) == (1, 1)


def test_alike_replicas_stand_once_and_a_host_once_for_each_service() -> None:
    swept(host_row(), *(replace(facts(1, n, {"no-memory-limit"})) for n in range(1, 5)))
    (case,) = cases(LATER)
    assert (len(case.standings), len(case.hosts)) == (2, 1)  # alone, and with what is said of the service
    assert case.failing_rules >= {"no-memory-limit"}
    assert case.open_rules >= case.failing_rules
