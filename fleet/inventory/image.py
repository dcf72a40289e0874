"""One image on one host."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from fleet.inventory.container import HealthCheck
from fleet.inventory.reference import ImageReference

_OFFICIAL = "docker.io/library/"
#: What the list says of an image without inspecting it, and what may change.
_LISTED = ("tags", "digests", "size")


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
    health_check: HealthCheck | None = None  # its kind is "" where the image has none
    containerd_store: bool | None = None  # Descriptor present: local builds carry digests too
    media_type: str | None = None  # Descriptor.mediaType, containerd store only
    pulled_from: tuple[str, ...] | None = None  # repositories the engine pulled it from, API 1.53 and later
    built_here: bool | None = None  # API 1.53 and later
    signatures: int | None = None  # that the engine verified by keys of its own, API 1.53 and later
    inspected: bool = False

    @property
    def official(self) -> bool:
        """One of Docker Hub's official images, by where it came from: its tag anybody on the host could have chosen.

        A local build has a digest of its own on the containerd image store, so there only the pull itself counts.
        """
        if self.built_here:
            return False
        origins = self.pulled_from
        if origins is None and not self.containerd_store:
            origins = self.digests
        names = (ImageReference.parse(one) for one in origins or ())
        return any(name is not None and name.full_repository.startswith(_OFFICIAL) for name in names)

    def says_no_more_than(self, older: ImageFacts) -> bool:
        """Whether `with_details_of` would change nothing about the older."""
        return all((value := getattr(self, name)) is None or value == getattr(older, name) for name in _LISTED)

    def with_details_of(self, older: ImageFacts) -> ImageFacts:
        """What the list tells now over what an inspection told then: what an id stands for never changes."""
        fresh = {name: value for name in _LISTED if (value := getattr(self, name)) is not None}
        return replace(older, **fresh)
