"""Standings, which rows store as plain data: put there, and read again.

Rows mostly stand alike: of four thousand containers of a fleet, sixteen kinds. So what a row holds is shared, and
whoever reads many of them reads digests, and of each digest one standing that nobody remembers yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
from django.db import models
from django.db.models import TextField
from django.db.models.functions import Cast

from fleet.inventory.plain import fingerprint
from fleet.memory import keep as keep_known
from fleet.readiness.standing import Standing

#: Standings that a process remembers by their digests; most are a kilobyte or two.
_MOST: Final = 20_000
_known: dict[str, Standing] = {}


@lru_cache(maxsize=_MOST)
def _plain(standing: Standing) -> tuple[dict[str, Any], str]:
    """With its digest. Containers mostly stand alike, so they share what is stored of it."""
    plain = standing.to_plain()
    return plain, fingerprint(plain)


def keep(row: models.Model, name: str, standing: Standing) -> str:
    """Sets the field, and returns the digest of what it holds: that is shared with other rows and never changed in
    place.
    """
    plain, digest = _plain(standing)
    setattr(row, name, plain)
    return digest


def read(row: models.Model, name: str) -> Standing:
    """The field's standing."""
    if name not in row.__dict__:
        known: Standing | None = row.__dict__.get(f"_{name}")
        if known is not None:
            return known
    return of(getattr(row, name))


def of(plain: Any) -> Standing:
    """The standing that a field holds as plain data."""
    return _read(msgspec.json.encode(plain))


def recall(rows: Sequence[models.Model]) -> None:
    """Gives their standings to rows of one model that were read without, though with `standing_hash`; one query at
    most, for those that nobody remembers.
    """
    lacking: dict[str | int, list[models.Model]] = {}
    for row in rows:
        digest: str = row.__dict__["standing_hash"]
        if (known := _known.get(digest)) is not None:
            row.__dict__["_standing"] = known
        else:
            lacking.setdefault(digest or row.pk, []).append(row)
    if not lacking:
        return
    read = _asked(type(rows[0]), [alike[0].pk for alike in lacking.values()])
    for alike in lacking.values():
        if (told := read.get(alike[0].pk)) is not None:
            # What one says may change between two statements: those alike that it no more speaks for read their own.
            spoken_for = alike if told[0] == alike[0].__dict__["standing_hash"] else alike[:1]
            for row in spoken_for:
                row.__dict__["_standing"] = told[1]


def _asked(model: type[models.Model], keys: Sequence[int]) -> dict[int, tuple[str, Standing]]:
    """By key, the digest and the standing, which come in one statement."""
    rows = model._default_manager.filter(pk__in=keys).order_by()  # noqa: SLF001 - the name that all models share
    told = rows.annotate(text=Cast("standing", TextField())).values_list("pk", "standing_hash", "text")
    found = {pk: (digest, read_text(text)) for pk, digest, text in told}
    for digest, standing in found.values():
        if digest:
            keep_known(_known, digest, standing, most=_MOST)
    return found


def read_text(text: str) -> Standing:
    """The standing that a column holds, from its text."""
    return _read(text.encode())


@lru_cache(maxsize=_MOST)
def _read(text: bytes) -> Standing:
    """Rows mostly stand alike: writing a standing down to compare it is a tenth of making one."""
    return Standing.from_plain(msgspec.json.decode(text))
