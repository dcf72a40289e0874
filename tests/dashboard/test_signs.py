"""Whoever works writes it down, seldom, and never at the cost of the work."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from celery.signals import beat_init, task_postrun
from django.db import OperationalError, connection

from dashboard import signs
from dashboard.plain_database import PlainDatabaseError
from fleet.models import SignOfLife
from tests.builders import NOW


@pytest.fixture(autouse=True)
def _afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signs, "_seldom", signs.Seldom(signs.EVERY_SECONDS))


def ended(name: str, *, state: str = "SUCCESS", hostname: str | None = "celery@node-1", is_eager: bool = False) -> None:
    """What Celery says in a worker's process when a task ends."""
    task = SimpleNamespace(name=f"fleet.tasks.{name}", request=SimpleNamespace(hostname=hostname, is_eager=is_eager))
    task_postrun.send(sender=None, task=task, state=state)


def written() -> list[tuple[str, str, str]]:
    return list(SignOfLife.objects.values_list("kind", "name", "did"))


@pytest.mark.django_db
def test_a_worker_writes_what_it_did_last_at_most_every_fifteen_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("dispatch_due", "sweep_due", "catch_up"):
        ended(name)
    assert written() == [("worker", "celery@node-1", "dispatch_due")]
    monkeypatch.setattr(signs, "_seldom", signs.Seldom(0))
    ended("sweep_due")
    assert written() == [("worker", "celery@node-1", "sweep_due")]


@pytest.mark.django_db
def test_an_hourly_job_that_was_done_is_written_each_time_and_one_that_failed_is_not() -> None:
    ended("dispatch_due")
    ended("tidy")
    ended("record_day", state="FAILURE")
    assert ("job", "tidy", "tidy") in written()
    assert "record_day" not in {name for _, name, _ in written()}


@pytest.mark.django_db
def test_a_task_that_no_worker_runs_is_no_sign() -> None:
    ended("tidy", is_eager=True)
    ended("tidy", hostname=None)
    assert written() == []


def test_a_database_that_is_away_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise OperationalError("hush://user:password@database")

    monkeypatch.setattr(connection, "cursor", away)
    assert not signs.write("worker", "celery@node-1", "tidy", NOW)


@pytest.mark.django_db
def test_a_sign_written_again_is_the_same_row() -> None:
    signs.write("scheduler", "beat@node-1", "tidy", NOW)
    signs.write("scheduler", "beat@node-1", "catch_up", NOW + timedelta(seconds=15))
    sign = SignOfLife.objects.get()
    assert (sign.did, sign.at) == ("catch_up", NOW + timedelta(seconds=15))


@pytest.mark.django_db
def test_a_name_that_is_too_long_is_cut() -> None:
    assert signs.write("worker", "n" * 300, "d" * 300, NOW)


def test_a_scheduler_that_sent_nothing_gives_no_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, str, str]] = []
    monkeypatch.setattr(signs, "write_plainly", lambda *sign: told.append(sign[:3]) or True)
    scheduler = signs.SchedulerSigns("beat@node-1")
    assert not scheduler.write_new()
    scheduler.sent(sender="fleet.tasks.dispatch_due")
    assert scheduler.write_new()
    assert not scheduler.write_new()
    assert told == [("scheduler", "beat@node-1", "dispatch_due")]


def test_a_scheduler_whose_database_is_away_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object) -> None:
        raise PlainDatabaseError("OperationalError")

    monkeypatch.setattr(signs.plain_database, "execute", away)
    assert not signs.write_plainly("scheduler", "beat@node-1", "tidy", NOW)


def test_the_scheduler_is_watched_from_its_start() -> None:
    assert signs.watch_scheduler in [one[1]() for one in beat_init.receivers]


def test_the_scheduler_loads_neither_a_model_nor_the_database_layer() -> None:
    """That is what keeps it at half the memory of a worker."""
    loaded = "[name for name in sys.modules if name.startswith(('fleet', 'django.db.'))]"
    script = f"import sys, dashboard.clock, dashboard.plain_database; print({loaded})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
