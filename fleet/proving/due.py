"""Looking at what the fleet runs: each image under each name once, whoever and however many run it."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Max, Min

from fleet.models import Container, Image, TrustResult
from fleet.proving.prover import Prover
from fleet.proving.roots import InForce, closest, in_force
from fleet.trust.errors import Refused
from fleet.trust.names import ImageName, parse
from fleet.trust.states import State
from fleet.trust.subject import subject_of

_log = logging.getLogger(__name__)
#: How long a run goes on; what is left has its turn at the next one. Short: what pages count waits for the same turn.
LONGEST: Final = timedelta(seconds=45)
#: In a row, after which a registry is left alone until the next run.
SILENCES: Final = 3
_FEW: Final = 200
_NEVER: Final = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Running:
    """An image that runs under a name for which roots speak; `images` are keys of rows that tell its digests."""

    name: ImageName
    reference: str
    image_id: str
    images: tuple[int, ...]
    roots: tuple[InForce, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """`looked` at in this run, how many of those nobody could be asked about, and how many are `left` for the next."""

    looked: int
    unreachable: int
    left: int


def running(roots: Sequence[InForce]) -> Iterator[Running]:
    """What containers that are there run, as far as a root speaks for it. Names that no registry could hold are left
    out; no network is asked anything.
    """
    if not roots:
        return
    present = Container.objects.present().order_by()
    spoken_for: dict[str, tuple[ImageName, tuple[InForce, ...]]] = {}
    for reference in present.values_list("image_reference", flat=True).distinct().iterator():
        try:
            name = parse(reference)
        except Refused:
            continue
        if name is not None and (speaking := closest(roots, name.repository)):
            spoken_for[reference] = name, speaking
    some = present.filter(image__isnull=False)
    if len(spoken_for) <= _FEW:  # else it is quicker to read all once than to look up each
        some = some.filter(image_reference__in=sorted(spoken_for))
    # Two hosts' word for it: one of them may have loaded from a file what the other pulled.
    grouped = some.values_list("image_reference", "image__engine_id").annotate(
        first=Min("image_id"), last=Max("image_id")
    )
    for reference, image_id, first, last in grouped.iterator():
        if reference in spoken_for:
            name, speaking = spoken_for[reference]
            yield Running(name, reference, image_id, tuple(dict.fromkeys((first, last))), speaking)


def look_at_due(
    now: datetime, *, clock: Callable[[], datetime], longest: timedelta = LONGEST, make: type[Prover] = Prover
) -> Looked:
    """Verifies what was never looked at under the roots in force, and what is due again; the longest due first, all of
    a repository together, and for `longest` at most. `clock` tells the time as it goes on.
    """
    due = _due(list(running(in_force())), now)
    looked = unreachable = 0
    silent: Counter[tuple[str, ...]] = Counter()
    with make(now) as prover:
        for one in due:
            moment = clock()
            if moment - now >= longest:
                break
            server = (one.name.registry, *(by.root.name for by in one.roots))
            if silent[server] >= SILENCES or not _is_still_due(one, moment):
                continue
            state = look(prover, one, moment)
            looked += 1
            unreachable += state is State.UNREACHABLE
            silent[server] = silent[server] + 1 if state is State.UNREACHABLE else 0
    left = len(due) - looked
    if looked or left:
        _log.info("looked at %d of %d images that were due, %d could not be asked about", looked, len(due), unreachable)
    return Looked(looked, unreachable, left)


def _due(all_of: Iterable[Running], now: datetime) -> list[Running]:
    """By the repository that waits longest; those that wait alike in an order that says nothing of their names."""
    dues = {
        (version, name, image_id): due_at
        for version, name, image_id, due_at in TrustResult.objects.filter(version__root__enabled=True)
        .values_list("version", "name", "image_id", "due_at")
        .iterator()
    }
    since: dict[str, datetime] = {}
    found = []
    for one in all_of:
        own = min(dues.get((by.version_id, str(one.name), one.image_id), _NEVER) for by in one.roots)
        if own <= now:
            found.append(one)
            since[one.name.repository] = min(own, since.get(one.name.repository, own))
    return sorted(
        found, key=lambda one: (since[one.name.repository], _mixed(one.name.repository), str(one.name), one.image_id)
    )


def _mixed(text: str) -> bytes:
    """So that one registry is not asked about everything at once while others wait."""
    return hashlib.sha256(text.encode()).digest()


def _is_still_due(one: Running, now: datetime) -> bool:
    """Whether nobody else looked at it since this run began."""
    versions = [by.version_id for by in one.roots]
    kept = TrustResult.objects.filter(version__in=versions, name=str(one.name), image_id=one.image_id, due_at__gt=now)
    return kept.count() < len(versions)


def look(prover: Prover, one: Running, now: datetime) -> State:
    """Asks, whether or not it is due."""
    facts = [row.read_facts() for row in Image.objects.filter(pk__in=one.images)]
    try:
        subject = subject_of(
            reference=one.reference,
            image_id=one.image_id,
            repo_digests=tuple(dict.fromkeys(digest for fact in facts for digest in fact.digests or ())),
            containerd=any(fact.containerd_store for fact in facts),
            architecture=next((fact.architecture for fact in facts if fact.architecture), ""),
        )
    except Refused:  # an ID that is none
        return State.NO_POLICY
    return prover.verify(subject, now).verdict.state
