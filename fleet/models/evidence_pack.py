"""Evidence packs: what was known of a service, a team or the fleet at one moment, kept as it was."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from fleet.models.fields import JsonField

WAITING, MAKING, MADE, FAILED = "queued", "making", "made", "failed"
SCOPES = [("service", "Service"), ("team", "Team"), ("fleet", "Fleet")]


class EvidencePack(models.Model):
    """`document` is compressed JSON with facts, findings, verdicts and versions.

    `digest` is the SHA-256 of that JSON, uncompressed. Until it is made it has neither, and for its summary {"at"}, the
    moment at which it was begun or last found no turn; one that failed has {"error"}.
    """

    scope = models.CharField(max_length=7, choices=SCOPES)
    name = models.CharField(max_length=200, blank=True)  # of the service or team
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    maker = models.CharField(max_length=150, blank=True)
    rules_version = models.CharField(max_length=12, blank=True)
    policy_version = models.PositiveIntegerField(null=True, blank=True)
    tables_version = models.CharField(max_length=16, blank=True)
    state = models.CharField(
        max_length=6,
        choices=[(WAITING, "Waits for its turn"), (MAKING, "Being made"), (MADE, "Made"), (FAILED, "Failed")],
        default=MADE,
    )
    digest = models.CharField(max_length=64, blank=True)
    document = models.BinaryField(default=bytes)
    summary = JsonField(default=dict)  # {"services", "findings", "failing", "waived", "oldest_evidence"}

    class Meta:
        indexes = [models.Index(fields=["-made_at"])]
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.scope} {self.name} {self.made_at:%Y-%m-%d %H:%M}".replace("  ", " ")
