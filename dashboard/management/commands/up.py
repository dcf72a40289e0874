"""`./loadline up`: prepares, says what it found, and becomes the supervisor."""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dashboard import first_run, local_engine, processes
from dashboard.supervisor import Plan, become


class Command(BaseCommand):
    help = "Starts Loadline: web pages, sweeps and schedule, until Ctrl-C or SIGTERM."
    # As fleet/management/base.py says; the process of the pages imports them anyway, and this one does not need them.
    requires_system_checks = (checks.Tags.security,)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--bind", default="127.0.0.1", help="address to listen on; 0.0.0.0 for every one")
        parser.add_argument(
            "--demo",
            action=BooleanOptionalAction,
            default=None,
            help="show the simulated fleet; without a word, only when there is neither an engine nor a host",
        )

    def handle(self, *_args: Any, port: int, bind: str, demo: bool | None, **_options: Any) -> None:
        started = time.time()
        try:
            lock = first_run.lock(settings.LOADLINE_DATA)
            listener = first_run.listen(bind, port)
            first_run.migrate()
            first_run.collect_static()
            found = local_engine.find(now=timezone.now(), demo=demo)
            first_run.ask_for_first_sweep()
        except first_run.CannotStartError as error:
            raise CommandError(str(error)) from None
        # Last, so that a password is never made and then lost to something that stops the start.
        self.stdout.write(self.greeting(found.sentences, password=first_run.first_admin()))
        host = f"[{bind}]" if ":" in bind else bind
        reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(bind, host)  # noqa: S104
        os.environ.update(processes.environment(bind))
        become(
            Plan(
                children=[processes.web(listener.detach()), *found.children, *processes.background()],
                logs=str(processes.log_folder()),
                url=f"http://{reachable}:{port}/",
                probe=f"http://{reachable}:{port}/readyz",
                lock=lock,
                started=started,
            )
        )

    def greeting(self, found: tuple[str, ...], *, password: str | None) -> str:
        admin = (
            f"  sign in   admin / {password}   (shown this once)"
            if password
            else "  sign in   as before; ./loadline changepassword admin sets a new password"
        )
        database = "SQLite" if settings.EMBEDDED_DATABASE else "PostgreSQL"
        queue = "embedded queue" if settings.EMBEDDED_BROKER else settings.CELERY_BROKER_URL.partition(":")[0]
        keeps = f"{database}, {queue}, files in {settings.LOADLINE_DATA}"
        engine = "\n            ".join(found)
        return f"\n  Loadline\n\n  engine    {engine}\n  keeps     {keeps}\n{admin}\n"
