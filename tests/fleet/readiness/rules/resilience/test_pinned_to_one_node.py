from __future__ import annotations

from fleet.inventory import SwarmServiceFacts
from fleet.readiness.rules.resilience.pinned_to_one_node import PinnedToOneNode
from fleet.readiness.vocabulary import Status
from tests.builders import member, service_subject

RULE = PinnedToOneNode()


def test_a_constraint_that_names_a_node_fails() -> None:
    assert (
        RULE.judge(
            service_subject(swarm=SwarmServiceFacts(id="s", name="web", constraints=("node.hostname == prod-01",)))
        ).status
        is Status.FAIL
    )


def test_no_swarm_is_not_applicable() -> None:
    assert RULE.judge(service_subject()).status is Status.NOT_APPLICABLE


def test_a_member_of_a_ring_is_not_applicable() -> None:
    assert (
        RULE.judge(
            service_subject(
                member(image_reference="cassandra:5"),
                swarm=SwarmServiceFacts(id="s", name="db", constraints=("node.id==x",)),
            )
        ).status
        is Status.NOT_APPLICABLE
    )


def test_a_label_of_nodes_passes() -> None:
    assert (
        RULE.judge(
            service_subject(swarm=SwarmServiceFacts(id="s", name="web", constraints=("node.labels.disk==ssd",)))
        ).status
        is Status.PASS
    )
