"""What is remembered of a repository's metadata, so that nobody can show us an older state of it as the newest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Target:
    """What a tag is signed for: `digest` of the manifest or index, `size` in bytes, and the `role` that signed it."""

    digest: str
    size: int
    role: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """Version and SHA-256 of the bytes of a role's document as they were last verified."""

    version: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Of one repository under one trust root. `root` are the bytes of the last root; `targets` tell by tag.

    `pins` are digests of the pinned keys that the chain to that root was verified by.
    """

    root: bytes
    pins: tuple[str, ...]
    roles: Mapping[str, Remembered]
    targets: Mapping[str, Target]
    valid_until: datetime
    roles_accepted: tuple[str, ...] = ()
