"""`./loadline sealing-key`: a new key for LOADLINE_SEALING_KEYS, and the change to it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand, CommandError

from fleet.proving import reseal_registries
from fleet.registration import reseal_hosts


class Command(BaseCommand):
    help = (
        "Print a new key for LOADLINE_SEALING_KEYS; with --rotate, seal every host's credentials under the first key."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--rotate",
            action="store_true",
            help="put the new key in front of LOADLINE_SEALING_KEYS first; afterwards the old one can go",
        )

    def handle(self, *_args: Any, rotate: bool, **_options: Any) -> None:
        if not rotate:
            self.stdout.write(Fernet.generate_key().decode())
            return
        resealed = reseal_hosts()
        registries, shut = reseal_registries()
        self.stdout.write(f"Registries whose password is under the first key now: {registries}")
        self.stdout.write(f"Hosts whose credentials are under the first key now: {resealed.done}")
        if closed := (*resealed.closed, *shut):
            raise CommandError(
                f"No key opens the credentials of {', '.join(closed)}; keep the old key, or enter them anew."
            )
