"""Counts: what pages show of the whole fleet, counted outside requests and kept with the moment it is of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models

from fleet.models.fields import JsonField


class CountQuerySet(models.QuerySet["Count"]):
    """Named questions about counts."""

    def claim(self, name: str, now: datetime, *, until: datetime, at_most: datetime) -> bool:
        """Whether this caller is to count it now: nobody else is at it, and it was last counted before `at_most`."""
        Count.objects.get_or_create(name=name)
        due = models.Q(at__isnull=True) | models.Q(at__lte=at_most) | models.Q(at__gt=now + timedelta(minutes=1))
        free = models.Q(claimed_until__isnull=True) | models.Q(claimed_until__lte=now) | models.Q(claimed_until__gt=until)
        return bool(self.filter(due & free, name=name).update(claimed_until=until))

    def named(self, *names: str) -> Self:
        return self.filter(name__in=names, at__isnull=False)


class Count(models.Model):
    """One row for each thing that is counted. `seconds` is what counting took: the dearer, the rarer."""

    name = models.CharField(max_length=40, unique=True)
    data = JsonField(default=dict)
    at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0)
    claimed_until = models.DateTimeField(null=True)

    objects = CountQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class HeldBack(models.Model):
    """A service that a rule keeps below the line, as of the last time that fixes were counted."""

    rule = models.CharField(max_length=80)
    service = models.ForeignKey("fleet.Service", on_delete=models.CASCADE, related_name="held_back")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "service"], name="one_row_per_rule_and_held_service")]

    def __str__(self) -> str:
        return f"{self.rule} {self.service_id}"
