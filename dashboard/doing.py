"""How Loadline itself is doing: who works, what waits, what is late, and what an admin has to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.conf import settings

from dashboard.failures import failure_words
from dashboard.moments import age
from dashboard.words import counted
from fleet.models import SignOfLife
from fleet.watching import Store, Sweeps

#: Everybody writes every 15 seconds while there is something to do, and the schedule always has something.
SILENT_AFTER: Final = timedelta(seconds=60)
#: One worker among many idle ones may go without a task for a while.
QUIET_AFTER: Final = timedelta(minutes=5)
#: Hourly, and one that was missed is no news yet.
JOB_MISSED_AFTER: Final = timedelta(hours=3)
#: A call for workers is worth nothing after five seconds: so many waiting are more than any fleet needs.
MANY_WAITING: Final = 100
TEN: Final = 10
#: What one machine with one writer is made for: docs/operations.md, "One machine".
HOSTS_ON_SQLITE: Final = 200
OVERDUE_URL: Final = "/hosts/?late=yes"
FAILED_URL: Final = "/hosts/?error=any"
CARRIES: Final = {
    "sweep": "hosts that are due",
    "sweep-slow": "hosts that failed of late",
    "now": "what somebody asked for",
    "long": "previews of a policy, evidence packs, counting, and the hourly jobs",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One sentence on what is wrong, one on what to do, and where to look or what to type."""

    what: str
    remedy: str
    url: str = ""
    action: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class Process:
    """A scheduler or a worker. `state`: ok, silent, or quiet when it may just have had nothing to do."""

    sign: SignOfLife
    state: str


@dataclass(frozen=True, slots=True)
class Failing:
    """Hosts whose last sweep failed of one kind."""

    words: str
    remedy: str
    hosts: int
    url: str


@dataclass(frozen=True, kw_only=True)
class Doing:
    """What the page shows, as of one moment. `waiting` is None when the broker cannot tell."""

    now: datetime
    sweeps: Sweeps
    signs: Sequence[SignOfLife]
    waiting: Mapping[str, int] | None
    store: Store
    stale_tables: Mapping[str, int] = field(default_factory=dict)

    @property
    def schedulers(self) -> list[Process]:
        return [Process(sign, "silent" if self._old(sign) else "ok") for sign in self._of(SignOfLife.SCHEDULER)]

    @property
    def workers(self) -> list[Process]:
        return [Process(sign, self._state_of_worker(sign)) for sign in self._of(SignOfLife.WORKER)]

    @property
    def jobs(self) -> dict[str, datetime]:
        return {sign.name: sign.at for sign in self._of(SignOfLife.JOB)}

    @property
    def failing(self) -> list[Failing]:
        return [
            Failing(*failure_words(code), hosts, f"/hosts/?{urlencode({'error': code})}")
            for code, hosts in self.sweeps.failures.items()
        ]

    @property
    def failed(self) -> int:
        return sum(self.sweeps.failures.values())

    @property
    def scheduler_works(self) -> bool:
        return any(not self._old(sign) for sign in self._of(SignOfLife.SCHEDULER))

    @property
    def workers_work(self) -> bool:
        return any(not self._old(sign) for sign in self._of(SignOfLife.WORKER))

    def _of(self, kind: str) -> list[SignOfLife]:
        return [sign for sign in self.signs if sign.kind == kind]

    def _old(self, sign: SignOfLife) -> bool:
        return self.now - sign.at > SILENT_AFTER

    def _state_of_worker(self, sign: SignOfLife) -> str:
        if not self._old(sign):
            return "ok"
        # Without a scheduler nobody has anything to do, and beside others that work one may be idle.
        idle = not self.scheduler_works or (self.workers_work and self.now - sign.at <= QUIET_AFTER)
        return "quiet" if idle else "silent"


def troubles(doing: Doing) -> list[Trouble]:
    """What somebody has to do something about; what stops everything comes first."""
    return [*_of_processes(doing), *_of_the_queue(doing), *_of_sweeps(doing), *_of_the_rest(doing)]


