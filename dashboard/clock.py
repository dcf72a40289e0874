"""Celery beat without the site: it only sends names of tasks, so it needs no models and half the memory.

`celery --app dashboard.clock beat` is all it is for; the worker runs `dashboard.celery`.
"""

from __future__ import annotations

import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

from dashboard import signs  # noqa: F401  (its handlers say when the scheduler last sent something)
from dashboard.celery_settings import configuration

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

# Without fix-ups, because Celery's one for Django loads every model, page and rule.
app = Celery("loadline", fixups=[])
app.add_defaults(configuration)


@setup_logging.connect
def log_as_the_site_does(**_kwargs: Any) -> None:
    logging.config.dictConfig(settings.LOGGING)
