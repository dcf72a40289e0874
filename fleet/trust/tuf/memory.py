"""What is remembered of a repository's metadata, so that nobody can show us an older state of it as the newest."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fleet.trust.names import is_tag


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

    def to_plain(self) -> dict[str, Any]:
        """As JSON keeps it; `from_plain` makes the same of it, without what no image could be called by."""
        return {
            "root": base64.b64encode(self.root).decode(),
            "pins": list(self.pins),
            "roles": {name: [one.version, one.sha256] for name, one in self.roles.items()},
            "targets": {tag: [one.digest, one.size, one.role] for tag, one in self.targets.items() if is_tag(tag)},
            "valid_until": self.valid_until.isoformat(),
            "roles_accepted": list(self.roles_accepted),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Memory:
        return cls(
            root=base64.b64decode(plain["root"]),
            pins=tuple(plain["pins"]),
            roles={name: Remembered(*one) for name, one in plain["roles"].items()},
            targets={tag: Target(*one) for tag, one in plain["targets"].items()},
            valid_until=datetime.fromisoformat(plain["valid_until"]),
            roles_accepted=tuple(plain["roles_accepted"]),
        )
