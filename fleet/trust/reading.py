"""What verifiers read from a registry and from a server of signed metadata. Each raises fleet.trust.errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fleet.trust.errors import NotFound

INDEX_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
MANIFEST_TYPES = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
#: Always all four: with fewer a registry answers one tag with another digest.
ACCEPTED = (*INDEX_TYPES, *MANIFEST_TYPES)

MOST_MANIFEST = 4 * 1024 * 1024  # bytes, the limit of distribution
MOST_SIGNATURE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """`digest` is that of `body`, worked out and not believed."""

    body: bytes
    media_type: str
    digest: str


@dataclass(frozen=True, slots=True)
class Referrer:
    """A manifest that says it belongs to another one."""

    digest: str
    artifact_type: str
    size: int = 0


class RegistryReader(Protocol):
    """One registry; paths are without its name."""

    def manifest(self, path: str, reference: str) -> Manifest:
        """By digest, or by tag: then `digest` is what the tag means now."""
        ...

    def blob(self, path: str, digest: str, most: int) -> bytes: ...

    def referrers(self, path: str, digest: str) -> tuple[Referrer, ...]:
        """With the fall-back to the tag `sha256-…` where the registry has no such endpoint; () for none."""
        ...


class OnceReader:
    """What tags mean and what refers to a digest, asked for once: for one run, in which several questions ask it."""

    def __init__(self, registry: RegistryReader) -> None:
        self._registry = registry
        self._tags: dict[tuple[str, str], Manifest | NotFound] = {}
        self._referrers: dict[tuple[str, str], tuple[Referrer, ...]] = {}

    def manifest(self, path: str, reference: str) -> Manifest:
        if ":" in reference:  # a digest, which the registry's own reader keeps for longer
            return self._registry.manifest(path, reference)
        key = path, reference
        if key not in self._tags:
            try:
                self._tags[key] = self._registry.manifest(path, reference)
            except NotFound as error:
                self._tags[key] = error
        found = self._tags[key]
        if isinstance(found, NotFound):
            raise found.with_traceback(None)
        return found

    def blob(self, path: str, digest: str, most: int) -> bytes:
        return self._registry.blob(path, digest, most)

    def referrers(self, path: str, digest: str) -> tuple[Referrer, ...]:
        key = path, digest
        if key not in self._referrers:
            self._referrers[key] = self._registry.referrers(path, digest)
        return self._referrers[key]


class MetadataReader(Protocol):
    """A Notary server."""

    def current(self, gun: str, role: str, most: int) -> bytes: ...

    def by_hash(self, gun: str, role: str, sha256: str, most: int) -> bytes: ...

    def root_version(self, gun: str, version: int, most: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Readers:
    """`metadata` is None for roots that have no such server."""

    registry: RegistryReader
    metadata: MetadataReader | None = None
