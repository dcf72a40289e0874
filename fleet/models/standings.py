"""Standings, which rows store as plain data: put there, and read again."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
from django.db import models

from fleet.readiness.standing import Standing


@lru_cache(maxsize=20_000)
def _plain(standing: Standing) -> dict[str, Any]:
    """Containers mostly stand alike, so they share what is stored of it."""
    return standing.to_plain()


def keep(row: models.Model, name: str, standing: Standing) -> None:
    """Sets the field; what it holds is shared with other rows and never changed in place."""
    setattr(row, name, _plain(standing))


def read(row: models.Model, name: str) -> Standing:
    """The field's standing."""
    return _read(msgspec.json.encode(getattr(row, name)))


def read_text(text: str) -> Standing:
    """The standing that a column holds, from its text."""
    return _read(text.encode())


@lru_cache(maxsize=20_000)
def _read(text: bytes) -> Standing:
    """Rows mostly stand alike: writing a standing down to compare it is a tenth of making one."""
    return Standing.from_plain(msgspec.json.decode(text))
