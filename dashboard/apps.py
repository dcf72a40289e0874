"""Ties the site to Django."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class DashboardConfig(AppConfig):
    name = "dashboard"

    def ready(self) -> None:
        post_migrate.connect(_make_operators, sender=apps.get_app_config("auth"))


def _make_operators(**_kwargs: Any) -> None:
    """The group is there from the start, so that an admin only has to put people into it."""
    from django.contrib.auth.models import Group

    from dashboard.roles import OPERATORS

    Group.objects.get_or_create(name=OPERATORS)
