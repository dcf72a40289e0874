"""One volume on one host."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeFacts:
    """Facts of one volume. `options` has passwords and user names replaced.

    `size` is in bytes, of once a day and cut to five binary digits, so that facts do not change with every byte; None
    where the engine did not count it.
    """

    name: str
    driver: str | None = None
    scope: str | None = None
    mountpoint: str | None = None
    options: dict[str, str] | None = None
    labels: dict[str, str] | None = None
    created_at: datetime | None = None
    size: int | None = None
    secret_hints: tuple[str, ...] = ()  # option names whose value looked like a secret

    @property
    def bind_source(self) -> str | None:
        """The host path behind a local volume that is a bind mount in disguise (`-o o=bind -o device=/path`)."""
        options = self.options or {}
        words = {word.strip() for word in options.get("o", "").split(",")}
        return options.get("device") if self.driver == "local" and words & {"bind", "rbind"} else None
