"""Which code says where state is kept: an answer that is stored is worked out again by another."""

from __future__ import annotations

from fleet.own_code import version_of


def version() -> str:
    """Twelve hex digits that change with the code of this package."""
    return version_of(__file__)
