"""Mappings: which containers belong to which service and team where they do not say so themselves."""

from __future__ import annotations

from typing import Self

from django.db import models

from fleet.inventory.mapping import Terms
from fleet.models.fields import JsonField
from fleet.models.policy import PREVIEW_STATES

#: The columns that `Terms` has as well.
TERMS = ("label", "project", "image", "host", "container", "service", "team")
PATTERNS = TERMS[:5]


class ServiceMappingQuerySet(models.QuerySet["ServiceMapping"]):
    """Named questions about mappings."""

    def in_force(self) -> Self:
        """In the order in which they are tried."""
        return self.filter(position__isnull=False).order_by("position", "pk")

    def drafts(self) -> Self:
        """Newest first."""
        return self.filter(position__isnull=True).order_by("-pk")

    def terms(self) -> tuple[Terms, ...]:
        return tuple(Terms(**row) for row in self.values(*TERMS))


class ServiceMapping(models.Model):
    """Patterns of `fleet.inventory.mapping.Terms`. A draft has no position; it `replaces` the one that it is to follow.

    `preview` is what `fleet.catalogue` found that putting it in force would change.
    """

    position = models.IntegerField(null=True, blank=True, db_index=True)
    label = models.CharField(max_length=500, blank=True)
    project = models.CharField("compose project", max_length=200, blank=True)
    image = models.CharField(max_length=300, blank=True)
    host = models.CharField(max_length=200, blank=True)
    container = models.CharField(max_length=200, blank=True)
    service = models.CharField(max_length=200, blank=True)
    team = models.CharField(max_length=100, blank=True)
    note = models.CharField(max_length=300, blank=True)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()
    replaces = models.IntegerField(null=True, blank=True)  # the key of one in force
    preview_state = models.CharField(max_length=8, choices=PREVIEW_STATES, default="", blank=True)
    preview = JsonField(default=dict, blank=True)

    objects = ServiceMappingQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        given = [f"{name} {value}" for name in TERMS[:5] if (value := getattr(self, name))]
        meant = [f"{name} {value}" for name in TERMS[5:] if (value := getattr(self, name))]
        return f"{', '.join(given)} → {', '.join(meant)}"[:200]

    @property
    def terms(self) -> Terms:
        return Terms(**{name: getattr(self, name) for name in TERMS})


class Renaming(models.Model):
    """One row: how far stored containers have been named anew since the mappings changed.

    Hosts are gone through in the order of their keys; `after` is the last that was done.
    """

    wanted_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    after = models.BigIntegerField(default=0)
    hosts = models.IntegerField(default=0)
    moved = models.IntegerField(default=0)  # containers

    def __str__(self) -> str:
        return f"renaming of {self.wanted_at:%Y-%m-%d %H:%M:%S}"
