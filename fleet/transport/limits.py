"""How long and how much one host may cost, however it behaves."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from fleet.transport.errors import Timeout, TooLarge

# A status line and headers of an engine take less than 1 KiB; one hundred long ones are an attack.
_HEAD_BYTES = 128 * 1024
# What chunk sizes and TLS add to a reply of the largest size that is let through.
_FRAMING_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Hard limits, in seconds and bytes: they hold against a peer that drips one byte at a time."""

    request_seconds: float = 10.0
    sweep_seconds: float = 45.0
    connect_seconds: float = 5.0
    reply_bytes: int = 32 * 1024 * 1024
    json_depth: int = 64


@dataclass(slots=True)
class Allowance:
    """What one request may still use. Every wait and every received byte goes through it.

    A socket's own time-out starts anew with each byte, so a dripping peer never meets it; this one does not.
    """

    address: str
    limits: Limits
    sweep_ends: float
    what: str = ""
    seconds: float = 0.0
    received: int = 0
    _started: float = field(default_factory=time.monotonic)
    _ends: float = 0.0
    _room: int = _HEAD_BYTES
    _in_body: bool = False

    def __post_init__(self) -> None:
        self.seconds = self.seconds or self.limits.request_seconds
        self._ends = min(self._started + self.seconds, self.sweep_ends)

    @property
    def left(self) -> float:
        """Seconds that may still be waited; raises instead of returning none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise self.exhausted()
        return left

    def spend(self, count: int) -> None:
        """Account for received bytes; raises once they are more than the reply may have."""
        self._room -= count
        self.received += count
        if self._room < 0:
            raise self.overflow()

    def enter_body(self) -> None:
        """The headers are complete: from here on the limit is that of the reply."""
        self._in_body = True
        self._room = self.limits.reply_bytes + _FRAMING_BYTES

    def exhausted(self) -> Timeout:
        waited = max(self._ends - self._started, 0.0)
        if self._ends < self._started + self.seconds:
            return Timeout(
                f"{self.address} used up the {self.limits.sweep_seconds:g} s that a sweep may take: {self.what} was "
                f"given up after {waited:.3g} s. See whether the engine or the way to it is overloaded."
            )
        return Timeout(
            f"{self.address} did not finish {self.what} within {waited:.3g} s. "
            f"See whether the engine hangs (run `docker info` on it) or a firewall drops the packets."
        )

    def overflow(self) -> TooLarge:
        if not self._in_body:
            return TooLarge(
                f"{self.address} sent more than {_HEAD_BYTES // 1024} KiB of headers for {self.what}, "
                f"which no engine does. See what listens there."
            )
        return TooLarge(
            f"{self.address} sent more than the {_mebibytes(self.limits.reply_bytes)} that a reply to {self.what} "
            f"may have. See what listens there, or whether the engine keeps an absurd number of objects."
        )


def _mebibytes(count: int) -> str:
    return f"{count / 1048576:.3g} MiB"
