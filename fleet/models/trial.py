"""Connection tests of hosts that somebody is about to register or change."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from fleet.models.fields import JsonField


class Trial(models.Model):
    """One test, from the form to the answer; forgotten after an hour.

    What was typed in is sealed, keys included: the queue only ever carries the id.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.ForeignKey("fleet.Host", on_delete=models.CASCADE, null=True, blank=True, related_name="trials")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True)
    started_at = models.DateTimeField()
    sealed_entry = models.TextField()
    finished_at = models.DateTimeField(null=True, blank=True)
    ok = models.BooleanField(null=True)
    steps = JsonField(default=list)  # [{"name", "outcome", "sentence"}]
    found = models.CharField(max_length=200, blank=True)  # what answered, such as "docker 29.7.2, API 1.55"

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return str(self.id)
