"""Standings, which rows store as plain data: put there, and read again."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import msgspec
from django.db import models

from fleet.readiness.standing import Standing

_KEPT: Final = "_kept_{}"


@lru_cache(maxsize=20_000)
def _alike(standing: Standing) -> tuple[dict[str, Any], Standing]:
    """Containers mostly stand alike, so they share what their standing is and what is stored of it."""
    return standing.to_plain(), standing


def keep(row: models.Model, name: str, standing: Standing) -> None:
    """Sets the field; what it holds is shared with other rows and never changed in place."""
    pair = _alike(standing)
    setattr(row, name, pair[0])
    row.__dict__[_KEPT.format(name)] = pair


def read(row: models.Model, name: str) -> Standing:
    """The field's standing: what was kept there, or what the database had."""
    plain = getattr(row, name)
    kept: tuple[dict[str, Any], Standing] | None = row.__dict__.get(_KEPT.format(name))
    return kept[1] if kept is not None and kept[0] is plain else _read(msgspec.json.encode(plain))


@lru_cache(maxsize=2_000)
def _read(text: bytes) -> Standing:
    """Rows of a service mostly stand alike: writing a standing down to compare it is a tenth of making one."""
    return Standing.from_plain(msgspec.json.decode(text))
