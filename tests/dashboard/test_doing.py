"""What the page calls a trouble, and what it does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from dashboard.celery_settings import QUEUES
from dashboard.doing import CARRIES, Doing, troubles
from fleet.models import SignOfLife
from fleet.watching import LastSweep, Store, Sweeps
from tests.builders import NOW

SCHEDULER, WORKER, JOB = SignOfLife.SCHEDULER, SignOfLife.WORKER, SignOfLife.JOB


def sign(kind: str, *, seconds: float = 0, name: str = "node-1") -> SignOfLife:
    return SignOfLife(kind=kind, name=name, did="dispatch_due", at=NOW - timedelta(seconds=seconds))


def last_sweep(name: str = "prod-01", **changes: Any) -> LastSweep:
    fields: dict[str, Any] = {"host": 1, "lag": 0.0, "seconds": 0.2, "error_code": "", "rows_written": 1}
    return LastSweep(name=name, answered_at=NOW, **{**fields, **changes})


def doing(*hosts: LastSweep, **changes: Any) -> Doing:
    """Everything in order, unless told otherwise."""
    fields: dict[str, Any] = {
        "signs": [sign(SCHEDULER, seconds=15), sign(WORKER, seconds=15)],
        "waiting": dict.fromkeys(QUEUES, 0),
        "store": Store("SQLite", 1 << 20),
    }
    return Doing(now=NOW, sweeps=Sweeps(hosts or (last_sweep(),)), **{**fields, **changes})


def told(found: Doing) -> list[str]:
    return [one.what for one in troubles(found)]


def test_in_good_order_there_is_none() -> None:
    assert told(doing()) == []


def test_a_fleet_that_is_too_big_for_sqlite_is_told_so_and_no_other() -> None:
    machines = [last_sweep(f"prod-{number}") for number in range(201)]
    assert told(doing(*machines[1:])) == []
    assert told(doing(*machines)) == ["201 hosts are kept in SQLite, which is made for 200."]
    assert told(doing(*machines, store=Store("PostgreSQL", 1))) == []


def test_before_anybody_has_said_anything_the_scheduler_is_missed() -> None:
    assert told(doing(signs=[])) == ["No scheduler has sent anything yet."]


def test_on_one_machine_the_supervisor_is_what_to_start(settings: LazySettings) -> None:
    assert [one.command for one in troubles(doing(signs=[]))] == ["celery --app dashboard.clock beat"]
    settings.EMBEDDED_BROKER = True
    assert [one.command for one in troubles(doing(signs=[]))] == ["./loadline up"]


def test_a_scheduler_that_stopped_is_missed_and_its_workers_are_not_blamed() -> None:
    found = doing(signs=[sign(SCHEDULER, seconds=300), sign(WORKER, seconds=299)])
    assert told(found) == ["The last time a scheduler sent anything was 5 min ago."]
    assert [one.state for one in (*found.schedulers, *found.workers)] == ["silent", "quiet"]


def test_workers_that_stopped_are_missed_while_the_scheduler_sends() -> None:
    found = doing(signs=[sign(SCHEDULER), sign(WORKER, seconds=300)])
    assert told(found) == ["The last time a worker finished anything was 5 min ago."]
    assert [one.state for one in found.workers] == ["silent"]
    assert told(doing(signs=[sign(SCHEDULER)])) == ["No worker has finished anything yet."]


@pytest.mark.parametrize(("seconds", "state"), [(60, "ok"), (61, "quiet"), (300, "quiet"), (301, "silent")])
def test_a_worker_beside_others_may_be_idle_for_a_while(seconds: float, state: str) -> None:
    found = doing(signs=[sign(SCHEDULER), sign(WORKER), sign(WORKER, seconds=seconds, name="node-2")])
    assert found.workers[1].state == state
    assert told(found) == []


def test_a_second_scheduler_that_stopped_is_shown_and_stops_nothing() -> None:
    found = doing(signs=[sign(SCHEDULER), sign(SCHEDULER, seconds=900, name="old"), sign(WORKER)])
    assert [one.state for one in found.schedulers] == ["ok", "silent"]
    assert told(found) == []


def test_a_broker_that_cannot_tell_is_a_trouble() -> None:
    assert told(doing(waiting=None)) == ["The broker did not say within two seconds what waits in the queues."]


@pytest.mark.parametrize(("waiting", "said"), [(50, []), (51, ["101 messages wait for a worker."])])
def test_many_messages_are_a_trouble_whichever_queue_they_wait_in(waiting: int, said: list[str]) -> None:
    assert told(doing(waiting={"sweep": 50, "now": waiting})) == said


def test_hosts_that_are_overdue_lead_to_their_list() -> None:
    (trouble,) = troubles(doing(last_sweep(lag=61), last_sweep("b", lag=60)))
    assert (trouble.what, trouble.url) == ("1 host should have been swept by now.", "/hosts/?late=yes")


def test_sweeps_that_outlast_the_interval_are_a_trouble(settings: LazySettings) -> None:
    settings.LOADLINE_SWEEP_SECONDS = 5
    slow = doing(*[last_sweep(seconds=5.25)] * 2, *[last_sweep()] * 18)
    assert told(slow) == ["One sweep in twenty takes 5.2 s or longer, and hosts are asked every 5 s."]
    assert told(doing(last_sweep(seconds=5.25), *[last_sweep()] * 19)) == []


def test_failures_are_said_by_kind_with_the_list_of_each() -> None:
    found = doing(*[last_sweep(error_code="refused")] * 2, last_sweep(error_code="not-an-engine"))
    assert told(found) == ["The last sweep of 3 hosts failed."]
    assert [(one.words, one.hosts, one.url) for one in found.failing] == [
        ("Nothing listens", 2, "/hosts/?error=refused"),
        ("It is no engine", 1, "/hosts/?error=not-an-engine"),
    ]


@pytest.mark.parametrize(("hours", "count"), [(1, 0), (3, 0), (3.1, 1)])
def test_an_hourly_job_that_was_missed_is_a_trouble(hours: float, count: int) -> None:
    in_order = [sign(SCHEDULER), sign(WORKER)]
    for job in ("tidy", "record_day"):
        assert len(told(doing(signs=[*in_order, sign(JOB, seconds=3600 * hours, name=job)]))) == count


def test_old_tables_are_a_trouble() -> None:
    assert told(doing(stale_tables={"systems": 40, "ports": 99})) == [
        "2 reference tables ought to be read anew; the oldest is of 99 days ago."
    ]


def test_what_stops_everything_comes_first() -> None:
    found = doing(last_sweep(lag=900), last_sweep(error_code="dns"), signs=[], waiting=None, stale_tables={"ports": 50})
    assert len(told(found)) == 5
    assert told(found)[0] == "No scheduler has sent anything yet."


def test_every_trouble_says_what_to_do() -> None:
    found = doing(last_sweep(lag=900, error_code="dns"), signs=[], waiting=None, stale_tables={"ports": 50})
    assert all(one.remedy.endswith(".") and bool(one.url) == bool(one.action) for one in troubles(found))


def test_every_queue_is_said_what_it_carries() -> None:
    assert CARRIES.keys() == set(QUEUES)
