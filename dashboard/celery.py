"""The Celery application of the pages and the worker."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import (
    setup_logging,
    task_prerun,
    worker_init,
    worker_process_init,
    worker_process_shutdown,
    worker_shutdown,
    worker_shutting_down,
)

from dashboard import signs  # noqa: F401  (its handlers say when a worker last did something)
from dashboard.celery_settings import configuration

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
# Celery would import every page for Django's checks, and then look at no answer.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("loadline")
app.add_defaults(configuration)
app.autodiscover_tasks(["fleet", "dashboard"])


@task_prerun.connect
def forget_dead_connections(**_kwargs: Any) -> None:
    from django.db import close_old_connections

    close_old_connections()


@worker_init.connect
def try_the_keys(**_kwargs: Any) -> None:
    from dashboard.worker_keys import obstacle

    sentence = obstacle()
    if sentence is not None:
        # Whatever is an Exception, Celery would only log.
        raise SystemExit(sentence)


@worker_init.connect
def share_turns(*, sender: Any, **_kwargs: Any) -> None:
    from django.conf import settings

    from fleet.turns import TURNS

    TURNS.open(processes=sender.concurrency, most=settings.LOADLINE_LONG_JOBS)


@worker_process_init.connect
def collect_garbage_seldom(**_kwargs: Any) -> None:
    from fleet.garbage import collect_seldom

    collect_seldom()


@worker_shutting_down.connect
def tell_the_children(**_kwargs: Any) -> None:
    """Only the parent hears SIGTERM; its children then hand back what they have under way, and begin nothing."""
    from fleet.sweeping import KEEPER

    KEEPER.farewell.say()


@worker_process_shutdown.connect
@worker_shutdown.connect
def hand_back(**_kwargs: Any) -> None:
    """Also when a child has done its share of tasks, or grew too large, and another takes its place."""
    from fleet.sweeping import KEEPER

    KEEPER.stop()


@setup_logging.connect
def keep_our_logging(**_kwargs: Any) -> None:
    """Connected so that Celery leaves the root logger as dashboard.logs set it up."""
