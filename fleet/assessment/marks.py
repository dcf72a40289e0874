"""Services marked while hosts are stored, to be added up once however many hosts share them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from fleet.models import ServiceMark
from fleet.models.writing import insert_rows


def mark_services(services: Iterable[int], *, now: datetime, causes: Mapping[int, Sequence[str]] | None = None) -> None:
    """To be called in the transaction that changed what these services rest on. `causes` say why, by service.

    Adding a service up in the transaction of each host that shares it would cost the square of a fleet, and would make
    sweeps of different hosts wait for each other.
    """
    why = causes or {}
    rows = [(service, list(why.get(service, ())), now) for service in sorted(services)]
    if rows:
        insert_rows(ServiceMark, ["service", "causes", "marked_at"], rows)
