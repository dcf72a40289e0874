"""Simulated hosts: registered like any other but for their mark."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from fleet.models import Host
from fleet.registration.entry import Entry, validate
from fleet.registration.hosts import Changes, register, update


def register_simulated(entries: Iterable[Entry], *, now: datetime) -> list[Host]:
    """Registers what is new and moves what listens elsewhere now; a name that a real host has is prefixed."""
    entries = list(entries)
    with transaction.atomic():
        known = {host.name: host for host in Host.objects.filter(simulated=True).select_related("environment")}
        real = set(Host.objects.filter(simulated=False).values_list("name", flat=True))
        named = [(f"simulated-{entry.name}" if entry.name in real else entry.name, entry) for entry in entries]
        _step_aside([known[name] for name, _ in named if name in known])
        return [_one(name, entry, known.get(name), now) for name, entry in named]


def register_company(*, now: datetime, base_port: int) -> list[Host]:
    """The demo's company, on consecutive ports of this machine."""
    from fleet.simulation import demo_company  # brings a web server along, which nobody else needs

    return register_simulated(
        [
            Entry(name=host.name, url=host.url(base_port), environment=host.environment, team=host.team)
            for host in demo_company().hosts
        ],
        now=now,
    )


def _one(name: str, entry: Entry, old: Host | None, now: datetime) -> Host:
    renamed = Entry(name=name, url=entry.url, environment=entry.environment, team=entry.team, engine=entry.engine)
    if old is None:
        return register(renamed, now=now, simulated=True).host
    if old.url == validate(renamed).url:
        Host.objects.filter(pk=old.pk).update(url=old.url)
        return old
    return update(old, Changes(url=entry.url), now=now).host


def _step_aside(hosts: list[Host]) -> None:
    # Addresses are unique, and two hosts may have swapped theirs: everybody leaves before anybody moves in.
    for host in hosts:
        Host.objects.filter(pk=host.pk).update(url=f"simulated:{host.pk}")
