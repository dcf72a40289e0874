"""./loadline tables: the reference tables that rules read, how old they are, and newer ones from a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from fleet.reference import current_tables, load_table, loaded_by, reset_table, stale_tables
from fleet.tables import NAMES, TableError, schema_of
from fleet.tables.book import STALE_DAYS


class Command(BaseCommand):
    help = "List, show, load or reset the reference tables: support windows, known holes, datastores, ports, drivers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="the list as JSON")
        actions = parser.add_subparsers(dest="action")
        for name, text in (
            ("show", "print a table"),
            ("schema", "print its JSON Schema"),
            ("reset", "the shipped one"),
        ):
            one = actions.add_parser(name, help=text)
            one.add_argument("name", choices=NAMES)
        load = actions.add_parser("load", help="put a file's table in force")
        load.add_argument("file", type=Path)
        load.add_argument("--force", action="store_true", help="also when it is older than the one in force")

    def handle(self, *_args: Any, **options: Any) -> None:
        actions = {
            None: self._list,
            "show": self._show,
            "schema": self._schema,
            "load": self._load,
            "reset": self._reset,
        }
        try:
            actions[options["action"]](options)
        except TableError as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        now = timezone.now()
        tables, stale, loaded = current_tables(), stale_tables(now), loaded_by()
        rows = [
            {
                "name": name,
                "as_of": tables.table(name).as_of.isoformat(),
                "age_days": tables.table(name).age(now.date()),
                "stale": name in stale,
                "entries": tables.table(name).size,
                "source": "loaded" if name in loaded else "shipped",
                "loaded_by": loaded.get(name),
                "read_from": tables.table(name).source,
            }
            for name in NAMES
        ]
        if options["json"]:
            self.stdout.write(json.dumps({"version": tables.version, "tables": rows}, indent=2))
            return
        for row in rows:
            whence = f"{row['source']} by {row['loaded_by']}" if row["loaded_by"] else row["source"]
            mark = f"  older than {STALE_DAYS} days: load a newer one" if row["stale"] else ""
            age = f"{row['age_days']:>4} days  {row['entries']:>4} entries"
            self.stdout.write(f"{row['name']:<16} {row['as_of']}  {age}  {whence}{mark}")

    def _show(self, options: dict[str, Any]) -> None:
        plain = msgspec.to_builtins(current_tables().table(options["name"]), str_keys=True)
        self.stdout.write(json.dumps(plain, indent=1, ensure_ascii=False))

    def _schema(self, options: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(schema_of(options["name"]), indent=1))

    def _load(self, options: dict[str, Any]) -> None:
        try:
            data = json.loads(options["file"].read_text(encoding="utf-8"))
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise CommandError(f"{options['file']} is no JSON: {error}") from error
        table = load_table(data, by="the command line", now=timezone.now(), force=options["force"])
        self.stdout.write(f"{table.name} of {table.as_of} is in force; hosts are judged by it at their next sweep.")

    def _reset(self, options: dict[str, Any]) -> None:
        done = reset_table(options["name"])
        self.stdout.write(f"{options['name']}: the shipped table is in force{'' if done else ', as it was'}.")
