"""Which services hold data: the one place that says so for the figures of adoption."""

from __future__ import annotations

from fleet.models import Container
from fleet.models.traits import HoldsData


def stateful_services() -> dict[int, bool | None]:
    """By service that has containers its verdict rests on: whether any of them keeps data in a volume or in a folder
    of its host that it may write to. None when that was never told of one, and of no other that it does.

    Reads the facts of all of them: for what is counted outside requests only.
    """
    carrying = Container.objects.present().filter(carries_verdict=True, service__isnull=False).order_by()
    found: dict[int, bool | None] = dict.fromkeys(_services(carrying), False)
    found.update(dict.fromkeys(_services(carrying.filter(facts__mounts__isnull=True)), None))
    found.update(dict.fromkeys(_services(carrying.filter(HoldsData())), True))
    return found


def _services(rows: object) -> list[int]:
    return list(rows.values_list("service", flat=True).distinct())  # type: ignore[attr-defined]
