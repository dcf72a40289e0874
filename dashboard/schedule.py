"""Every periodic job, its interval, its expiry, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Job:
    task: str
    every: float  # seconds
    expires: float  # seconds after which a copy that waited in the queue is worth nothing
    why: str
    long: bool = False  # whether it may keep a process for longer than a sweep does


JOBS: Final = (
    Job(
        "fleet.tasks.dispatch_due",
        every=2,
        expires=2,
        why="Calls workers for the hosts that are due; a newer tick sees everything an older one saw.",
    ),
    Job(
        "fleet.tasks.catch_up",
        every=15,
        expires=15,
        why="Notes that a host fell silent or came back, which no sweep can; a newer tick sees more.",
    ),
    Job(
        "fleet.tasks.count",
        every=15,
        expires=15,
        why="Names containers anew when mappings changed, and counts what pages show of the whole fleet; "
        "what is dear to count is counted less often than that.",
        long=True,
    ),
    Job(
        "dashboard.tasks.report",
        every=300,
        expires=240,
        why="Keeps the day's report and mails it to those who get it; what failed is tried again.",
        long=True,
    ),
    Job(
        "fleet.tasks.prove",
        every=300,
        expires=240,
        why="Asks registries for the signatures of what runs, once for each image; most of the time nothing is due.",
        long=True,
    ),
    Job(
        "fleet.tasks.record_day",
        every=3600,
        expires=1800,
        why="Writes today's adoption and readiness into the trend; hourly, so that a stopped evening costs little.",
        long=True,
    ),
    Job(
        "fleet.tasks.tidy",
        every=3600,
        expires=1800,
        why="Deletes what retention no longer keeps; hourly, because a connection test holds sealed keys.",
        long=True,
    ),
)


def beat_schedule(jobs: tuple[Job, ...]) -> dict[str, dict[str, Any]]:
    return {
        job.task.rpartition(".")[2]: {
            "task": job.task,
            "schedule": job.every,
            "options": {"expires": job.expires, "queue": "long" if job.long else "sweep"},
        }
        for job in jobs
    }
