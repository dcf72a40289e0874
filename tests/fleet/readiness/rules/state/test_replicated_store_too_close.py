from __future__ import annotations

from fleet.readiness.rules.state.replicated_store_too_close import ReplicatedStoreTooClose
from fleet.readiness.subjects import ServiceSubject
from fleet.readiness.vocabulary import Status
from tests.builders import member, service_subject, volume_mount

RULE = ReplicatedStoreTooClose()


def ring(
    *hosts: str,
    nodes: tuple[str, ...] = (),
    volume: str = "",
    image_reference: str = "cassandra:5",
    answered: bool = True,
) -> ServiceSubject:
    members = [
        member(
            id=str(number) * 64,
            name=f"node-{number}",
            host=name,
            node_id=nodes[number] if nodes else None,
            image_reference=image_reference,
            mounts=(volume_mount(volume or f"data-{number}"),),
        )
        for number, name in enumerate(hosts)
    ]
    return service_subject(*members, all_hosts_answered=answered)


def test_two_members_on_one_host_fail() -> None:
    assert RULE.judge(ring("a", "a", "b")).status is Status.FAIL


def test_two_members_on_one_volume_fail() -> None:
    assert RULE.judge(ring("a", "a", "b", nodes=("1", "2", "3"), volume="data")).status is Status.FAIL


def test_two_members_are_too_few() -> None:
    assert RULE.judge(ring("a", "b")).status is Status.FAIL


def test_an_even_number_that_votes_fails() -> None:
    assert RULE.judge(ring("a", "b", "c", "d", image_reference="etcd:3.5")).status is Status.FAIL


def test_another_image_is_not_applicable() -> None:
    assert RULE.judge(ring("a", "b", "c", image_reference="web:1")).status is Status.NOT_APPLICABLE


def test_a_silent_host_may_have_a_member() -> None:
    assert RULE.judge(ring("a", "b", answered=False)).status is Status.UNKNOWN


def test_three_members_apart_pass() -> None:
    assert RULE.judge(ring("a", "b", "c")).status is Status.PASS


def test_a_ring_may_be_even() -> None:
    assert RULE.judge(ring("a", "b", "c", "d")).status is Status.PASS
