"""Trust roots and registries: whom an admin believes, and where Loadline may look."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from fleet.models.fields import JsonField


class KeptRootError(Exception):
    """Somebody wants to write a version of a trust root that was kept."""


class TrustRoot(models.Model):
    """A publisher. What is believed of it stands in its versions, of which the last counts."""

    name = models.CharField(max_length=100, unique=True)
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TrustRootVersion(models.Model):
    """`document` is the plain form of fleet.trust.terms.Terms, `sha256` that of its canonical form."""

    root = models.ForeignKey(TrustRoot, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    author_name = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()
    document = JsonField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["root", "number"], name="one_version_of_a_root_and_number")]
        ordering = ["root", "-number"]

    def __str__(self) -> str:
        return f"{self.root}, version {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise KeptRootError(f"Version {self.number} of the trust root stays as it was made; an edit is a new one.")
        super().save(*args, **kwargs)


class ImageRegistry(models.Model):
    """A registry that may be asked. `private` lets it be at an address inside, `plain` is http, `ca` PEM certificates
    to trust instead of the system's; `realms` are hosts besides its own that may see its credentials.
    """

    host = models.CharField(max_length=255, unique=True)
    plain = models.BooleanField(default=False)
    private = models.BooleanField(default=False)
    username = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField()
    realms = JsonField(default=list)
    ca = models.TextField(blank=True)
    sealed_password = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ["host"]

    def __str__(self) -> str:
        return self.host
