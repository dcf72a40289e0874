"""API tokens: shown once, stored as a hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models

ROLES = [("viewer", "Viewer"), ("operator", "Operator"), ("admin", "Admin")]
PREFIX = "ll_"


def _digest(secret: str) -> str:
    # A token is 256 random bits, so one round of SHA-256 is as hard to turn round as many.
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Named questions about tokens."""

    def issue(self, *, name: str, role: str, now: datetime) -> tuple[ApiToken, str]:
        """A new token and its secret, which nobody can read again."""
        secret = PREFIX + secrets.token_urlsafe(32)
        token = self.create(name=name, role=role, digest=_digest(secret), hint=secret[:8], created_at=now)
        return token, secret

    def valid(self, secret: str) -> Self:
        """The token of that secret unless it was revoked; at most one row."""
        return self.filter(digest=_digest(secret), revoked_at__isnull=True)


class ApiToken(models.Model):
    """`hint` is the first characters of the secret, so that its owner can tell tokens apart."""

    name = models.CharField(max_length=100, unique=True)
    role = models.CharField(max_length=8, choices=ROLES, default="viewer")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=12, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
