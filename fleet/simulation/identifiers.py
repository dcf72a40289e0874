"""Names and times in the forms an engine gives them, the same on every run."""

# ruff: noqa: PLR2004 -- the numbers here are digits, seconds and days
from __future__ import annotations

import hashlib
from datetime import UTC, datetime

NEVER = "0001-01-01T00:00:00Z"
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def hex_id(*parts: str) -> str:
    """Sixty-four hex digits, as containers, networks, endpoints and layers are named."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def container_id(engine: str, name: str, generation: int = 0) -> str:
    """Of the container that was the `generation`-th to replace one of its name."""
    return hex_id(engine, "container", name, *([str(generation)] if generation else []))


def content_id(*parts: str) -> str:
    return f"sha256:{hex_id(*parts)}"


def swarm_id(*parts: str) -> str:
    """Twenty-five base-36 digits, as swarm objects are named."""
    number = int(hex_id("swarm", *parts), 16)
    digits = ""
    while len(digits) < 25:
        number, rest = divmod(number, 36)
        digits += _BASE36[rest]
    return digits


def engine_id(*parts: str) -> str:
    """Twelve groups of four, as old engines name themselves; new ones use a UUID, which nothing reads either."""
    number = int(hex_id("engine", *parts), 16)
    digits = ""
    while len(digits) < 48:
        number, rest = divmod(number, 32)
        digits += _BASE32[rest]
    return ":".join(digits[at : at + 4] for at in range(0, 48, 4))


def moment(epoch: float) -> str:
    """RFC 3339 with nanoseconds, as Go writes them."""
    whole, nanoseconds = divmod(round(epoch * 1_000_000) * 1000 + 7, 1_000_000_000)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"


def second(epoch: float) -> str:
    return f"{datetime.fromtimestamp(int(epoch), UTC):%Y-%m-%dT%H:%M:%SZ}"


def nanoseconds(seconds: float) -> int:
    return round(seconds * 1_000_000_000)


def spoken(seconds: float) -> str:
    """A duration as the engine's Status has it: `Less than a second`, `41 seconds`, `About an hour`, `3 weeks`."""
    whole = int(seconds)
    if whole < 60:
        return "Less than a second" if whole < 1 else "1 second" if whole == 1 else f"{whole} seconds"
    minutes, hours = whole // 60, int(seconds / 3600 + 0.5)
    if minutes < 60:
        return "About a minute" if minutes == 1 else f"{minutes} minutes"
    if hours < 48:
        return "About an hour" if hours == 1 else f"{hours} hours"
    days = hours // 24
    if days < 60:
        return f"{days} days" if days < 14 else f"{days // 7} weeks"
    return f"{days // 30} months" if days < 730 else f"{days // 365} years"
