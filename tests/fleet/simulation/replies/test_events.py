from __future__ import annotations

import json

import pytest

from fleet.simulation.identifiers import container_id
from fleet.simulation.plan import Engine
from fleet.simulation.replies import events
from fleet.simulation.replies.events import BUFFER, Actor, Event
from fleet.simulation.spec import HealthCheck, Life
from tests.fleet.simulation.builders import CHECK, NOW, container, engine


def buffered(subject: Engine, **window: float) -> list[Event]:
    return events.buffered(_actors(subject), (), **window)


def between(subject: Engine, **window: float) -> list[Event]:
    return events.between(_actors(subject), (), **window)


def _actors(subject: Engine) -> list[Actor]:
    return [Actor(one, container_id(subject.name, one.name)) for one in subject.containers]


def test_no_more_than_256_events_are_remembered() -> None:
    busy = engine(*(container(f"c{n}", health_check=HealthCheck(("CMD", "x"), interval=1)) for n in range(100)))
    found = buffered(busy, since=0, until=NOW, began=NOW, now=NOW)
    assert len(found) == BUFFER
    assert NOW - found[0].at < 2, "a hundred checks a second leave a window of a second"


def test_a_probe_is_three_events() -> None:
    life = Life(age=90)
    found = between(engine(container(life=life, health_check=CHECK)), since=NOW - 1, until=NOW + 1, began=NOW)
    assert [event.action for event in found] == [
        "exec_create: /bin/sh -c true",
        "exec_start: /bin/sh -c true",
        "exec_die",
    ]
    assert len({dict(event.extra)["execID"] for event in found}) == 1


def test_since_and_until_are_kept_and_the_order_is_that_of_time() -> None:
    checked = engine(container(life=Life(age=900), health_check=CHECK), container("other", life=Life(age=450)))
    found = buffered(checked, since=NOW - 100, until=NOW - 20, began=NOW, now=NOW)
    assert found
    assert all(NOW - 100 <= event.at <= NOW - 20 for event in found)
    assert [event.at for event in found] == sorted(event.at for event in found)


def test_windows_that_meet_have_no_gap_and_no_event_twice() -> None:
    checked = engine(container(life=Life(age=901.3), health_check=CHECK), container("loop", life=Life(loop=7)))
    whole = _keys(between(checked, since=NOW, until=NOW + 100, began=NOW))
    parts = [_keys(between(checked, since=NOW + at, until=NOW + at + 10, began=NOW)) for at in range(0, 100, 10)]
    assert [key for part in parts for key in part] == whole


def _keys(found: list[Event]) -> list[tuple[float, str]]:
    return [(event.at, event.action) for event in found]


def test_a_crash_loop_dies_and_starts() -> None:
    found = between(engine(container(life=Life(loop=10, exit_code=3))), since=NOW - 1, until=NOW + 15, began=NOW)
    assert [(event.action, event.extra) for event in found] == [
        ("start", ()),
        ("die", (("exitCode", "3"),)),
        ("start", ()),
        ("die", (("exitCode", "3"),)),
    ]


def test_an_out_of_memory_kill_is_told_before_the_death() -> None:
    killed = container(life=Life("exited", age=90, ended=9, oom_killed=True, exit_code=137))
    assert [event.action for event in between(engine(killed), since=NOW - 99, until=NOW, began=NOW)] == [
        "start",
        "oom",
        "die",
    ]


def test_the_old_fields_go_with_1_52() -> None:
    event = between(engine(container()), since=NOW - 99, until=NOW, began=NOW)[0]
    assert "status" in event.reply(api=51)
    assert "status" not in event.reply(api=52)


@pytest.mark.parametrize("api", [41, 55])
def test_a_line_says_what_the_reply_says(api: int) -> None:
    odd = container(name="odd", labels={"a": 'quo"ted', "zone": "b"}, health_check=CHECK, life=Life(age=90))
    found = between(engine(odd), since=NOW - 100, until=NOW + 31, began=NOW)
    assert {event.action.partition(":")[0] for event in found} == {"start", "exec_create", "exec_start", "exec_die"}
    for event in found:
        assert json.loads(event.line(api=api)) == event.reply(api=api)


def test_what_was_written_down_takes_its_turn_and_its_place_in_the_memory() -> None:
    busy = [Actor(container(f"c{n}", health_check=HealthCheck(("CMD", "x"), interval=1)), f"{n:064}") for n in range(9)]
    log = [Event(NOW - at, "update", busy[0]) for at in (500.0, 2.0)]
    found = events.buffered(busy, log, since=0, until=NOW, began=NOW, now=NOW)
    assert len(found) == BUFFER
    assert [event.at for event in found if event.action == "update"] == [NOW - 2]
    assert found == sorted(found, key=lambda event: event.at)
