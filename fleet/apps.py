"""The fleet app: the domain."""

from __future__ import annotations

from django.apps import AppConfig


class FleetConfig(AppConfig):
    name = "fleet"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Fleet"

    def ready(self) -> None:
        from fleet import audit, system_checks  # noqa: F401 - registers what it defines
