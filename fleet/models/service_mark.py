"""What a sweep leaves for later: services to add up again, and why."""

from __future__ import annotations

from django.db import models

from fleet.models.fields import JsonField


class ServiceMark(models.Model):
    """A service that something changed of, until it is added up again; then the mark goes.

    Marks are only ever added, in the transaction of the host that changed, so that sweeps of hosts that share a
    service neither wait for each other nor lose what happened when a worker dies.
    """

    service = models.ForeignKey("fleet.Service", on_delete=models.CASCADE, related_name="marks")
    marked_at = models.DateTimeField()
    causes = JsonField(default=list)  # sentences, in the order in which they came

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.service_id} since {self.marked_at:%H:%M:%S}"
