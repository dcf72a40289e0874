"""Reference tables that an admin loaded over those that came with Loadline."""

from __future__ import annotations

from django.db import models

from fleet.models.fields import JsonField


class ReferenceTable(models.Model):
    """`data` is the whole file as it was loaded; fleet.tables reads and validates it."""

    name = models.CharField(max_length=30, unique=True)
    as_of = models.DateField()
    data = JsonField()
    loaded_at = models.DateTimeField()
    loaded_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} of {self.as_of}"
