"""One volume on one host."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeFacts:
    """Facts of one volume. `options` has passwords and user names replaced."""

    name: str
    driver: str | None = None
    scope: str | None = None
    mountpoint: str | None = None
    options: dict[str, str] | None = None
    labels: dict[str, str] | None = None
    created_at: datetime | None = None
    secret_hints: tuple[str, ...] = ()  # option names whose value looked like a secret
