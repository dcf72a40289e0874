"""Facts to plain data and back, for storing them; unknown keys are ignored, missing ones are None."""

from __future__ import annotations

import hashlib
import json
from typing import Any, TypeVar, cast

import msgspec

F = TypeVar("F")


def to_plain(facts: Any) -> dict[str, Any]:
    """JSON-ready data of a facts dataclass; times as ISO 8601, fields that are None left out."""
    plain = cast("dict[str, Any]", msgspec.to_builtins(facts))
    return {key: value for key, value in plain.items() if value is not None}


def from_plain(kind: type[F], data: Any) -> F:
    """The facts again. Raises msgspec.ValidationError when the data was not made by `to_plain`."""
    return msgspec.convert(data, kind, strict=False)


def from_text(kind: type[F], text: str) -> F:
    """As `from_plain`, of plain data as the database has them. What only Python's own reader takes is left to that."""
    try:
        return msgspec.json.decode(text, type=kind, strict=False)
    except ValueError:
        return from_plain(kind, json.loads(text))


def fingerprint(*plain: Any) -> str:
    """Sixteen hex digits that are equal exactly when the plain data is, whatever the order of keys."""
    digest = hashlib.sha256()
    for part in plain:
        digest.update(msgspec.json.encode(part, order="deterministic"))
    return digest.hexdigest()[:16]
