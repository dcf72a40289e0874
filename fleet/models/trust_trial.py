"""What an admin is about to do with trust: drafts of trust roots, and questions that somebody waits for."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from fleet.models.fields import JsonField


class TrustDraft(models.Model):
    """A trust root as it was entered and checked, before it is a version; `document` is as that of a version.

    `root` is None for one that is not registered yet, `based_on` the number of the version that it was written after.
    `preview_state`: empty while it waits, then running, done, or failed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    root = models.ForeignKey("fleet.TrustRoot", on_delete=models.CASCADE, null=True, related_name="drafts")
    based_on = models.PositiveIntegerField(default=0)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True)
    made_at = models.DateTimeField()
    asked_at = models.DateTimeField()
    preview_state = models.CharField(max_length=7, blank=True)
    name = models.CharField(max_length=100)
    author_name = models.CharField(max_length=150, blank=True)
    document = JsonField(default=dict)
    preview = JsonField(default=dict)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"draft of {self.name}"


REGISTRY, CANDIDATE = "registry", "candidate"


class TrustTrial(models.Model):
    """A question to a registry, whether it can be read, or to a Notary server, which root keys it shows.

    `about` is the registry's host, or the repository; `server` the plain form of fleet.trust.terms.Server. `steps` are
    [name, outcome, sentence]. `found` holds what the server showed, `confirmed` fingerprints that an admin knew.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=9, choices=[(REGISTRY, "Registry"), (CANDIDATE, "Candidate")])
    root = models.ForeignKey("fleet.TrustRoot", on_delete=models.CASCADE, null=True, related_name="trials")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    ok = models.BooleanField(null=True)
    about = models.CharField(max_length=255)
    server = JsonField(default=dict)
    steps = JsonField(default=list)
    found = JsonField(default=dict)
    confirmed = JsonField(default=list)

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
