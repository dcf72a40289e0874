"""Versions of the policy: what the organisation decided, by whom and when; the newest adopted one is in force."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models

from fleet.models.fields import JsonField

PREVIEW_STATES = [("", "None"), ("running", "Running"), ("done", "Done"), ("failed", "Failed")]


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    """Named questions about policy versions."""

    def adopted(self) -> Self:
        """Newest first."""
        return self.filter(adopted_at__isnull=False).order_by("-adopted_at", "-pk")

    def drafts(self) -> Self:
        """Newest first."""
        return self.filter(adopted_at__isnull=True).order_by("-pk")


class PolicyVersion(models.Model):
    """`document` is the plain form of fleet.readiness.policy.Policy; an adopted version is never changed again.

    `preview` is what `fleet.foresight` found would change: {"services": [...], "done": hosts, "total": hosts}.
    """

    document = JsonField(default=dict)
    note = models.CharField(max_length=300, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    author_name = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()
    adopted_at = models.DateTimeField(null=True, blank=True, db_index=True)
    preview_state = models.CharField(max_length=8, choices=PREVIEW_STATES, default="", blank=True)
    preview = JsonField(default=dict, blank=True)

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"policy {self.pk}"
