"""`./loadline policy`: the policy as a file, and a file as the policy, seen before it is adopted."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandError
from django.utils import timezone

from fleet.foresight.preview import preview_draft, preview_policy
from fleet.governance.policy import (
    PolicyError,
    adopt_previewed,
    as_if_in_force,
    draft,
    from_yaml,
    in_force,
    read,
    schema,
    to_yaml,
)
from fleet.management.base import RowsCommand
from fleet.models import PolicyVersion
from fleet.readiness.policy import Policy

_AUTHOR: Final = "the command line"


class Command(RowsCommand):
    help = "Print the policy in force, see what a file would change, and adopt it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="export|import|schema")
        export = actions.add_parser("export", help="print the policy in force, or an older version, as YAML")
        export.add_argument("version", nargs="?", type=int, help="the number of a version (default: what is in force)")
        load = actions.add_parser("import", help="make a draft of a YAML file and say what it would change")
        load.add_argument("file", help="the file, or - for standard input")
        load.add_argument("--note", default="", help="what changes and why; it stands in the list of versions")
        load.add_argument("--dry-run", action="store_true", help="only say what it would change; keep nothing")
        load.add_argument("--adopt", action="store_true", help="adopt it at once")
        actions.add_parser("schema", help="print the JSON Schema of the document")

    def handle(self, *args: Any, **options: Any) -> None:
        actions = {"export": self._export, "import": self._import, "schema": self._schema}
        try:
            actions[options["action"]](options)
        except PolicyError as error:
            raise CommandError(str(error)) from None

    def _export(self, options: dict[str, Any]) -> None:
        if options["version"] is None:
            self.stdout.write(to_yaml(in_force().policy), ending="")
            return
        found = PolicyVersion.objects.filter(pk=options["version"]).first()
        if found is None:
            raise CommandError(f"There is no version {options['version']} of the policy.")
        self.stdout.write(to_yaml(read(found.document)), ending="")

    def _import(self, options: dict[str, Any]) -> None:
        if options["dry_run"] and options["adopt"]:
            raise CommandError("--dry-run keeps nothing, so there is nothing to --adopt.")
        policy = from_yaml(_text(options["file"]))
        if as_if_in_force(policy).digest == in_force().digest:
            self.stdout.write("It is the policy in force already; nothing changes.")
        elif options["dry_run"]:
            found = preview_policy(policy, now=timezone.now())
            self._tell(found.services, found.stale)
        else:
            self._keep(policy, options)

    def _keep(self, policy: Policy, options: dict[str, Any]) -> None:
        now, note = timezone.now(), options["note"] or f"From {Path(options['file']).name}."
        made = draft(policy, author=None, name=_AUTHOR, note=note, now=now)
        preview_draft(made.pk, now=now)
        made.refresh_from_db()
        self._tell(made.preview["services"], made.preview["stale"])
        if options["adopt"]:
            adopt_previewed(made, now=timezone.now())
            self.stdout.write(f"Version {made.pk} is in force; every host is judged by it at its next sweep.")
        else:
            self.stdout.write(f"Draft {made.pk} is kept; an admin adopts it at /policy/{made.pk}/.")

    def _tell(self, services: list[dict[str, Any]], stale: int) -> None:
        for one in services:
            self.stdout.write(f"{one['before']:>9} -> {one['after']:<9}  {one['service']} ({one['stage']})")
        number = len(services)
        self.stdout.write(f"{number or 'No'} service{'' if number == 1 else 's'} would change verdict.")
        if stale:
            self.stdout.write(f"Unknown under any policy, on evidence that is too old: {stale}.")

    def _schema(self, _options: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(schema(), indent=1))


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is not text.") from error
