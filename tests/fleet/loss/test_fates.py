"""Which services go down, degrade or survive without some hosts, and the sentences that say why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fleet.loss import Case, Fate, When, what_if
from fleet.tables import Tables
from fleet.tables.shapes import StatefulImage
from tests.fleet.loss.builders import answer, case, fate, losing, machine, replica, stored

CASSANDRA = Tables.shipped().datastores.entries["cassandra"]
ETCD = Tables.shipped().datastores.entries["etcd"]


def members(number: int, family: StatefulImage = ETCD) -> Case:
    return case(*(replica(f"db-{n}", host) for n, host in enumerate("abcde"[:number])), family=family)


def test_a_single_replica_goes_down_with_its_host() -> None:
    found = answer(case(replica()), losing("a"))
    assert (found.fate, found.when) == (Fate.DOWN, When.AT_ONCE)
    assert found.reasons[:2] == (
        "Its only working replica runs on a.",
        "A restart policy (on-failure) starts a container again on its own host only.",
    )
    assert (found.lost, found.kept) == (("web-1 on a",), ())


def test_a_replica_elsewhere_that_works_keeps_it_going() -> None:
    found = answer(case(replica("web-1", "a"), replica("web-2", "b")), losing("a"))
    assert found.fate is Fate.DEGRADED
    assert found.reasons[0] == "1 of 2 working replicas stays, on b."
    assert found.kept == ("web-2 on b",)


def test_a_service_with_nothing_on_what_is_lost_survives() -> None:
    found = answer(case(replica("web-2", "b")), losing("a"))
    assert (found.fate, found.move) == (Fate.SURVIVES, None)


def test_a_spare_that_does_not_run_is_no_loss_and_no_help() -> None:
    spare = replica("web-2", "b", state="exited", expected=False)
    assert fate(case(replica(), spare), losing("a")) is Fate.DOWN
    assert fate(case(replica(), spare), losing("b")) is Fate.SURVIVES


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"health": "unhealthy"}, Fate.DOWN),
        ({"state": "restarting"}, Fate.DOWN),
        ({"state": "paused"}, Fate.DOWN),
        ({"health": "starting"}, Fate.UNKNOWN),
        ({"health": None}, Fate.UNKNOWN),
        ({"state": None}, Fate.UNKNOWN),
        ({"fresh": False}, Fate.UNKNOWN),
        ({"health": "none"}, Fate.DEGRADED),
    ],
)
def test_only_a_replica_that_is_seen_to_work_is_counted_on(change: dict[str, object], expected: Fate) -> None:
    assert fate(case(replica("web-1", "a"), replace(replica("web-2", "b"), **change)), losing("a")) is expected


def test_a_silent_host_is_named_in_the_doubt() -> None:
    silent = replace(replica("web-2", "b"), fresh=False)
    found = answer(case(replica("web-1", "a"), silent), losing("a"))
    assert "Whether web-2 on b works cannot be told: b has not answered for too long." in found.reasons


def test_what_did_not_work_before_does_not_go_down() -> None:
    stopped = replica(state="exited", health=None, expected=False)
    found = answer(case(stopped), losing("a"))
    assert found.fate is Fate.IDLE
    assert found.reasons == ("None of its containers works now, so nothing stops.",)


def test_one_machine_registered_twice_is_lost_with_either_name() -> None:
    twice = case(replica("web-1", "a"), replace(replica("web-1", "b")))
    found = answer(twice, losing("a"))
    assert found.fate is Fate.DOWN
    assert "web-1 on b is the same container, registered twice." in found.reasons


@pytest.mark.parametrize(
    ("number", "gone", "expected"),
    [
        (3, "a", Fate.DEGRADED),
        (3, "ab", Fate.DOWN),
        (5, "ab", Fate.DEGRADED),
        (5, "abc", Fate.DOWN),
        (2, "a", Fate.DOWN),
    ],
)
@pytest.mark.parametrize("family", [ETCD, CASSANDRA])
def test_a_replicated_store_needs_a_majority(number: int, gone: str, expected: Fate, family: StatefulImage) -> None:
    assert fate(members(number, family), losing(*gone)) is expected


def test_the_vote_is_told() -> None:
    found = answer(members(3), losing("a", "b"))
    assert found.reasons[:2] == (
        "Only 1 of 3 working replicas stays.",
        "etcd needs 2 of its 3 members; 1 stay, no majority.",
    )


def test_a_member_that_is_down_already_counts_in_the_vote() -> None:
    down = replace(replica("db-2", "c"), health="unhealthy")
    three = case(replica("db-0", "a"), replica("db-1", "b"), down, family=ETCD)
    assert fate(three, losing("a")) is Fate.DOWN
    assert answer(
        case(replica("db-0", "a"), down, replace(down, name="db-3", host="d"), family=ETCD), losing("a")
    ).fate is (Fate.IDLE)


def test_replicas_of_an_image_without_a_name_may_be_voters() -> None:
    nameless = [replace(replica(f"db-{n}", host), image_reference=None) for n, host in enumerate("abc")]
    assert fate(case(*nameless, family_told=False), losing("a", "b")) is Fate.UNKNOWN


def test_services_come_worst_first_and_production_before_the_rest() -> None:
    lab = case(replica("lab-1"), name="lab", stage="experiment")
    pay = case(replica("pay-1"), name="pay", tier=1)
    shop = case(replica("shop-1"), name="shop")
    web = case(replica("web-1"), replica("web-2", "b"), name="web")
    found = what_if(stored(web, lab, shop, pay), losing("a"))
    assert [one.case.name for one in found.services] == ["pay", "shop", "lab", "web"]
    assert [one.case.name for one in found.of(Fate.DOWN)] == ["pay", "shop", "lab"]


def test_old_evidence_about_what_is_lost_is_said() -> None:
    silent = (machine("a", fresh=False), machine("b"))
    found = what_if(stored(case(replace(replica(), fresh=False)), machines=silent), losing("a"))
    assert found.services[0].fate is Fate.DOWN
    assert found.notes == ("What is known of a is old: no sweep has reached it lately.",)
