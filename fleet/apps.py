"""The fleet app: the domain."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class FleetConfig(AppConfig):
    name = "fleet"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Fleet"

    def ready(self) -> None:
        from fleet import audit, system_checks  # noqa: F401 - registers what it defines

        connection_created.connect(without_compiling)


def without_compiling(connection: Any, **_kwargs: Any) -> None:
    """PostgreSQL compiles what it takes for long queries before it carries them out: of a page of fifty services that
    was 195 of 234 ms, since nobody can tell it that it will find the fifty soon. As a statement, because poolers of
    connections refuse it among the options of a connection.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET jit = off")
