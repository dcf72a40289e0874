from __future__ import annotations

import pytest
from celery import Celery

from dashboard.celery import app
from dashboard.celery_settings import QUEUES
from dashboard.schedule import JOBS, Job, beat_schedule


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.task)
def test_a_job_names_a_task_that_exists_and_expires_before_its_next_turn(job: Job) -> None:
    app.loader.import_default_modules()
    assert job.task in app.tasks
    assert 0 < job.expires <= job.every


def test_each_copy_in_the_queue_carries_its_expiry() -> None:
    entry = beat_schedule((Job("fleet.tasks.tidy", every=60, expires=30, why=""),))["tidy"]
    assert entry["options"] == {"expires": 30, "queue": "sweep"}


def test_of_the_jobs_only_those_that_are_over_in_a_moment_stand_before_sweeps() -> None:
    queues = {name: entry["options"]["queue"] for name, entry in beat_schedule(JOBS).items()}
    assert queues == {
        "dispatch_due": "sweep",
        "catch_up": "sweep",
        "count": "long",
        "report": "long",
        "prove": "long",
        "record_day": "long",
        "tidy": "long",
    }


def test_jobs_go_to_queues_the_worker_listens_to() -> None:
    assert {entry["options"]["queue"] for entry in beat_schedule(JOBS).values()} <= set(QUEUES)
    assert [queue.name for queue in app.conf.task_queues] == list(QUEUES)


def test_tasks_of_the_fleet_belong_to_this_application() -> None:
    from fleet.tasks import dispatch_due

    assert isinstance(dispatch_due.app, Celery)
    assert dispatch_due.app.main == "loadline"
