"""Volumes, as the engines of the hosts report them."""

from __future__ import annotations

from django.db import models

from fleet.inventory import VolumeFacts
from fleet.models.seen import Seen, SeenQuerySet


class Volume(Seen):
    """One volume on one host."""

    objects = SeenQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "engine_id"], name="one_volume_per_host_and_id")]
        indexes = [
            models.Index(fields=["name"]),
            # Retention looks for these every hour; what is there need not be in it.
            models.Index(fields=["gone_at"], condition=models.Q(gone_at__isnull=False), name="gone_volumes"),
        ]
        ordering = ["name"]

    def read_facts(self) -> VolumeFacts:
        return self._facts_as(VolumeFacts)
