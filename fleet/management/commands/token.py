"""`./loadline token`: API tokens, shown once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from fleet.management.base import RowsCommand
from fleet.models import ApiToken
from fleet.models.token import ROLES
from fleet.tokens import TokenError, issue_token, revoke_token


class Command(RowsCommand):
    help = "Make, list and revoke API tokens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="create|list|revoke")
        create = actions.add_parser("create", help="print a new token, once")
        create.add_argument("name", help="who or what will use it")
        create.add_argument("--role", choices=[role for role, _ in ROLES], default="viewer")
        actions.add_parser("list", help="names, roles and last use; never the tokens themselves")
        revoke = actions.add_parser("revoke", help="make a token worthless from now on")
        revoke.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(options)
        except TokenError as error:
            raise CommandError(str(error)) from None

    def _create(self, options: dict[str, Any]) -> None:
        secret = issue_token(options["name"], role=options["role"], now=timezone.now())
        # Only the token goes to standard output, so that `TOKEN=$(./loadline token create …)` works.
        self.stderr.write(f"A {options['role']} token for {options['name']}; it is shown only now:")
        self.stdout.write(secret)

    def _list(self, _options: dict[str, Any]) -> None:
        for token in ApiToken.objects.all():
            used = f"used {token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else "never used"
            state = f"revoked {token.revoked_at:%Y-%m-%d %H:%M}" if token.revoked_at else used
            self.stdout.write(f"{token.name:<24} {token.role:<9} {token.hint}…  {state}")

    def _revoke(self, options: dict[str, Any]) -> None:
        revoke_token(options["name"], now=timezone.now())
        self.stdout.write(f"The token of {options['name']} is worthless now.")
