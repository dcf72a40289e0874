"""`./loadline host`: register, import, list, try out and remove hosts."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from fleet import registration
from fleet.lookup import UnknownNameError, find_host
from fleet.management.base import RowsCommand
from fleet.models import Host
from fleet.registration import Entry, ImportReport, RegistrationError, SheetError, register, remove, try_host
from fleet.registration.entry import DEFAULT_ENVIRONMENT, ENGINES
from fleet.reporting import host_as_dict, host_as_text


class Command(RowsCommand):
    help = "Register, import, list, test and remove hosts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="add|import|list|test|remove")
        add = actions.add_parser("add", help="register one host; nothing is sent to it yet")
        add.add_argument("name")
        add.add_argument("url", help="unix://, tcp://, https:// or ssh://")
        add.add_argument("--environment", default=DEFAULT_ENVIRONMENT, help="name or slug (default: %(default)s)")
        add.add_argument("--team", default="")
        add.add_argument("--tls-dir", type=Path, metavar="DIR", help="folder with ca.pem, cert.pem and key.pem")
        add.add_argument("--engine", choices=ENGINES, default=ENGINES[0])
        many = actions.add_parser("import", help="register many from a CSV: name,url,environment,team[,tls_dir,engine]")
        many.add_argument("file", type=Path, metavar="FILE.csv")
        many.add_argument("--dry-run", action="store_true", help="report what would happen and change nothing")
        listing = actions.add_parser("list", help="every host with its verdict and how its last sweep went")
        listing.add_argument("--json", action="store_true")
        test = actions.add_parser("test", help="connect now and say how far it came")
        test.add_argument("name")
        gone = actions.add_parser("remove", help="forget a host and everything on it")
        gone.add_argument("name", nargs="?")
        gone.add_argument("--simulated", action="store_true", help="the whole simulated fleet with its services")
        gone.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(options)
        except (RegistrationError, UnknownNameError, SheetError) as error:
            raise CommandError(str(error)) from None

    def _add(self, options: dict[str, Any]) -> None:
        entry = Entry(
            name=options["name"],
            url=options["url"],
            environment=options["environment"],
            team=options["team"],
            engine=options["engine"],
            tls=registration.read_tls_dir(options["tls_dir"]) if options["tls_dir"] else None,
        )
        done = register(entry, now=timezone.now())
        for warning in done.warnings:
            self.stderr.write(f"warning: {warning}")
        host = done.host
        self.stdout.write(f"Registered {host.name} ({host.url}) in {host.environment.name.lower()}.")

    def _import(self, options: dict[str, Any]) -> None:
        path: Path = options["file"]
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from None
        report = registration.import_hosts(
            registration.read_rows(data), now=timezone.now(), dry_run=options["dry_run"], folder=path.absolute().parent
        )
        self._tell(report)
        if report.rejected:
            sys.exit(1)

    def _tell(self, report: ImportReport) -> None:
        for line, warning in report.warnings:
            self.stderr.write(f"line {line}: warning: {warning}")
        for bad in report.rejected:
            self.stderr.write(f"line {bad.line}: {bad.column + ': ' if bad.column else ''}{bad.reason}")
        kinds = ("added", "updated", "unchanged", "rejected")
        counts = ", ".join(f"{len(getattr(report, kind))} {kind}" for kind in kinds)
        self.stdout.write(f"{counts}{' (dry run: nothing was changed)' if report.dry_run else ''}")

    def _list(self, options: dict[str, Any]) -> None:
        now = timezone.now()
        hosts = Host.objects.with_verdict_now(now).select_related("environment").order_by("name")
        if options["json"]:
            self.stdout.write(json.dumps([host_as_dict(host, now=now) for host in hosts], indent=2))
            return
        for host in hosts:
            self.stdout.write(host_as_text(host, now=now))
        if not hosts:
            self.stdout.write("No host is registered yet: ./loadline host add NAME URL")

    def _test(self, options: dict[str, Any]) -> None:
        diagnosis = try_host(find_host(options["name"]))
        for step in diagnosis.steps:
            self.stdout.write(f"{step.outcome.value:<8} {step.name.value:<12} {step.sentence}")
        if not diagnosis.ok:
            sys.exit(1)

    def _remove(self, options: dict[str, Any]) -> None:
        now = timezone.now()
        if options["simulated"] == bool(options["name"]):
            raise CommandError("Name one host, or say --simulated.")
        if options["simulated"]:
            self._ask("Remove every simulated host with its services?", options)
            self.stdout.write(f"Removed {registration.remove_simulated(now=now)} simulated hosts.")
            return
        host = find_host(options["name"])
        self._ask(f"Remove {host.name} ({host.url}) and its {host.containers_total} containers from Loadline?", options)
        remove(host, now=now)
        self.stdout.write(f"Removed {host.name}; nothing was changed on the machine itself.")

    def _ask(self, question: str, options: dict[str, Any]) -> None:
        if options["yes"] or not sys.stdin.isatty():
            return
        if input(f"{question} [y/N] ").strip().lower() not in {"y", "yes"}:
            raise CommandError("Nothing was removed.")
