from __future__ import annotations

import inspect
import re
import sys
from dataclasses import fields

import pytest

from fleet.inventory import ContainerFacts, RestartPolicy
from fleet.neutrality import Distance, Effort, Reading, read, ties
from fleet.neutrality.reading import _remembered as remembered
from fleet.neutrality.tie import READ
from tests.builders import volume_mount
from tests.fleet.neutrality.builders import part


def test_the_heaviest_change_says_how_far() -> None:
    assert read([part(log_driver="local")]).distance is Distance.DROP_IN
    assert read([part(log_driver="local", links=("/a:/b",))]).distance is Distance.CONFIGURATION
    assert read([part(), part(labels={"com.docker.swarm.task.id": "t"})]).distance is Distance.REWORK


def test_what_is_set_up_once_a_host_is_no_change_of_the_service() -> None:
    reading = read([part(restart_policy=RestartPolicy("always"))])
    assert reading.distance is Distance.FREE
    assert [one.slug for one in reading.preparations] == ["restart-by-engine"]
    assert reading.changes == ()


def test_what_is_missing_never_reads_as_neutral() -> None:
    reading = read([part(), part(log_driver=None)])
    assert (reading.distance, reading.missing) == (Distance.UNKNOWN, ("LogConfig.Type",))


def test_what_is_missing_may_be_heavier_than_what_was_found() -> None:
    assert read([part(log_driver="local", links=None)]).distance is Distance.UNKNOWN
    assert [one.slug for one in read([part(log_driver="local", links=None)]).bonds] == ["engine-log-driver"]


def test_nothing_is_heavier_than_rework() -> None:
    reading = read([part(links=None, labels={"com.docker.swarm.task.id": "t"})])
    assert (reading.distance, reading.missing) == (Distance.REWORK, ("HostConfig.Links",))


def test_a_service_without_containers_is_unknown() -> None:
    assert read([]) == Reading(Distance.UNKNOWN)


def test_a_bond_counts_its_containers_and_keeps_each_value_once() -> None:
    drivers = ("pxd", "pxd", "trident")
    parts = [part(id=str(number), mounts=(volume_mount(driver=one),)) for number, one in enumerate(drivers)]
    (bond,) = read([*parts, part()]).bonds
    assert (bond.containers, bond.evidence) == (3, {"Mounts[].Driver": ("pxd", "trident")})


def test_the_heaviest_case_of_a_tie_counts() -> None:
    (bond,) = read([part(mounts=(volume_mount(driver=one),)) for one in ("pxd", "flocker")]).bonds
    assert bond.effort is Effort.REWORK
    assert bond.change.startswith("ClusterHQ")


def test_a_hundred_values_do_not_fill_the_row() -> None:
    parts = [part(extra_hosts=(f"{number}{'x' * 500}:host-gateway",)) for number in range(100)]
    (bond,) = read(parts).bonds
    (values,) = bond.evidence.values()
    assert len(values) == 5
    assert all(len(value) == 120 for value in values)


def test_what_is_stored_is_read_again() -> None:
    reading = read([part(log_driver="local", links=None, restart_policy=RestartPolicy("always"))])
    assert Reading.from_plain(reading.to_plain(), reading.distance.value) == reading
    assert read([part()]).to_plain() == {}


def test_a_tie_that_is_not_known_any_more_is_left_out() -> None:
    stored = {"found": {"went": {"effort": "rework", "evidence": {}, "containers": 1}}, "missing": []}
    assert Reading.from_plain(stored, "rework").bonds == ()


def test_replicas_are_alike_whatever_they_are_called() -> None:
    assert part(id="1", name="a").alike == part(id="2", name="b").alike
    assert part().alike != part(log_driver="local").alike
    assert part().alike != part(labels={"com.docker.swarm.task.id": "t"}).alike


def test_what_was_found_of_one_is_known_of_another_that_is_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    remembered.clear()
    first = read([part(log_driver="local")])
    monkeypatch.setattr("fleet.neutrality.reading.ties", tuple)
    assert read([part(log_driver="local", id="2", name="b")]) == first
    assert read([part(log_driver="gelf")]).bonds == ()
    remembered.clear()


def test_no_tie_reads_what_replicas_may_differ_in() -> None:
    """Else what was found of one would be said of another."""
    labels = {"labels", "label", "swarm_task"}
    allowed = {
        "facts": {*READ, *labels, "has_health_check"},
        "image": {"os", "media_type", "health_check", "inspected"},
        "swarm": {"secrets", "configs"},
    }
    for tie in ties():
        code = inspect.getsource(sys.modules[type(tie).__module__])
        for of, names in allowed.items():
            assert set(re.findall(rf"\b{of}\.(\w+)", code)) <= names, tie.slug
        assert set(re.findall(r"label\(\"?([\w.]+)", code)) <= {"SWARM_LABEL", "_LABEL"}, tie.slug


def test_labels_that_were_not_told_are_not_taken_for_none() -> None:
    assert part(labels=None).alike != part(labels={}).alike


def test_what_makes_replicas_differ_are_fields_of_containers() -> None:
    assert set(READ) <= {one.name for one in fields(ContainerFacts)}
