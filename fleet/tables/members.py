"""Reading the containers of one service together: its family of datastore, and the volumes that hold its data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from fleet.inventory.container import ContainerFacts, Mount
from fleet.inventory.image import ImageFacts
from fleet.tables.keeping import datastore_of, image_name_of
from fleet.tables.shapes import Datastores, StatefulImage


class HasFacts(Protocol):
    """A container with the image it runs."""

    @property
    def facts(self) -> ContainerFacts: ...
    @property
    def image(self) -> ImageFacts | None: ...


def family_of(members: Iterable[HasFacts], table: Datastores) -> StatefulImage | None:
    """What replicates by itself among them; None for a service whose image does not."""
    for member in members:
        reference = image_name_of(member.facts, member.image)
        known = table.known(reference) if reference else None
        if known and known.replicates:
            return known
    return None


def data_volumes(container: ContainerFacts, image: ImageFacts | None, table: Datastores) -> tuple[Mount, ...]:
    """Volumes that a datastore writes to; empty for a container that keeps no data."""
    if datastore_of(container, image, table) is None:
        return ()
    return tuple(mount for mount in container.mounts or () if mount.kind == "volume" and mount.writable is not False)
