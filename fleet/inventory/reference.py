"""Image references, read the way the engine reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_ID = re.compile(r"^(sha256:)?[0-9a-f]{64}$")
_DEFAULT_REGISTRY = "docker.io"


@dataclass(frozen=True, slots=True)
class ImageReference:
    """`registry/repository:tag@digest`, normalised; `tag` is None when none was given."""

    registry: str
    repository: str
    tag: str | None
    digest: str | None

    @classmethod
    @lru_cache(maxsize=50_000)  # a thousand hosts have half as many, and each sweep comes by all of them
    def parse(cls, text: str | None) -> ImageReference | None:
        """None when the text is empty or only an image ID, which names no image.

        The first part is a registry only when it has a dot or a colon or is `localhost`, as in Docker's own
        reference grammar; otherwise the image is on Docker Hub, under `library/` when it has one part.
        """
        if not text or _ID.match(text):
            return None
        rest, _, digest = text.partition("@")
        head, slash, tail = rest.partition("/")
        if slash and ("." in head or ":" in head or head == "localhost"):
            registry, path = head, tail
        else:
            registry, path = _DEFAULT_REGISTRY, rest
        name, colon, tag = path.rpartition(":")
        if not colon:
            name, tag = path, ""
        if not name:
            return None
        if registry == _DEFAULT_REGISTRY and "/" not in name:
            name = f"library/{name}"
        return cls(registry, name, tag or None, digest or None)

    @property
    def basename(self) -> str:
        """The last part of the repository: `postgres` in `docker.io/library/postgres:16`."""
        return self.repository.rpartition("/")[2]

    @property
    def full_repository(self) -> str:
        return f"{self.registry}/{self.repository}"
