"""`./loadline test`: everything this machine can test, ending with what it left out and why."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Runs the test suite; arguments go to pytest."
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        # Not through Django's parser: every argument, `-k` and `--help` too, belongs to pytest.
        run_pytest(argv[2:], folder=settings.BASE_DIR)


def run_pytest(arguments: Sequence[str], *, folder: Path) -> None:
    # Four on two cores, for three wait for engines or browsers most of the time; whole files, as tests/scheduling.py
    # says. One, if somebody wants to see or step through it.
    parallel = [] if {"-s", "--pdb", "-n"} & set(arguments) else ["-n", "4", "--dist", "loadfile"]
    os.chdir(folder)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *parallel, *arguments])  # noqa: S606
