"""Which data are lost with hosts, and what that makes of a service's state."""

from __future__ import annotations

from dataclasses import replace

from fleet.inventory import VolumeFacts
from fleet.loss import Lost, Machine, StateLost, VolumeLoss, what_if
from fleet.tables import Tables
from tests.builders import bind_mount
from tests.fleet.loss.builders import answer, case, holdings, losing, machine, replica, stored, with_data

ETCD = Tables.shipped().datastores.entries["etcd"]
LOCAL = VolumeFacts(name="data", driver="local", options={}, size=4096)
SHARE = VolumeFacts(name="share", driver="local", options={"type": "nfs", "o": "addr=nas"})
STRANGE = VolumeFacts(name="odd", driver="strange", options={})


def keeper(name: str = "a") -> Machine:
    return machine(
        name,
        volumes={"data": LOCAL, "share": SHARE, "odd": STRANGE},
        keeps={"data": False, "share": True, "odd": None},
    )


def lost_of(*cases: object, lost: Lost | None = None) -> dict[str, VolumeLoss]:
    found = what_if(stored(*cases, machines=(keeper(), keeper("b"))), lost or losing("a"))  # type: ignore[arg-type]
    return {one.name: one for one in found.volumes}


def test_each_volume_of_the_host_is_lost_kept_or_unknown() -> None:
    found = lost_of(case(with_data("db-1"), name="db"))
    assert {name: one.lost for name, one in found.items()} == {"data": True, "share": False, "odd": None}
    assert list(found) == ["data", "odd", "share"]
    assert found["data"].services == ("db",)
    assert {name: one.size for name, one in found.items()} == {"data": 4096, "odd": None, "share": None}
    assert found["data"].reason == "It lies in the engine's own folder on the host."
    assert {one.host for one in found.values()} == {"a"}


def test_without_a_lost_host_no_volume_is_lost() -> None:
    assert lost_of(case(with_data()), lost=losing(plugins={"pxd"})) == {}


def test_folders_that_are_written_are_lost_as_well() -> None:
    found = lost_of(case(replica(mounts=(bind_mount("/srv/books"),)), name="books"))
    assert found["/srv/books"].kind == "bind"
    assert found["/srv/books"].lost is True
    assert found["/srv/books"].services == ("books",)


def test_state_on_the_lost_disk_is_lost() -> None:
    found = answer(case(with_data("db-1")), losing("a"))
    assert found.state is StateLost.YES
    assert found.evidence == ("data (/data in db-1 on a): It lies in the engine's own folder on the host.",)


def test_state_that_others_serve_is_not_lost() -> None:
    served = with_data("db-1")
    held = holdings(served.facts, "a", {"data": replace(SHARE, name="data")})
    found = answer(case(replace(served, holdings=held)), losing("a"))
    assert found.state is StateLost.NO


def test_state_behind_a_plugin_nobody_knows_is_unknown() -> None:
    strange = with_data("db-1")
    held = holdings(strange.facts, "a", {"data": replace(STRANGE, name="data")})
    assert answer(case(replace(strange, holdings=held)), losing("a")).state is StateLost.UNKNOWN


def test_a_service_that_keeps_nothing_loses_nothing() -> None:
    found = answer(case(replica()), losing("a"))
    assert (found.state, found.evidence) == (StateLost.NO, ("Nothing of it on what is lost keeps data.",))


def test_what_was_not_read_is_unknown() -> None:
    found = answer(case(replace(replica(), holdings=None, facts=None)), losing("a"))
    assert found.state is StateLost.UNKNOWN


def test_members_that_stay_keep_the_copies() -> None:
    three = case(*(with_data(f"db-{host}", host) for host in "abc"), family=ETCD)
    assert answer(three, losing("a")).state is StateLost.NO
    assert answer(three, losing("a", "b")).state is StateLost.YES


def test_replicas_that_copy_nothing_each_lose_their_own() -> None:
    two = case(with_data("db-1", "a"), with_data("db-2", "b"))
    assert answer(two, losing("a")).state is StateLost.YES
