"""The Celery application of the pages and the worker."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, task_prerun

from dashboard import signs  # noqa: F401  (its handlers say when a worker last did something)
from dashboard.celery_settings import configuration

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

app = Celery("loadline")
app.add_defaults(configuration)
app.autodiscover_tasks(["fleet"])


@task_prerun.connect
def forget_dead_connections(**_kwargs: Any) -> None:
    from django.db import close_old_connections

    close_old_connections()


@setup_logging.connect
def keep_our_logging(**_kwargs: Any) -> None:
    """Connected so that Celery leaves the root logger as dashboard.logs set it up."""
