"""Images, as the engines of the hosts report them."""

from __future__ import annotations

from django.db import models

from fleet.inventory import ImageFacts
from fleet.models.seen import Seen, SeenQuerySet


class Image(Seen):
    """One image on one host."""

    objects = SeenQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "engine_id"], name="one_image_per_host_and_id")]
        indexes = [
            models.Index(fields=["name"]),
            models.Index(fields=["engine_id"], name="images_by_id"),
            # Retention looks for these every hour; what is there need not be in it.
            models.Index(fields=["gone_at"], condition=models.Q(gone_at__isnull=False), name="gone_images"),
        ]
        ordering = ["name"]

    def read_facts(self) -> ImageFacts:
        return self._facts_as(ImageFacts)
