"""Which containers carry their service's verdict, written for many services together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from fleet.assessment.marks import mark_services
from fleet.models import Container, Service


class Carrying:
    """Collects what turned while services are added up; `store` writes it."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._turned: dict[bool, dict[int, int]] = {True: {}, False: {}}  # services by container

    def of(self, service: Service, members: Sequence[Container], carrying: Collection[int]) -> None:
        """`carrying` are the keys of those among the members that the verdict rests on."""
        for container in members:
            carries = container.pk in carrying
            if carries is not container.carries_verdict:
                self._turned[carries][container.pk] = service.pk

    def store(self) -> None:
        """What the sweep of another host holds is left for the next time: it may wait for what we hold."""
        turned = self._turned[True] | self._turned[False]
        if not turned:
            return
        free = Container.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=turned).order_by("pk")
        mine = set(free.values_list("pk", flat=True))
        for carries, rows in self._turned.items():
            if written := mine & rows.keys():
                Container.objects.filter(pk__in=written).update(carries_verdict=carries)
        mark_services({service for pk, service in turned.items() if pk not in mine}, now=self._now)
