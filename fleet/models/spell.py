"""Spells: for how long each service was in each stage, which tells of any past day what was where."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

SEEN, CARRIED, CORRECTED = "seen", "carried", "corrected"


class SpellQuerySet(models.QuerySet["ServiceSpell"]):
    """Named questions about spells."""

    def open(self) -> Self:
        return self.filter(until__isnull=True)

    def on(self, day: date) -> Self:
        """Those that held at the end of that day: one for each service that was in the catalogue."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=day), since__lte=day)

    def ended(self, first: date, last: date) -> Self:
        """Those that held at the end of the first day and do not reach the end of the last."""
        return self.filter(since__lte=first, until__gt=first, until__lte=last)

    def begun(self, first: date, last: date) -> Self:
        """Those that hold at the end of the last day and did not at the end of the first."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=last), since__gt=first, since__lte=last)


class ServiceSpell(models.Model):
    """One service in one stage with one verdict, in one team, from the day `since` until before the day `until`; None
    while it lasts. The name stays when the service is forgotten.
    """

    service = models.ForeignKey(
        "fleet.Service", on_delete=models.SET_NULL, null=True, related_name="spells", db_constraint=False
    )
    name = models.CharField(max_length=200)
    team = models.CharField(max_length=100, blank=True)
    stage = models.CharField(max_length=10)
    verdict = models.CharField(max_length=10)
    # seen; carried: it rests on a host that did not answer; corrected: nobody saw it, and it was told afterwards.
    told = models.CharField(max_length=10, default=SEEN)
    since = models.DateField()
    until = models.DateField(null=True)

    objects = SpellQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["name", "since"], name="spells_by_name"),
            models.Index(fields=["since"], name="spells_by_since"),
            models.Index(fields=["until"], name="spells_by_until"),
            models.Index(fields=["team", "since"], name="spells_by_team"),
        ]
        ordering = ["name", "since"]

    def __str__(self) -> str:
        return f"{self.name} {self.stage} from {self.since} to {self.until or 'now'}"
