from __future__ import annotations

from typing import Any

import pytest

from fleet.inventory import SwarmFacts
from fleet.readiness.findings import MissingFactError
from fleet.readiness.rules.network.overlay_not_encrypted import OverlayNotEncrypted
from fleet.readiness.subjects import NetworkSubject
from fleet.readiness.vocabulary import Severity, Status
from tests.builders import around, host, network_subject

RULE = OverlayNotEncrypted()
TWO_NODES = SwarmFacts(state="active", control_available=True, nodes=2)


def overlay(swarm: SwarmFacts | None = TWO_NODES, **changes: Any) -> NetworkSubject:
    options = {"com.docker.network.driver.overlay.vxlanid_list": "4097"}
    return network_subject(around(host=host(swarm=swarm)), **{"driver": "overlay", "options": options, **changes})


def test_an_overlay_between_hosts_without_the_option_fails() -> None:
    outcome = RULE.judge(overlay())
    assert outcome.status is Status.FAIL
    assert outcome.severity is None


def test_the_ingress_network_is_milder() -> None:
    outcome = RULE.judge(overlay(ingress=True))
    assert outcome.status is Status.FAIL
    assert outcome.severity is Severity.LOW


def test_a_worker_is_never_alone_though_it_counts_no_nodes() -> None:
    worker = SwarmFacts(state="active", control_available=False, nodes=None)
    assert RULE.judge(overlay(worker)).status is Status.FAIL


def test_a_swarm_of_one_has_no_wire_yet() -> None:
    outcome = RULE.judge(overlay(SwarmFacts(state="active", control_available=True, nodes=1)))
    assert (outcome.status, outcome.severity) == (Status.FAIL, Severity.LOW)
    assert "until another joins" in outcome.reason


def test_a_host_in_no_swarm_is_left_out() -> None:
    assert RULE.judge(overlay(SwarmFacts(state="inactive", control_available=False))).status is Status.NOT_APPLICABLE


def test_a_bridge_does_not_leave_the_host() -> None:
    assert RULE.judge(overlay(driver="bridge")).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("swarm", "changes", "fact"),
    [
        (None, {}, "Swarm"),
        (SwarmFacts(), {}, "LocalNodeState"),
        (SwarmFacts(state="active", control_available=True), {}, "Nodes"),
        (TWO_NODES, {"driver": None}, "Driver"),
        (TWO_NODES, {"options": None}, "Options"),
    ],
)
def test_what_the_engine_left_out_is_a_missing_fact(
    swarm: SwarmFacts | None, changes: dict[str, Any], fact: str
) -> None:
    with pytest.raises(MissingFactError, match=fact):
        RULE.judge(overlay(swarm, **changes))


@pytest.mark.parametrize("ingress", [False, True])
def test_the_option_counts_by_its_presence(ingress: bool) -> None:
    assert RULE.judge(overlay(options={"encrypted": ""}, ingress=ingress)).status is Status.PASS
