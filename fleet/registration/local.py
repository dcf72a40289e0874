"""The engine of this very machine, so that a first start has something to show."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from fleet.models import Host
from fleet.registration.entry import Entry, one_spelling
from fleet.registration.errors import RegistrationError
from fleet.registration.hosts import register
from fleet.transport import Endpoint, Limits, TlsMaterial, TransportError, diagnose

SOCKET: Final = "/var/run/docker.sock"
# A start must not wait long for an engine that hangs.
LIMITS: Final = Limits(request_seconds=5, sweep_seconds=8, connect_seconds=3)


@dataclass(frozen=True, slots=True)
class Local:
    """What was done, as a sentence for whoever started Loadline. `host` is None when the engine gave no answer."""

    sentence: str
    host: Host | None = None
    added: bool = False


def register_local(*, now: datetime, environ: Mapping[str, str] = os.environ) -> Local | None:
    """Registers the engine that DOCKER_HOST names, else the one on this machine's socket, when it answers.

    None when there is neither. Doing it again changes nothing.
    """
    address = environ.get("DOCKER_HOST", "").strip() or _socket(environ)
    if address is None:
        return None
    try:
        endpoint = Endpoint(address, _tls(environ, address))
        url = one_spelling(endpoint)
        old = Host.objects.filter(url=url).first()
        if old is not None:
            return Local(f"{old.name} ({url}), registered before", old)
        return _register(endpoint, url, now)
    except (TransportError, RegistrationError) as error:
        return Local(f"{address} was not registered: {error}")


def _register(endpoint: Endpoint, url: str, now: datetime) -> Local:
    diagnosis = diagnose(endpoint, limits=LIMITS)
    if not diagnosis.ok:
        return Local(f"{url} was not registered: {diagnosis.error}")
    environment = settings.LOADLINE_LOCAL_ENVIRONMENT
    entry = Entry(name=_free_name(diagnosis.engine_name), url=url, environment=environment, tls=endpoint.tls)
    try:
        host = register(entry, now=now).host
    except RegistrationError as error:
        setting = "LOADLINE_LOCAL_ENVIRONMENT: " if error.field == "environment" else ""
        return Local(f"{url} was not registered: {setting}{error}")
    return Local(
        f"{host.name} ({url}), registered and judged as {host.environment.name.lower()}; "
        "LOADLINE_LOCAL_ENVIRONMENT or the host's page changes that",
        host,
        added=True,
    )


def _socket(environ: Mapping[str, str]) -> str | None:
    """The usual socket, else that of an engine which runs without root."""
    own = environ.get("XDG_RUNTIME_DIR", "")
    for path in (SOCKET, *([f"{own}/docker.sock"] if own else [])):
        if Path(path).exists():
            return f"unix://{path}"
    return None


def _tls(environ: Mapping[str, str], address: str) -> TlsMaterial | None:
    """As `docker` itself reads them: DOCKER_TLS_VERIFY turns TLS on, DOCKER_CERT_PATH says where the keys are."""
    if not address.startswith(("tcp:", "http:", "https:")):
        return None
    folder = environ.get("DOCKER_CERT_PATH", "").strip()
    if not environ.get("DOCKER_TLS_VERIFY", "").strip() and not folder:
        return None
    from fleet.registration.credentials import read_tls_dir

    return read_tls_dir(Path(folder) if folder else Path(environ.get("HOME", "/root")) / ".docker")


def _free_name(reported: str | None) -> str:
    """The engine's own name made fit, and another when a different host has it."""
    base = re.sub(r"[^A-Za-z0-9._-]+", "-", reported or "").strip("-._")[:180] or "local"
    names = (base, f"{base}-local", *(f"{base}-local-{number}" for number in range(2, 1000)))
    return next(name for name in names if not Host.objects.filter(name__iexact=name).exists())
