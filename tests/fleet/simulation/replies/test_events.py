from __future__ import annotations

from fleet.simulation.replies.events import BUFFER, Event, between, buffered
from fleet.simulation.spec import HealthCheck, Life
from tests.fleet.simulation.builders import CHECK, NOW, container, engine


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
