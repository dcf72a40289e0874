"""One row of history per day: what the overview's and the adoption page's trends are drawn from."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from fleet.models.fields import JsonField


class DayQuerySet(models.QuerySet["Day"]):
    """Named questions about days."""

    def has(self, now: datetime) -> bool:
        """Whether that day has figures already."""
        return self.filter(day=now.date()).exists()


class Day(models.Model):
    """Counts at the last time they were taken on that day (UTC). The four stages add up to `services`,
    the four verdicts to `stage_production`.
    """

    day = models.DateField(unique=True)
    services = models.PositiveIntegerField()
    stage_none = models.PositiveIntegerField()
    stage_experiment = models.PositiveIntegerField()
    stage_staging = models.PositiveIntegerField()
    stage_production = models.PositiveIntegerField()
    ready = models.PositiveIntegerField()
    at_risk = models.PositiveIntegerField()
    not_ready = models.PositiveIntegerField()
    unknown = models.PositiveIntegerField()
    pillars_ready = JsonField(default=dict)  # {"network": number of production services ready in it}
    hosts = models.PositiveIntegerField()
    hosts_answering = models.PositiveIntegerField()
    containers = models.PositiveIntegerField()
    # Every figure by its key (fleet.adoption.definitions): [part, whole, value, low, high]. Empty in old days.
    numbers = JsonField(null=True)
    carried = models.PositiveIntegerField(default=0, db_default=0)  # services that rest on a silent host
    corrected_at = models.DateTimeField(null=True)  # when it was set right by hosts that answered again

    objects = DayQuerySet.as_manager()

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return self.day.isoformat()
