"""One row of history per rule and day: what a rule page's pass share is drawn from."""

from __future__ import annotations

from django.db import models


class RuleDay(models.Model):
    """Findings of the rule by status, at the last time they were counted on that day (UTC). `failed` has the waived
    ones left out.
    """

    day = models.DateField()
    rule = models.CharField(max_length=80)
    passed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    waived = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    not_applicable = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "day"], name="one_row_per_rule_and_day")]
        ordering = ["rule", "day"]

    def __str__(self) -> str:
        return f"{self.rule} {self.day}"
