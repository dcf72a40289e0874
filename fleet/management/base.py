"""What the commands that read or write rows have in common: they work before the first `up`, too."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection


class RowsCommand(BaseCommand):
    """Makes the tables of a new SQLite database; asks for `./loadline migrate` on a new server."""

    # What an installation can have set wrong. Django's other checks are of this code and the suite runs them; they
    # import every page and the API, which takes longer than most commands.
    requires_system_checks: tuple[str, ...] = (checks.Tags.security,)

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            self._find_tables()
            return super().execute(*args, **options)
        except OperationalError as error:
            # Away, locked for long, or without room to write: nothing that a traceback would explain better.
            raise CommandError(f"The database failed: {str(error).partition(chr(10))[0]}") from None

    def _find_tables(self) -> None:
        if not connection.introspection.table_names():
            if connection.vendor != "sqlite":
                raise CommandError("The database has no tables yet; ./loadline migrate makes them.")
            call_command("migrate", verbosity=0, interactive=False)
