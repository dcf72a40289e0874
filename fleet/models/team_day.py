"""One row of history per team and day: what a team's figures and its trend are drawn from."""

from __future__ import annotations

from django.db import models

from fleet.models.fields import JsonField


class TeamDay(models.Model):
    """A team's figures at the last time they were taken on that day (UTC); the empty team is that of what has none."""

    day = models.DateField()
    team = models.CharField(max_length=100, blank=True)
    use = models.CharField(max_length=10, blank=True)  # adopter, dabbler, abandoner, never
    running = models.PositiveIntegerField(default=0)  # containers, those of infrastructure left out
    numbers = JsonField(default=dict)  # {"services-in-production": [part, whole, value, low, high], …}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "day"], name="one_row_per_team_and_day")]
        indexes = [models.Index(fields=["day"], name="team_days_by_day")]
        ordering = ["team", "day"]

    def __str__(self) -> str:
        return f"{self.team or 'no team'} {self.day}"
