"""Rows to start from, for tests that touch the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from pytest_django import DjangoDbBlocker

from fleet.assessment import add_up_marked, assess_recorded
from fleet.inventory import ContainerFacts, Snapshot
from fleet.models import Environment, Host
from fleet.recording import record
from tests.builders import ENGINE_ID, NOW, snapshot


@contextmanager
def shared_rows(blocker: DjangoDbBlocker, make: Callable[[], object]) -> Iterator[None]:
    """Rows that a whole module looks at, in a transaction around those of its tests."""
    with blocker.unblock(), transaction.atomic():
        make()
        with blocker.block():
            yield
        transaction.set_rollback(True)


def host_row(name: str = "prod-01", *, environment: str = "production", **changes: Any) -> Host:
    """A registered host, due now."""
    fields: dict[str, Any] = {
        "name": name,
        "url": f"tcp://{name}.internal:2376",
        "environment": Environment.objects.get(slug=environment),
        "team": "",
        "registered_at": NOW,
        "next_sweep_at": NOW,
        **changes,
    }
    return Host.objects.create(**fields)


def swept(
    host: Host, *containers: ContainerFacts, now: datetime = NOW, seen: Snapshot | None = None, **changes: Any
) -> Host:
    """Records and judges one sweep of the host, as a worker would; `changes` are of the snapshot."""
    taken = seen or snapshot(*containers, **changes)
    if taken.host.engine_id == ENGINE_ID:  # each engine has its own, unless a test is about clones
        taken = replace(taken, host=replace(taken.host, engine_id=f"ID:{host.name}"))
    recorded = record(host.pk, taken, now=now)
    assess_recorded(recorded, now=now)
    add_up_marked(now)
    host.refresh_from_db()
    return host
