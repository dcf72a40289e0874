"""`./loadline sweep [NAME ...] [--json]`: poll now, in the foreground, without a worker."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from fleet.garbage import collecting_seldom
from fleet.management.base import RowsCommand
from fleet.models import Day, Host
from fleet.sweeping import Swept, claim_hosts, sweep_claimed


class Command(RowsCommand):
    requires_system_checks = ()  # they import every page and the API, which a sweep does not need
    help = "Polls hosts now, in the foreground. Exit status 1 when a host failed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="hosts to sweep; all enabled ones without a name")
        parser.add_argument("--json", action="store_true", help="print the results as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        hosts = _chosen(options["names"])
        as_json = options["json"]
        if not hosts and not as_json:
            self.stdout.write("No host is registered. Add one: ./loadline host add NAME unix:///var/run/docker.sock")
        shown = None if as_json else self._show
        shards = claim_hosts(hosts, timezone.now(), shard_size=len(hosts) or 1)
        with collecting_seldom():
            results = [result for shard in shards for result in sweep_claimed(shard, threads=64, on_result=shown)]
        # Counting a fleet's findings takes as long as sweeping it when nothing changed.
        if any(result.changed or not result.ok for result in results) or (
            hosts and not Day.objects.has(timezone.now())
        ):
            _count()
        results.sort(key=lambda swept: swept.name)
        if as_json:
            self.stdout.write(json.dumps({"hosts": [asdict(swept) for swept in results]}, indent=2))
        if any(not swept.ok for swept in results):
            raise SystemExit(1)

    def _show(self, swept: Swept) -> None:
        if swept.ok:
            self.stdout.write(
                f"{swept.name}: {swept.containers} containers, {swept.changed} rows changed, {swept.seconds:.2f} s"
            )
        else:
            self.stdout.write(self.style.ERROR(f"{swept.name}: {swept.error}"))


def _count() -> None:
    # All that is ever counted of a fleet: loading it takes a fifth of a second, which a quiet sweep can do without.
    from fleet.adoption import record_day
    from fleet.counting import count_all

    record_day(timezone.now())
    count_all(timezone.now())


def _chosen(names: list[str]) -> list[int]:
    if not names:
        return list(Host.objects.filter(enabled=True).values_list("pk", flat=True))
    found = dict(Host.objects.filter(name__in=names).values_list("name", "pk"))
    missing = [name for name in names if name not in found]
    if missing:
        raise CommandError(f"No host is named {', '.join(missing)}; see ./loadline host list")
    return list(found.values())
