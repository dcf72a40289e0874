from __future__ import annotations

import pytest
from celery.signals import task_prerun, worker_process_init
from django.conf import LazySettings

from dashboard import celery_settings
from dashboard.celery import app, collect_garbage_seldom
from dashboard.celery_settings import configuration
from dashboard.schedule import JOBS
from fleet.sweeping.claims import FRESH, LEASE, RENEW_SECONDS, longest_pause
from fleet.sweeping.concluding import PAUSES
from fleet.sweeping.keeper import FAREWELL_SECONDS, TURN_SECONDS
from fleet.tasks import SEAT_SECONDS


def test_connections_are_kept_between_tasks_and_dead_ones_dropped_before_each(monkeypatch: pytest.MonkeyPatch) -> None:
    # Kept connections alone would fail every task after a database restart; the two belong together.
    dropped: list[str] = []
    monkeypatch.setattr("django.db.close_old_connections", lambda: dropped.append("dead"))
    task_prerun.send(sender=None)
    assert dropped == ["dead"]
    assert app.conf["CELERY_DB_REUSE_MAX"] > 1


def test_each_process_of_a_worker_looks_for_garbage_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    assert any(reference() is collect_garbage_seldom for _, reference in worker_process_init.receivers)
    begun: list[bool] = []
    monkeypatch.setattr("fleet.garbage.collect_seldom", lambda: begun.append(True))
    collect_garbage_seldom()
    assert begun == [True]


def test_the_embedded_queue_polls_a_folder_and_has_no_remote_control(settings: LazySettings) -> None:
    settings.CELERY_BROKER_URL, settings.EMBEDDED_BROKER = "filesystem-atomic://localhost", True
    chosen = configuration()
    assert chosen["broker_transport_options"]["data_folder_in"] == str(settings.LOADLINE_DATA / "queue")
    assert chosen["worker_enable_remote_control"] is False


def test_redis_hands_a_message_out_again_only_long_after_the_hard_time_limit(settings: LazySettings) -> None:
    settings.CELERY_BROKER_URL, settings.EMBEDDED_BROKER = "rediss://queue/0", False
    chosen = configuration()
    assert chosen["broker_transport_options"]["visibility_timeout"] >= 2 * chosen["task_time_limit"]
    assert chosen["worker_disable_prefetch"] is True


def test_a_task_that_kills_its_process_is_not_handed_out_again(settings: LazySettings) -> None:
    settings.CELERY_BROKER_URL, settings.EMBEDDED_BROKER = "amqp://queue", False
    chosen = configuration()
    assert (chosen["task_acks_late"], chosen["task_reject_on_worker_lost"]) == (False, False)
    assert chosen["task_soft_time_limit"] < chosen["task_time_limit"]


def test_a_task_ends_by_itself_before_it_is_ended() -> None:
    chosen = configuration()
    # The seat of a task, the turn of its last shard, what it stores after that, the wait for a database that restarts,
    # and the farewell.
    assert SEAT_SECONDS + TURN_SECONDS + 20 + sum(PAUSES) + FAREWELL_SECONDS < chosen["task_soft_time_limit"]


def test_a_worker_has_two_processes_more_than_processors_and_the_embedded_one_two(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(celery_settings, "_processors", lambda: 4)
    settings.EMBEDDED_BROKER = False
    assert configuration()["worker_concurrency"] == 6
    monkeypatch.setattr(celery_settings, "_processors", lambda: 64)
    assert configuration()["worker_concurrency"] == 10
    settings.EMBEDDED_BROKER = True
    assert configuration()["worker_concurrency"] == 2


def test_a_lease_is_prolonged_in_time_even_when_that_fails_twice() -> None:
    assert (LEASE - FRESH).total_seconds() > 3 * RENEW_SECONDS


def test_a_host_of_a_killed_worker_waits_for_less_than_two_intervals() -> None:
    """The interval with its spread, the tick, the lease, the next tick, and a sweep."""
    tick = next(job.every for job in JOBS if job.task.endswith("dispatch_due"))
    longest = longest_pause(0).total_seconds() + tick + LEASE.total_seconds() + tick
    assert longest + 10 < 2 * 30


def test_no_worker_gives_up_a_broker_for_good() -> None:
    assert configuration()["broker_connection_max_retries"] is None
