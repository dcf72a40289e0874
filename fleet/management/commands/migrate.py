"""Applies migrations as Django does, and never keeps everybody waiting behind one that waits for a lock."""

from __future__ import annotations

from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import connections

from fleet.schema import patiently


class Command(Migrate):
    """Begun again, it goes on with the migration that was given up; those before it are applied and noted."""

    def handle(self, *args: Any, **options: Any) -> None:
        def said(why: str) -> None:
            self.stderr.write(f"{why}: somebody else holds a table that has to change. Trying again in a moment.")

        patiently(
            lambda: super(Command, self).handle(*args, **options), connections[options["database"]], on_retry=said
        )
