"""Ties the site to Django: the Celery application exists before any page may enqueue a task."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class DashboardConfig(AppConfig):
    name = "dashboard"

    def ready(self) -> None:
        # A @shared_task in fleet then finds this application and not Celery's default one.
        import_module("dashboard.celery")
        post_migrate.connect(_make_operators, sender=apps.get_app_config("auth"))


def _make_operators(**_kwargs: Any) -> None:
    """The group is there from the start, so that an admin only has to put people into it."""
    from django.contrib.auth.models import Group

    from dashboard.roles import OPERATORS

    Group.objects.get_or_create(name=OPERATORS)
