"""What is kept of a service's doors, read again."""

from __future__ import annotations

from fleet.inventory.plain import from_plain
from fleet.models import Service
from fleet.reach.summary import Doors


def kept_doors(service: Service) -> Doors:
    """Empty too where it was not added up since doors are kept; `service.doors_total` is None then."""
    return from_plain(Doors, {"total": service.doors_total or 0, "doors": service.doors or []})
