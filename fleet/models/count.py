"""Counts: what pages show of the whole fleet, counted outside requests and kept with the moment it is of."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

from fleet.models.fields import JsonField


class CountQuerySet(models.QuerySet["Count"]):
    """Named questions about counts."""

    def claim(self, name: str, now: datetime, *, last: datetime, until: datetime) -> bool:
        """Whether it was last counted before `last` and nobody is at it; then it is this caller's until `until`.

        One conditional UPDATE: of several callers one has it. A moment ahead is of a clock that was set back since.
        """
        due = models.Q(at__isnull=True) | models.Q(at__lte=last) | models.Q(at__gt=now + timedelta(minutes=1))
        free = models.Q(claimed_until__isnull=True) | ~models.Q(claimed_until__range=(now, until))
        return bool(self.filter(due, free, name=name).update(claimed_until=until))


class Count(models.Model):
    """One row for each thing that is counted. `seconds` is what counting took: the dearer, the rarer it is done."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0)
    claimed_until = models.DateTimeField(null=True)
    data = JsonField(default=dict)

    objects = CountQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Shortfall(models.Model):
    """A service that was below the line when fixes were last counted; alike ones share the shape of what they need.

    `changes` is how many rules must pass for it to be ready, the fewest, and `weight` how grave these are together;
    None where no change is enough.
    """

    service = models.OneToOneField("fleet.Service", on_delete=models.CASCADE, related_name="shortfall")
    shape = models.CharField(max_length=16, db_index=True)
    changes = models.SmallIntegerField(null=True)
    weight = models.SmallIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.service_id} {self.shape}"
