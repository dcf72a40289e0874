"""Whose namespace a container is in: a mode such as PidMode may name another container's."""

from __future__ import annotations

from collections.abc import Iterable

from fleet.inventory.neighbour import Neighbour


def joined(mode: str, containers: Iterable[Neighbour]) -> Neighbour | None:
    """The container that `container:NAME` means; None for any other mode, and when it is not among them."""
    prefix, _, target = mode.partition(":")
    if prefix != "container" or not target:
        return None
    return next((one for one in containers if target in {one.id, one.name}), None)