def _of_processes(doing: Doing) -> Iterator[Trouble]:
    if not doing.scheduler_works:
        yield Trouble(
            what=_silence("scheduler", "sent anything", doing.schedulers, doing.now),
            remedy="Without one nothing is swept. Start it; clock.log, or the log of beat, says why it stopped.",
            command=_start("celery --app dashboard.clock beat"),
        )
    elif not doing.workers_work:
        yield Trouble(
            what=_silence("worker", "finished anything", doing.workers, doing.now),
            remedy="The scheduler sends and nobody sweeps. Start one; worker.log says why it stopped.",
            command=_start("celery --app dashboard.celery worker"),
        )


def _start(command: str) -> str:
    """With the embedded queue everything runs on one machine, under the supervisor."""
    return "./loadline up" if settings.EMBEDDED_BROKER else command


def _silence(noun: str, verb: str, processes: Sequence[Process], now: datetime) -> str:
    last = max((one.sign.at for one in processes), default=None)
    return f"No {noun} has {verb} yet." if last is None else f"The last time a {noun} {verb} was {age(last, now=now)}."


def _of_the_queue(doing: Doing) -> Iterator[Trouble]:
    if doing.waiting is None:
        yield Trouble(
            what="The broker did not say within two seconds what waits in the queues.",
            remedy="Look at the server that CELERY_BROKER_URL names, and whether this node reaches it.",
            url="/readyz",
            action="Is it ready?",
        )
        return
    waiting = sum(doing.waiting.values())
    if waiting > MANY_WAITING:
        yield Trouble(
            what=f"{counted(waiting, 'message')} wait for a worker.",
            remedy="Workers do not keep up: start more of them, or set LOADLINE_SWEEP_SECONDS higher.",
        )


def _of_sweeps(doing: Doing) -> Iterator[Trouble]:
    sweeps, interval = doing.sweeps, settings.LOADLINE_SWEEP_SECONDS
    if sweeps.overdue:
        yield Trouble(
            what=f"{counted(len(sweeps.overdue), 'host')} should have been swept by now.",
            remedy="When scheduler and workers work, they do not keep up: start more workers, or set"
            " LOADLINE_SWEEP_SECONDS higher.",
            url=OVERDUE_URL,
            action="See which",
        )
    if (usual := sweeps.seconds(0.95)) is not None and usual > interval:
        yield Trouble(
            what=f"One sweep in twenty takes {usual:.1f} s or longer, and hosts are asked every {interval} s.",
            remedy="Look at the slowest hosts below, or set LOADLINE_SWEEP_SECONDS higher.",
        )
    if doing.failed:
        yield Trouble(
            what=f"The last sweep of {counted(doing.failed, 'host')} failed.",
            remedy="Each host's page says why; the command connects step by step.",
            url=FAILED_URL,
            action="See which",
            command="./loadline host test NAME",
        )


_JOBS: Final = {
    "record_day": "The trends were last written",
    "tidy": "What is too old was last deleted",
}


def _of_the_rest(doing: Doing) -> Iterator[Trouble]:
    if doing.store.kind == "SQLite" and (hosts := len(doing.sweeps.hosts)) > HOSTS_ON_SQLITE:
        yield Trouble(
            what=f"{counted(hosts, 'host')} are kept in SQLite, which is made for {HOSTS_ON_SQLITE}.",
            remedy="It has one writer, for which sweeps wait in turn. Set DATABASE_URL to a PostgreSQL, make the tables"
            " there, and register the hosts; what people decided does not move by itself.",
            command="./loadline migrate",
        )
    for job, words in _JOBS.items():
        last = doing.jobs.get(job)
        if last is not None and doing.now - last > JOB_MISSED_AFTER:
            yield Trouble(
                what=f"{words} {age(last, now=doing.now)}, and should be every hour.",
                remedy=f"When scheduler and workers work, worker.log says what keeps {job} from its end.",
            )
    if doing.stale_tables:
        old, oldest = len(doing.stale_tables), max(doing.stale_tables.values())
        yield Trouble(
            what=f"{counted(old, 'reference table')} ought to be read anew; the oldest is of {oldest} days ago.",
            remedy="Load newer ones; what passes by old ones counts less.",
            url="/policy/",
            action="See the tables",
            command="./loadline tables load FILE",
        )
