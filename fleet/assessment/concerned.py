"""Which containers of a host can have another verdict than before."""

from __future__ import annotations

from collections.abc import Sequence

from fleet.assessment.subjects import SubjectRow
from fleet.models import Container
from fleet.readiness.vocabulary import Scope


def concerned(
    containers: Sequence[Container], rows: Sequence[SubjectRow], differing: Sequence[SubjectRow]
) -> list[Container]:
    """Those judged anew, `rows` among them, and those on a thing that other things are said of, `differing`.

    A container's key holds which things it has, so one that got or lost a thing is among those judged. What bears on
    every verdict alike, the policy's thresholds and endpoints that fell silent, has the whole host judged.
    """
    judged = {row.pk for row in rows if row.kind is Scope.CONTAINER}
    images = {row.pk for row in differing if row.kind is Scope.IMAGE}
    networks, volumes = (
        {key for row in differing if row.kind is kind for key in (row.name, row.engine_id)}
        for kind in (Scope.NETWORK, Scope.VOLUME)
    )

    def hangs_on_one(container: Container) -> bool:
        return (
            container.image_id in images
            or (bool(networks) and not networks.isdisjoint(container.neighbour.network_keys))
            or (bool(volumes) and not volumes.isdisjoint(container.neighbour.volume_names))
        )

    return [container for container in containers if container.pk in judged or hangs_on_one(container)]
