"""Beat's own scheduler, with a clock that a test moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from celery import Celery

from dashboard.ticking import Scheduler

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECONDS = {"often": 5.0, "sometimes": 15.0}


class Noting(Scheduler):
    """Notes what it would send."""

    def setup_schedule(self) -> None:
        self.sent: list[str] = []
        super().setup_schedule()

    def apply_entry(self, entry: object, producer: object = None) -> None:
        self.sent.append(entry.name)  # type: ignore[attr-defined]

    producer = None

    def sent_until(self, moment: datetime, clock: time_machine.Traveller) -> list[str]:
        """Ticks every second until then, as beat does at least every five."""
        self.sent.clear()
        while (now := datetime.now(UTC)) <= moment:
            while self.tick() == 0:
                pass
            clock.move_to(now + timedelta(seconds=1))
        return self.sent


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def scheduler(clock: time_machine.Traveller, tmp_path: Path) -> Iterator[Noting]:
    app = Celery("test", broker="memory://", set_as_current=False)
    app.conf.update(
        timezone="UTC",
        enable_utc=True,
        beat_schedule={name: {"task": name, "schedule": every} for name, every in SECONDS.items()},
    )
    made = Noting(app, schedule_filename=str(tmp_path / "beat"))
    yield made
    made.close()


def test_jobs_are_sent_at_their_intervals(scheduler: Noting, clock: time_machine.Traveller) -> None:
    sent = scheduler.sent_until(NOON + timedelta(seconds=60), clock)
    assert 11 <= sent.count("often") <= 13
    assert 3 <= sent.count("sometimes") <= 5


def test_a_clock_that_was_an_hour_ahead_and_is_set_back_stops_no_job(
    scheduler: Noting, clock: time_machine.Traveller
) -> None:
    scheduler.sent_until(NOON + timedelta(seconds=20), clock)
    clock.move_to(NOON + timedelta(hours=1))
    assert set(scheduler.sent_until(NOON + timedelta(hours=1, seconds=20), clock)) == set(SECONDS)
    clock.move_to(NOON + timedelta(seconds=60))
    sent = scheduler.sent_until(NOON + timedelta(seconds=120), clock)
    assert 10 <= sent.count("often") <= 14
    assert 3 <= sent.count("sometimes") <= 6


def test_a_full_disk_does_not_end_it(scheduler: Noting, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("celery.beat.PersistentScheduler.sync", full)
        scheduler.sync()
    scheduler.sync()
