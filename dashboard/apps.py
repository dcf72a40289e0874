"""Ties the site to Django: the Celery application exists before any page may enqueue a task."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"

    def ready(self) -> None:
        # A @shared_task in fleet then finds this application and not Celery's default one.
        import_module("dashboard.celery")
