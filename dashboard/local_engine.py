"""What a fresh `up` shows: the engine of this machine, or a simulated fleet when there is none."""

from __future__ import annotations

import socket
import sys
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings

from dashboard.supervisor import Child
from fleet.models import Host

BASE_PORT: Final = 21000


@dataclass(frozen=True)
class Found:
    sentence: str
    children: list[Child] = field(default_factory=list)


def find(*, now: datetime, demo: bool | None) -> Found:
    """`demo` is None when nobody said: then the simulated fleet fills an empty house only."""
    if find_spec("fleet.registration") is None:  # until it is built
        return Found("(registration is not built yet)")
    registration: Any = import_module("fleet.registration")
    local = registration.register_local(now=now)
    real = Host.objects.filter(simulated=False).count()
    simulated = Host.objects.filter(simulated=True).count()
    if demo is None:
        demo = simulated > 0 or real == 0
    if not demo:
        return Found(local.sentence if local else _hosts(real) or "none here; register a host on the Hosts page")
    base = _base_port()
    registration.register_company(now=now, base_port=base)
    shown = "a simulated fleet, marked as simulated; ./loadline simulate --remove takes it away"
    sentence = f"{local.sentence}, and {shown}" if local else f"none answered here, so you see {shown}"
    argv = [sys.executable, str(settings.BASE_DIR / "manage.py"), "simulate", "--company", "--base-port", str(base)]
    return Found(sentence, [Child("simulation", argv)])


def _hosts(count: int) -> str:
    return f"{count} host{'s' if count > 1 else ''} registered" if count else ""


def _base_port() -> int:
    """Where the simulated hosts were registered before, else the first free stretch."""
    ports = [urlsplit(url).port or 0 for url in Host.objects.filter(simulated=True).values_list("url", flat=True)]
    if ports:
        return min(ports)
    for base in range(BASE_PORT, 60_000, 100):
        if all(_free(base + offset) for offset in range(20)):
            return base
    return BASE_PORT


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
