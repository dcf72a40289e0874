"""What registries say that tags mean: good for seeing that a tag moved, and for nothing else."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fleet.inventory import TagMeaning
from fleet.models import RunningTag
from fleet.proving.keeping import done, in_vain, rewritten
from fleet.trust.ageing import is_too_old, spread
from fleet.trust.asking import verdict_of
from fleet.trust.errors import TrustError
from fleet.trust.names import ImageName

#: Until a tag is asked for again: it costs one request, which Docker Hub does not count.
TAG_INTERVAL: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Meant:
    """`digest` is what the registry says, None for no such tag; `same` whether that is the image that runs."""

    digest: str | None
    same: bool


def is_asked(name: ImageName, registries: Collection[str]) -> bool:
    """Whether there is a tag that could move, in a registry that may be asked. No trust root is needed for that."""
    return name.tag is not None and name.digest is None and name.registry in registries


def tags_of(
    asked: Collection[tuple[ImageName, str]], registries: Collection[str]
) -> Mapping[tuple[ImageName, str], TagMeaning]:
    """Of names each with an image's ID, those of which the registry may be asked; one query, none without any."""
    mine = {(str(name), image): name for name, image in asked if is_asked(name, registries)}
    if not mine:
        return {}
    names = {name for name, _ in mine}
    rows = {(row.name, row.image_id): row for row in RunningTag.objects.filter(name__in=names)}
    return {(name, image): _meaning(name, rows.get((text, image))) for (text, image), name in mine.items()}


def _meaning(name: ImageName, row: RunningTag | None) -> TagMeaning:
    if row is None:
        return TagMeaning(reference=str(name))
    return TagMeaning(reference=str(name), same=row.same, digest=row.digest, obstacle=row.obstacle)


def keep_tag(name: ImageName, image_id: str, meant: Meant | TrustError, now: datetime) -> RunningTag:
    """What was told last stands while nobody can be asked, for a day past its time."""

    def make(row: RunningTag | None) -> Mapping[str, object]:
        fields: dict[str, object] = {}
        if isinstance(meant, Meant):
            fields |= {"same": meant.same, "digest": meant.digest or "", "checked_at": now}
            fields |= done(now, now + spread(TAG_INTERVAL, key))
        else:
            fields |= in_vain(row, verdict_of(meant), key, now)
            if row is not None and row.checked_at is not None and is_too_old(row.checked_at, TAG_INTERVAL, now):
                fields |= {"same": None, "digest": ""}
        said = ["same", "digest"] if row is not None and row.same is not None else ["same", "digest", "obstacle"]
        turned = row is None or row.untold or any(getattr(row, n) != fields.get(n, getattr(row, n)) for n in said)
        return {**fields, "untold": turned}

    key = f"{name} {image_id}"
    return rewritten(RunningTag, make, name=str(name), image_id=image_id)
