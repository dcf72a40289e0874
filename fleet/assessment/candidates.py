"""What of a host can have to be judged anew, when it is known what of it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from fleet.assessment.proven import ProvenOf
from fleet.assessment.subjects import Things
from fleet.models import Container, Image, Network, Volume
from fleet.readiness.vocabulary import Scope
from fleet.recording import Moved


@dataclass(frozen=True, slots=True)
class Candidates:
    """Those whose digests have to be made to know whether they are judged by them; the others stay as they are."""

    containers: Sequence[Container]
    images: Sequence[Image]
    networks: Sequence[Network]
    volumes: Sequence[Volume]

    @classmethod
    def all_of(cls, containers: Sequence[Container], things: Things) -> Self:
        used = {row.image_id for row in containers}
        return cls(containers, [row for row in things.images if row.pk in used], things.networks, things.volumes)

    @classmethod
    def of(cls, containers: Sequence[Container], things: Things, moved: Moved, proven: ProvenOf) -> Self:
        """Of a host on which only this `moved` and no time is up.

        Besides that: what was never judged, what has something that changed or is beside it, what leans on other
        containers, and what is proven, or stopped being, of an image without anything on the host changing.
        """
        whole, keys, beside = cls.all_of(containers, things), moved.keys, moved.beside
        there, images, networks, volumes = (
            keys[kind.value] for kind in (Scope.CONTAINER, Scope.IMAGE, Scope.NETWORK, Scope.VOLUME)
        )
        names = {row.name for row in things.volumes if row.pk in volumes}
        went = len(names) < len(volumes)  # the row that knows its name is not there any more

        def hangs_on_one(row: Container) -> bool:
            mounted = row.neighbour.volume_names
            return (went and bool(mounted)) or (bool(names) and not names.isdisjoint(mounted))

        return cls(
            [
                row
                for row in containers
                if row.pk in there
                or not row.judged_key
                or row.image_id in images
                or row.image_id in proven
                or row.neighbour.leans_on_others
                or hangs_on_one(row)
            ],
            [row for row in whole.images if row.pk in images or not row.judged_key or row.pk in proven],
            [
                row
                for row in things.networks
                if row.pk in networks or not row.judged_key or row.name in beside or row.engine_id in beside
            ],
            [row for row in things.volumes if row.pk in volumes or not row.judged_key or row.name in beside],
        )
