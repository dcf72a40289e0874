from __future__ import annotations

import pytest

from fleet.counting import count_all, counted
from fleet.foresight.fixes import Shape
from fleet.foresight.holding_back import Candidate, blockers_of, distance_of, holding_back
from fleet.models import Service, Shortfall
from tests.builders import NOW
from tests.mixed_fleet import one
from tests.rows import host_row, swept


def shape(*sets: tuple[str, ...], need: tuple[str, ...] | None = None, possible: bool = True) -> Shape:
    rules = frozenset(rule for one in sets for rule in one) | frozenset(need or ())
    return Shape(
        holds=rules,
        open=rules,
        sets=tuple(map(frozenset, sets)),
        complete=True,
        possible=possible,
        need=None if need is None else frozenset(need),
    )


def candidate(
    name: str, key: str = "", *, verdict: str = "not-ready", stale: bool = False, team: str = "a"
) -> Candidate:
    return Candidate(name=name, slug=name, team=team, verdict=verdict, stale=stale, shape=key)


def test_the_fewest_changes_count_and_of_as_many_the_mildest() -> None:
    ways = shape(("privileged-container", "no-memory-limit"), ("no-memory-limit",), ("privileged-container",))
    found = distance_of(ways)
    assert found is not None
    assert found.rules == ("no-memory-limit",)


def test_one_that_takes_more_than_a_plan_looks_for_has_its_need() -> None:
    found = distance_of(shape(need=tuple("abcdef")))
    assert found is not None
    assert found.changes == 6


def test_what_nothing_makes_ready_has_no_distance() -> None:
    assert distance_of(shape(("a",), possible=False)) is None
    assert distance_of(shape()) is None


def test_what_separates_adds_up_to_all() -> None:
    shapes = {"one": shape(("a",)), "two": shape(("a", "b")), "none": shape(possible=False)}
    staging = [
        candidate("far", "two"),
        candidate("near", "one", team="b"),
        candidate("done", verdict="ready"),
        candidate("old", "one", stale=True),
        candidate("lost", "none"),
        candidate("unseen"),
    ]
    found = holding_back(staging, [], shapes)
    assert found["staging"] == {"2": 1, "1": 1, "ready": 1, "stale": 1, "beyond": 2, "total": 6}
    assert sum(sum(counts.values()) for _, counts, _, _ in found["teams"]) == 6
    assert [name for _, name, _, _ in found["nearest"]] == ["near", "far"]
    assert [name for _, name, _ in found["ready"]] == ["done"]


def test_a_blocker_frees_only_whom_it_alone_holds() -> None:
    shapes = {"one": shape(("a",)), "two": shape(("a", "b"))}
    assert blockers_of({"one": 3, "two": 4, "unknown": 9}, shapes) == [["a", 3, 7], ["b", 0, 4]]


def test_the_blockers_of_a_team_are_those_of_its_services() -> None:
    shapes = {"one": shape(("a",)), "other": shape(("b",))}
    below = [
        ("shop", "production", "one"),
        ("shop", "staging", "one"),
        ("", "production", "other"),
        ("shop", "experiment", "other"),
    ]
    teams = {team: (below, blockers) for team, _, below, blockers in holding_back([], below, shapes)["teams"]}
    assert teams["shop"] == ({"production": 1, "staging": 1}, [["a", 2, 2]])
    assert teams[""] == ({"production": 1}, [["b", 1, 1]])
    assert list(teams) == ["shop", ""]


@pytest.mark.django_db
def test_mending_what_is_said_to_be_missing_makes_it_ready() -> None:
    machine = host_row("staging-01", environment="staging")
    bad = {"memory": 0, "privileged": True}
    swept(machine, one("near", 1, memory=0), one("far", 2, **bad), one("done", 3))
    count_all(NOW)
    data = counted(NOW, "holding back")["holding back"].data
    assert [(name, len(rules)) for _, name, _, rules in data["nearest"]] == [("near", 1), ("far", 2)]
    assert {rule for _, _, _, rules in data["nearest"] for rule in rules} == {"no-memory-limit", "privileged-container"}
    assert dict(Shortfall.objects.values_list("service__name", "changes")) == {"near": 1, "far": 2}
    swept(machine, one("near", 1), one("far", 2, privileged=True), one("done", 3))
    assert dict(Service.objects.values_list("name", "verdict")) == {
        "near": "ready",
        "far": "not-ready",
        "done": "ready",
    }
    count_all(NOW)
    assert dict(Shortfall.objects.values_list("service__name", "changes")) == {"far": 1}


@pytest.mark.django_db
def test_rows_of_before_get_their_distance_at_the_next_count() -> None:
    swept(host_row(), one("near", 1, memory=0))
    count_all(NOW)
    Shortfall.objects.update(changes=None, weight=None)
    count_all(NOW)
    assert Shortfall.objects.get().changes == 1
