"""One image on one host."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """Facts of one image from /images/json and, when it was inspected, /images/{id}/json."""

    id: str  # sha256:…
    tags: tuple[str, ...] | None = None  # "<none>:<none>" left out
    digests: tuple[str, ...] | None = None  # RepoDigests, "<none>@<none>" left out
    created_at: datetime | None = None
    size: int | None = None  # bytes
    labels: dict[str, str] | None = None  # secret-looking values replaced
    architecture: str | None = None
    os: str | None = None
    comment: str | None = None
    layers: int | None = None
    declared_volumes: tuple[str, ...] | None = None
    containerd_store: bool | None = None  # Descriptor present: local builds carry digests too
    media_type: str | None = None  # Descriptor.mediaType, containerd store only
    pulled_from: tuple[str, ...] | None = None  # repositories the engine pulled it from, API 1.53 and later
    built_here: bool | None = None  # API 1.53 and later
    inspected: bool = False
