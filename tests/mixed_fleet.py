"""A small fleet with one of everything that a page has to count: for tests that hold numbers against each other."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fleet.inventory import ContainerFacts, RestartPolicy
from fleet.models import Host, Service
from fleet.trust.states import State
from tests.builders import NOW, OWNED, container, volume, volume_mount
from tests.rows import host_row, swept
from tests.trust_rows import found_out, publisher


def one(service: str, number: int, **changes: Any) -> ContainerFacts:
    labels = {**OWNED, "loadline.service": service, **changes.pop("labels", {})}
    return container(id=f"{number:064x}", name=f"{service}-{number}", labels=labels, **changes)


def mixed_fleet(now: datetime = NOW) -> None:
    """Ready, at risk, not ready and unknown services; running, stopped and gone containers; hosts that answer, fail,
    went silent, never answered and are not swept any more.
    """
    _production(now)
    staging = host_row("staging-01", environment="staging", team="R&D / ops")
    swept(staging, one("search", 20), one("checkout", 21), one("returns", 22, privileged=True), now=now)
    swept(host_row("dev-01", environment="development"), one("toy", 30), one("toy", 31, memory=0), now=now)
    host_row("test-01", environment="test")
    publisher(now=now)
    found_out(State.VERIFIED, now=now)
    Service.objects.create(name="mainframe", slug="mainframe", declared=True, first_seen=now, team="payments")


def _production(now: datetime) -> None:
    first = host_row("prod-01", team="payments")
    everything = [
        one("checkout", 1),
        one("ledger & co", 2, privileged=True, health="unhealthy"),
        one("mailer", 3, memory=0, mounts=(volume_mount(),)),
        one("by-id", 4, image_reference="sha256:" + "e" * 64),
        one("batch", 5, state="exited", restart_policy=RestartPolicy("no"), exit_code=0),
        one("cache", 6, state="exited", restart_policy=RestartPolicy("always"), exit_code=1),
    ]
    gone = one("checkout", 7)
    swept(first, *everything, gone, volumes=(volume(),), now=now - timedelta(seconds=20))
    swept(first, *everything, volumes=(volume(),), now=now)
    swept(host_row("prod-02", team="R&D / ops"), one("checkout", 10), one("mailer", 11, memory=0), now=now)
    # Its evidence has grown too old to carry a verdict.
    swept(host_row("prod-03"), one("archive", 12), now=now - timedelta(hours=1))
    # It answered a minute ago and fails now.
    swept(host_row("prod-04"), one("edge", 13), now=now - timedelta(minutes=1))
    Host.objects.filter(name="prod-04").update(error_code="refused", error="It refuses connections.")
    # Switched off by an admin just now.
    swept(host_row("prod-05"), one("retired", 14), now=now)
    Host.objects.filter(name="prod-05").update(enabled=False)
