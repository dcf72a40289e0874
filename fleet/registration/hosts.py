"""Registering, changing, removing and trying out one host."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from fleet import transport
from fleet.models import Host, ServiceMapping
from fleet.registration.entry import Entry, Valid, read_endpoint, taken, validate
from fleet.registration.errors import RegistrationError
from fleet.sealing import UnsealError
from fleet.transport import Endpoint, Limits, TlsMaterial

if TYPE_CHECKING:
    from fleet.transport import Diagnosis


@dataclass(frozen=True, slots=True)
class Registered:
    """`warnings` are sentences on what will work but should not stay as it is."""

    host: Host
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """None leaves as it is. `tls` replaces all three credentials; a TlsMaterial of nothing removes them."""

    name: str | None = None
    url: str | None = None
    environment: str | None = None
    team: str | None = None
    engine: str | None = None
    enabled: bool | None = None
    tls: TlsMaterial | None = None


def register(entry: Entry, *, now: datetime, simulated: bool = False) -> Registered:
    """Stores the host, due at once; nothing is sent to it. Raises RegistrationError."""
    valid = validate(entry)
    warnings = _warnings(valid.endpoint, now)
    host = Host(simulated=simulated, registered_at=now)
    _fill(host, valid, now)
    _seal(host, valid.endpoint.tls, now)
    _save(host, valid)
    return Registered(host, warnings)


def update(host: Host, changes: Changes, *, now: datetime) -> Registered:
    """Stores what differs, and makes the host due at once when it is another engine now or judged by another measure.

    Raises RegistrationError.
    """
    valid = _changed(host, changes)
    warnings = _warnings(valid.endpoint, now)
    moved = _fill(host, valid, now)
    if changes.enabled is not None:
        host.enabled = changes.enabled
    if changes.tls is not None:
        _seal(host, valid.endpoint.tls, now)
    with transaction.atomic():
        _save(host, valid, only=(*_OURS, *_SWEEPS) if moved or changes.tls is not None else _OURS)
        if changes.name is not None and ServiceMapping.objects.in_force().exclude(host="").exists():
            from fleet.catalogue.renaming import want_renaming

            want_renaming(now)  # by a name that the host may not have any more
    return Registered(host, warnings)


def would_refuse(host: Host, changes: Changes) -> RegistrationError | None:
    """Why `update` would refuse these changes, for forms that ask before they store."""
    try:
        return taken(_changed(host, changes), besides=host)
    except RegistrationError as error:
        return error


def _changed(host: Host, changes: Changes) -> Valid:
    return validate(
        Entry(
            name=_or(changes.name, host.name),
            url=_or(changes.url, host.url),
            environment=_or(changes.environment, host.environment.slug),
            team=_or(changes.team, host.team),
            engine=_or(changes.engine, host.engine),
            tls=stored_tls(host) if changes.tls is None else _something(changes.tls),
        )
    )


def remove(host: Host, *, now: datetime) -> None:
    """The host goes with everything on it; its services are added up again without it."""
    from fleet.registration.removal import remove_hosts  # it judges services anew, and nothing else here does

    remove_hosts(Host.objects.filter(pk=host.pk), now=now)


def try_host(host: Host, *, limits: Limits | None = None) -> Diagnosis:
    """Connects to a registered host and says, step by step, how far it came. Raises RegistrationError."""
    return transport.diagnose(read_endpoint(host.url, stored_tls(host)), limits=limits)


def try_entry(entry: Entry, *, now: datetime, limits: Limits | None = None) -> Diagnosis:
    """The same for a host that is not registered yet. Raises RegistrationError for what needs no connection to see."""
    valid = validate(entry)
    _warnings(valid.endpoint, now)
    return transport.diagnose(valid.endpoint, limits=limits)


def stored_tls(host: Host) -> TlsMaterial | None:
    try:
        return _something(TlsMaterial(*host.credentials()))
    except UnsealError as error:
        raise RegistrationError("credentials", str(error)) from None


def _something(tls: TlsMaterial) -> TlsMaterial | None:
    return tls if tls.ca or tls.certificate or tls.key else None


def _or(given: str | None, old: str) -> str:
    return old if given is None else given


def _warnings(endpoint: Endpoint, now: datetime) -> tuple[str, ...]:
    tls: tuple[str, ...] = ()
    if endpoint.tls:
        from fleet.registration.credentials import look_over  # reads certificates, which most hosts have none of

        tls = look_over(endpoint.tls, now=now)
    if endpoint.scheme in {"tcp", "http"} and not endpoint.encrypted and not endpoint.loopback:
        plain = (
            f"{endpoint} is not encrypted: who reaches that port is root on that machine, and who listens on the way "
            "reads along. Use certificates (--tls-dir) or ssh://user@host."
        )
        return (*tls, plain)
    return tls


def _fill(host: Host, valid: Valid, now: datetime) -> bool:
    """Whether it is another engine now, or judged by another measure."""
    moved = host.pk is None or (host.url, host.environment_id) != (valid.url, valid.environment.pk)
    host.name, host.url, host.engine, host.team = valid.name, valid.url, valid.engine, valid.team
    host.environment = valid.environment
    if moved:
        _start_anew(host, now)
    return moved


def _seal(host: Host, tls: TlsMaterial | None, now: datetime) -> None:
    material = tls or TlsMaterial()
    host.set_credentials(ca=material.ca, certificate=material.certificate, key=material.key)
    _start_anew(host, now)


def _start_anew(host: Host, now: datetime) -> None:
    # Without its claim a sweep that still runs with the old address or keys throws its result away.
    host.next_sweep_at, host.claim, host.failures = now, "", 0


# Never the whole row: a sweep may write the rest of it at the same moment.
_OURS = (
    "name", "url", "engine", "team", "environment", "enabled", "sealed_ca", "sealed_certificate", "sealed_key",
)  # fmt: skip
_SWEEPS = ("next_sweep_at", "claim", "failures")


def _save(host: Host, valid: Valid, *, only: tuple[str, ...] | None = None) -> None:
    obstacle = taken(valid, besides=host)
    if obstacle is not None:
        raise obstacle
    try:
        with transaction.atomic():
            host.save(update_fields=only)
    except IntegrityError:
        # Somebody else was faster by a moment; now it shows who.
        raise (taken(valid, besides=host) or RegistrationError("name", "This host was just registered.")) from None
