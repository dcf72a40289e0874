"""Environments: where a host stands on the way to production."""

from __future__ import annotations

from django.db import models

from fleet.readiness.vocabulary import Stage

STAGES = [
    (Stage.EXPERIMENT.value, "Experiment"),
    (Stage.STAGING.value, "Staging"),
    (Stage.PRODUCTION.value, "Production"),
]


class Environment(models.Model):
    """Production, staging, test, development, and what an admin adds; `stage` is what running there proves."""

    name = models.CharField(max_length=50, unique=True)
    slug = models.SlugField(max_length=50, unique=True)
    stage = models.CharField(max_length=10, choices=STAGES, default=Stage.EXPERIMENT.value)
    position = models.PositiveSmallIntegerField(default=100, help_text="Order in lists, smallest first.")

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name
