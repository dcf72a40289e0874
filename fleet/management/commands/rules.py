"""`./loadline rules`: what Loadline asks of a fleet, for a person, a script or the documentation."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fleet.readiness.catalogue import by_slug, rules
from fleet.readiness.listing import as_plain, markdown_table, with_table


class Command(BaseCommand):
    help = "List the rules, or those named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slugs", nargs="*", metavar="SLUG")
        shape = parser.add_mutually_exclusive_group()
        shape.add_argument("--json", action="store_true", help="everything that a rule says of itself")
        shape.add_argument("--markdown", action="store_true", help="a table for the documentation")
        shape.add_argument("--write", type=Path, metavar="FILE.md", help="renew the table of all rules in that file")

    def handle(self, *args: Any, **options: Any) -> None:
        unknown = [slug for slug in options["slugs"] if slug not in by_slug()]
        if unknown:
            raise CommandError(f"there is no rule {', '.join(unknown)}")
        chosen = [by_slug()[slug] for slug in options["slugs"]] or list(rules())
        if options["json"]:
            self.stdout.write(json.dumps([as_plain(rule) for rule in chosen], indent=2, ensure_ascii=False))
        elif options["markdown"]:
            self.stdout.write(markdown_table(chosen), ending="")
        elif options["write"]:
            self._write(options["write"])
        else:
            for rule in chosen:
                self.stdout.write(f"{rule.pillar:11} {rule.severity:9} {rule.slug:28} {rule.title}")

    def _write(self, path: Path) -> None:
        try:
            path.write_text(with_table(path.read_text(), rules()))
        except (OSError, ValueError) as error:
            raise CommandError(f"{path}: {error}") from None
