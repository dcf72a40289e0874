"""Scheduler and workers write down when they last did something, so that one that has stopped is missed.

Written in plain SQL, because the scheduler runs without a single model and without Django's database layer; at most
every 15 seconds per process.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from datetime import UTC, datetime
from typing import Any, Final

from celery.signals import after_task_publish, beat_init, task_postrun
from celery.states import SUCCESS

from dashboard import plain_database
from dashboard.schedule import JOBS

logger = logging.getLogger(__name__)

EVERY_SECONDS: Final = 15.0
#: Jobs of which everybody wants to know when they were last done; the others run so often that their worker's sign says
#: it.
HOURLY: Final = frozenset(job.task for job in JOBS if job.every >= 3600)  # noqa: PLR2004 - an hour
_UPSERT: Final = (
    "INSERT INTO fleet_signoflife (kind, name, did, at) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (kind, name) DO UPDATE SET did = excluded.did, at = excluded.at"
)


def write(kind: str, name: str, did: str, at: datetime) -> bool:
    """False when the database is away: a missing sign is then the least of it, and the work must go on."""
    from django.db import Error, connection

    try:
        with connection.cursor() as cursor:
            when = connection.ops.adapt_datetimefield_value(at)
            cursor.execute(_UPSERT, _values(kind, name, did, when))
    except Error as error:
        return _missed(kind, name, type(error).__name__)
    return True


def write_plainly(kind: str, name: str, did: str, at: datetime) -> bool:
    """The same for the scheduler."""
    try:
        plain_database.execute(_UPSERT, _values(kind, name, did, at))
    except plain_database.PlainDatabaseError as error:
        return _missed(kind, name, str(error))
    return True


def _values(kind: str, name: str, did: str, at: Any) -> list[Any]:
    return [kind, name[:200], did[:100], at]


def _missed(kind: str, name: str, why: str) -> bool:
    logger.warning("no sign of life of the %s %s: %s", kind, name, why)
    return False


class Seldom:
    """Says yes once every so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._next = seconds, 0.0

    def now(self) -> bool:
        moment = time.monotonic()
        if moment < self._next:
            return False
        self._next = moment + self._seconds
        return True


_seldom = Seldom(EVERY_SECONDS)


@task_postrun.connect
def worker_did(*, task: Any, state: str, **_kwargs: Any) -> None:
    """Children of one worker share a row: what counts is whether work gets done on that node."""
    if task.request.is_eager or not task.request.hostname:
        return  # no worker runs it
    now, did = datetime.now(UTC), task.name.rpartition(".")[2]
    if task.name in HOURLY and state == SUCCESS:
        write("job", did, did, now)
    if _seldom.now():
        write("worker", task.request.hostname, did, now)


class SchedulerSigns:
    """Notes in memory what the scheduler sends, and writes that down from a thread of its own.

    The scheduler itself never waits for the database: a tick that came late would be every host's sweep come late.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._sent: tuple[str, datetime] | None = None

    def sent(self, sender: str = "", **_kwargs: Any) -> None:
        self._sent = (sender.rpartition(".")[2], datetime.now(UTC))

    def write_new(self) -> bool:
        """Whether something was sent since the last time and could be written."""
        sent, self._sent = self._sent, None
        return sent is not None and write_plainly("scheduler", self._name, *sent)

    def run(self) -> None:
        while True:
            wrote = self.write_new()
            time.sleep(EVERY_SECONDS if wrote else 1)


@beat_init.connect
def watch_scheduler(**_kwargs: Any) -> None:
    signs = SchedulerSigns(f"beat@{socket.gethostname()}")
    after_task_publish.connect(signs.sent, weak=False)
    threading.Thread(target=signs.run, name="signs-of-life", daemon=True).start()
