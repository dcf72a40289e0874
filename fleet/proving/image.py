"""All that is known of one image under one name: what may be said now, what that rests on, and what was said before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Max, Min, OuterRef, QuerySet, Subquery

from fleet.models import Container, RunningTag, TrustResult
from fleet.models.container import ContainerQuerySet
from fleet.proving.due import Due, Running, look
from fleet.proving.grounds import grounds
from fleet.proving.prover import Prover
from fleet.proving.results import Shown, best, no_policy, say
from fleet.proving.roots import InForce, closest, in_force
from fleet.proving.stated import may_be_asked
from fleet.proving.surveying import NOT_LOOKED_AT, name_of
from fleet.proving.tags import is_asked
from fleet.trust.names import ImageName
from fleet.trust.states import State

_HUB: Final = "docker.io/"
_LIBRARY: Final = "library/"
_LATEST: Final = ":latest"
#: Results of older versions that are shown, however often a root was edited.
_MOST_BEFORE: Final = 50


@dataclass(frozen=True, slots=True)
class TagTold:
    """What a registry said at `checked_at` that a tag means; `digest` is empty for no such tag."""

    same: bool
    digest: str
    checked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """`said` is by each root that speaks for it and has looked; `before` are results that are not said any more, of
    older versions and of roots that speak no more, the newest first. `tag` is what the registry says that its tag
    means, where a root has looked: what was signed may have been left behind.
    """

    reference: str  # as it was asked for
    image_id: str
    name: ImageName | None
    speaking: tuple[InForce, ...]
    shown: Shown
    said: tuple[Shown, ...]
    before: tuple[TrustResult, ...]
    tag: TagTold | None = None

    @property
    def state(self) -> str:
        """That of `shown`; what nobody looked at yet is told apart from what could not be asked about."""
        return NOT_LOOKED_AT if self.speaking and not self.said else self.shown.state.value

    @property
    def called(self) -> str:
        """The whole name, or what it was started by."""
        return str(self.name or self.reference)

    @property
    def asked_at(self) -> datetime | None:
        """When it was last tried, by whichever root."""
        return max((one.result.asked_at for one in self.said if one.result), default=None)


def known(reference: str, image_id: str, now: datetime) -> Known:
    """Two queries."""
    name = name_of(reference)
    speaking = closest(in_force(), name.repository) if name else ()
    by_version = {one.version_id: one for one in speaking}
    rows: list[TrustResult] = []
    if name is not None:
        mine = TrustResult.objects.filter(name=str(name), image_id=image_id)
        kept = _with_tag(mine).order_by("-checked_at", "-pk")
        rows = list(kept.select_related("version__root").defer("version__document", "verified_before"))
    said = tuple(say(row, by_version[row.version_id], now) for row in rows if row.version_id in by_version)
    waiting = Shown(State.UNREACHABLE, "It has not been looked at yet.", fresh=False)
    return Known(
        reference=reference,
        image_id=image_id,
        name=name,
        speaking=speaking,
        shown=(best(said) or waiting) if speaking else no_policy(name.repository if name else None),
        said=said,
        tag=_tag_of(name, rows),
        before=tuple(row for row in rows if row.version_id not in by_version)[:_MOST_BEFORE],
    )


def _with_tag(rows: QuerySet[TrustResult]) -> QuerySet[Any]:
    """Beside each what its tag means in its registry: in the same query."""
    told = RunningTag.objects.filter(name=OuterRef("name"), image_id=OuterRef("image_id"), same__isnull=False)
    return rows.annotate(**{f"tag_{one}": Subquery(told.values(one)[:1]) for one in ("same", "digest", "checked_at")})


def _tag_of(name: ImageName | None, rows: Sequence[Any]) -> TagTold | None:
    """None where it was not asked for yet, or there is no tag that could move."""
    one = next(iter(rows), None)
    if name is None or name.tag is None or name.digest is not None or one is None or one.tag_same is None:
        return None
    return TagTold(one.tag_same, one.tag_digest, one.tag_checked_at)


def look_at_one(reference: str, image_id: str, now: datetime) -> bool:
    """Asks now, due or not, by what two hosts say of it, as the job does; whether anybody was there who answered."""
    name = name_of(reference)
    runs = running(reference, image_id).order_by().aggregate(first=Min("image"), last=Max("image"))
    images = tuple(dict.fromkeys(pk for pk in runs.values() if pk is not None))
    registered = grounds()
    speaking = closest(registered.roots, name.repository) if name else ()
    if name is None or not speaking:
        return False
    tag = is_asked(name, registered.registries)
    beside = may_be_asked(name, registered.registries)
    one = Running(name, reference, image_id, images, speaking)
    with Prover(now) as prover:
        return look(prover, Due(one, proof=True, tag=tag, beside=beside), now, again=False)


def running(reference: str, image_id: str) -> ContainerQuerySet:
    """The containers that are there of it, whichever way they write its name."""
    return Container.objects.present().filter(image_reference__in=spellings(reference), image__engine_id=image_id)


def spellings(reference: str) -> Sequence[str]:
    """All that means the same name: engines keep what somebody typed."""
    name = name_of(reference)
    if name is None:
        return [reference]
    whole = str(name)
    ways = {whole}
    if whole.endswith(_LATEST):
        ways.add(whole.removesuffix(_LATEST))
    for one in tuple(ways):
        short = one.removeprefix(_HUB)
        if short != one:
            ways |= {short, short.removeprefix(_LIBRARY), _HUB + short.removeprefix(_LIBRARY)}
    return sorted(way for way in ways if name_of(way) == name)
