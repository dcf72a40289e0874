"""Which containers and images of a host can have to be judged anew, when it is known what of it changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from fleet.assessment.proven import ProvenOf
from fleet.assessment.subjects import Things
from fleet.models import Container, Image
from fleet.readiness.vocabulary import Scope

#: Keys of all that was written or went, by kind of subject.
Changed = Mapping[str, Collection[int]]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Those whose digests have to be made to know whether they are judged by them; the others stay as they are."""

    containers: Sequence[Container]
    images: Sequence[Image]

    @classmethod
    def all_of(cls, containers: Sequence[Container], things: Things) -> Self:
        used = {row.image_id for row in containers}
        return cls(containers, [row for row in things.images if row.pk in used])

    @classmethod
    def of(cls, containers: Sequence[Container], things: Things, changed: Changed, proven: ProvenOf) -> Self:
        """Of a host on which only this `changed` and no time is up.

        Besides that: what was never judged, what has something that changed, what leans on other containers, and what
        is proven, or stopped being, of an image without anything on the host changing.
        """
        whole = cls.all_of(containers, things)
        there, images = changed[Scope.CONTAINER.value], changed[Scope.IMAGE.value]
        volumes = changed[Scope.VOLUME.value]
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
        )
