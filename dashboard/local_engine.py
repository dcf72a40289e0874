"""What a fresh `up` shows: the engine of this machine, or a simulated fleet when there is none."""

from __future__ import annotations

import socket
import sys
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from dashboard.supervisor import Child
from fleet.governance import policy
from fleet.models import Host, PolicyVersion
from fleet.readiness.policy import Policy
from fleet.registration import Entry, Local, register_local, register_simulated

BASE_PORT: Final = 21000


@dataclass(frozen=True)
class Found:
    sentences: tuple[str, ...]
    children: list[Child] = field(default_factory=list)


def find(*, now: datetime, demo: bool | None) -> Found:
    """`demo` is None when nobody said: then the simulated fleet fills an empty house only, and stays once it is in."""
    local = register_local(now=now)
    real = Host.objects.filter(simulated=False).count()
    if demo is None:
        demo = real == 0 or Host.objects.filter(simulated=True).exists()
    own = (_own(local, real),)
    if not demo:
        return Found(own)
    if real == 0:
        _decide(now=now)
    shown = "a simulated fleet, marked as simulated on every page; ./loadline simulate --remove takes it away"
    return Found((*own, shown), [_simulation(now=now)])


def _simulation(*, now: datetime) -> Child:
    from fleet.simulation import demo_company  # only where it is shown: it answers like engines, with a web server

    planned = demo_company().hosts
    base = _base_port(len(planned))
    entries = [
        Entry(name=host.name, url=host.url(base), environment=host.environment, team=host.team) for host in planned
    ]
    register_simulated(entries, now=now)
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "simulate", "--company", "--base-port", str(base)]
    # A sweep that comes before they listen would count as a failure and be repeated a minute later.
    return Child("simulation", command, answers_at=base)


def _decide(*, now: datetime) -> None:
    """Without a word about registries every image of the simulated company would be of doubtful origin."""
    if not PolicyVersion.objects.exists():
        from fleet.simulation import REGISTRIES

        decided = Policy(allowed_registries=REGISTRIES)
        note = "The simulated company's. Replace it by your own."
        policy.adopt(policy.draft(decided, author=None, name="the simulation", note=note, now=now), now=now)


def _own(local: Local | None, real: int) -> str:
    if local is not None:
        return local.sentence
    if real:
        return f"none on this machine; {real} host{'s' if real > 1 else ''} registered"
    return "none on this machine; the Hosts page and ./loadline host add register one"


def _base_port(count: int) -> int:
    """The first free stretch; where the simulated hosts listened before, when that is free."""
    ports = [urlsplit(url).port or 0 for url in Host.objects.filter(simulated=True).values_list("url", flat=True)]
    stretches = [min(ports, default=BASE_PORT), *range(BASE_PORT, 60_000, 100)]
    return next((base for base in stretches if all(_free(base + offset) for offset in range(count))), BASE_PORT)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
