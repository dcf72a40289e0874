"""`./loadline findings`: what the rules say, for a person or, with --json, for a script."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from fleet.lookup import UnknownNameError
from fleet.management.base import RowsCommand
from fleet.readiness.vocabulary import Status
from fleet.reporting import as_text, finding_as_dict, select_findings


class Command(RowsCommand):
    help = "Print what the rules say; without --status, every status."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", metavar="NAME")
        parser.add_argument("--service", metavar="NAME")
        parser.add_argument("--container", metavar="NAME", help="name, or the beginning of the id")
        parser.add_argument("--rule", metavar="SLUG")
        parser.add_argument("--status", choices=[status.value for status in Status])
        parser.add_argument("--json", action="store_true", help="a list of findings, in the API's shape")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        names = {name: options[name] for name in ("host", "service", "container", "rule", "status")}
        try:
            findings = select_findings(**names)
        except UnknownNameError as error:
            raise CommandError(str(error)) from None
        worst_first = sorted(findings, key=lambda one: (one.severity_rank, one.rule, one.subject_name))
        shaped = [finding_as_dict(finding, now=now) for finding in worst_first]
        if options["json"]:
            self.stdout.write(json.dumps(shaped, indent=2, ensure_ascii=False))
            return
        for finding in shaped:
            self.stdout.write(as_text(finding))
        self.stdout.write(f"{len(shaped)} finding{'' if len(shaped) == 1 else 's'}")
