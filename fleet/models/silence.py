"""Silences: when a host did not answer, so that what was carried meanwhile can be set right."""

from __future__ import annotations

from django.db import models


class HostSilence(models.Model):
    """`since` is the host's last answer before, `until` its first one after; None while it lasts."""

    host = models.ForeignKey(
        "fleet.Host", on_delete=models.SET_NULL, null=True, related_name="silences", db_constraint=False
    )
    name = models.CharField(max_length=200)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["until"], name="silences_by_until")]
        ordering = ["-since", "name"]

    def __str__(self) -> str:
        return f"{self.name} from {self.since} to {self.until or 'now'}"
