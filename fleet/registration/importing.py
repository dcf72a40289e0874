"""Many hosts from one CSV: good rows are registered even when others are bad."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction

from fleet.models import Host
from fleet.registration.entry import Entry, Valid, validate
from fleet.registration.errors import RegistrationError
from fleet.registration.hosts import Changes, Registered, register, stored_tls, update
from fleet.registration.sheet import Rejected, Row
from fleet.transport import TlsMaterial


@dataclass(slots=True)
class ImportReport:
    """Names of hosts, and what was wrong with the others. `warnings` are (line, sentence)."""

    dry_run: bool
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    warnings: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Seen:
    """On which line of this file a name or an address stood first."""

    names: dict[str, int] = field(default_factory=dict)
    urls: dict[str, int] = field(default_factory=dict)

    def note(self, valid: Valid, line: int) -> None:
        for column, key, lines in (("name", valid.name.lower(), self.names), ("url", valid.url, self.urls)):
            if key in lines:
                raise RegistrationError(column, f"{key} stands on line {lines[key]} already")
        self.names[valid.name.lower()] = self.urls[valid.url] = line


def import_hosts(
    rows: Iterable[Row | Rejected], *, now: datetime, dry_run: bool = False, folder: Path | None = None
) -> ImportReport:
    """Registers what is new, updates environment, team, engine and credentials of what is known by name and address.

    A relative tls_dir is looked for in `folder`; without one (a file that came over the web) tls_dir is refused.
    A dry run does everything and takes it back, row by row, so that it cannot differ from the real one.
    """
    report, seen = ImportReport(dry_run), _Seen()
    for row in rows:
        if isinstance(row, Rejected):
            report.rejected.append(row)
            continue
        try:
            with transaction.atomic():
                _import(row, report, seen, folder=folder, now=now)
                transaction.set_rollback(dry_run)
        except RegistrationError as error:
            column = error.field if error.field in row.values else "tls_dir" if row.values.get("tls_dir") else ""
            report.rejected.append(Rejected(row.line, column, str(error)))
    return report


def _import(row: Row, report: ImportReport, seen: _Seen, *, folder: Path | None, now: datetime) -> None:
    entry = _entry(row.values, folder)
    valid = validate(entry)
    seen.note(valid, row.line)
    old = Host.objects.select_related("environment").filter(name=valid.name, url=valid.url).first()
    if old is None:
        done, names = register(entry, now=now), report.added
    elif _differs(old, valid):
        done, names = update(old, _changes(valid), now=now), report.updated
    else:
        done, names = Registered(old), report.unchanged
    names.append(valid.name)
    report.warnings += [(row.line, warning) for warning in done.warnings]


def _entry(values: Mapping[str, str], folder: Path | None) -> Entry:
    return Entry(
        name=values["name"],
        url=values["url"],
        environment=values["environment"],
        team=values["team"],
        engine=values.get("engine", ""),
        tls=_tls(values.get("tls_dir", ""), folder),
    )


def _tls(tls_dir: str, folder: Path | None) -> TlsMaterial | None:
    if not tls_dir:
        return None
    if folder is None:
        # Whoever uploads a file must not be able to name folders of this machine.
        raise RegistrationError("tls_dir", "a folder is read by `./loadline host import` only, not from an upload")
    from fleet.registration.credentials import read_tls_dir

    return read_tls_dir(folder / Path(tls_dir).expanduser())


def _differs(old: Host, valid: Valid) -> bool:
    same = (old.environment_id, old.team, old.engine) == (valid.environment.pk, valid.team, valid.engine)
    tls = valid.endpoint.tls
    return not same or (tls is not None and tls != stored_tls(old))


def _changes(valid: Valid) -> Changes:
    return Changes(environment=valid.environment.slug, team=valid.team, engine=valid.engine, tls=valid.endpoint.tls)
