"""Looking at what the fleet runs: each image under each name once, whoever and however many run it."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Max, Min

from fleet.models import Container, Image, RunningTag, TrustResult
from fleet.proving.grounds import grounds
from fleet.proving.prover import Prover
from fleet.proving.roots import InForce, closest
from fleet.proving.tags import is_asked
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
_LATER: Final = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Running:
    """An image that runs under a name for which roots speak, or whose tag is asked for; `images` are keys of rows that
    tell its digests.
    """

    name: ImageName
    reference: str
    image_id: str
    images: tuple[int, ...]
    roots: tuple[InForce, ...]
    tagged: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """`looked` at in this run, how many of those nobody could be asked about, and how many are `left` for the next."""

    looked: int
    unreachable: int
    left: int


@dataclass(frozen=True, slots=True)
class Due:
    """What of it is due: its `proof`, what its `tag` means, or both."""

    one: Running
    proof: bool
    tag: bool


def running(roots: Sequence[InForce], registries: Collection[str] = ()) -> Iterator[Running]:
    """What containers that are there run, as far as a root speaks for it or its tag can be asked for in one of these
    registries. Names that no registry could hold are left out; no network is asked anything.
    """
    if not roots and not registries:
        return
    present = Container.objects.present().order_by()
    spoken_for: dict[str, tuple[ImageName, tuple[InForce, ...], bool]] = {}
    for reference in present.values_list("image_reference", flat=True).distinct().iterator():
        try:
            name = parse(reference)
        except Refused:
            continue
        if name is None:
            continue
        speaking, tagged = closest(roots, name.repository), is_asked(name, registries)
        if speaking or tagged:
            spoken_for[reference] = name, speaking, tagged
    some = present.filter(image__isnull=False)
    if len(spoken_for) <= _FEW:  # else it is quicker to read all once than to look up each
        some = some.filter(image_reference__in=sorted(spoken_for))
    # Two hosts' word for it: one of them may have loaded from a file what the other pulled.
    grouped = some.values_list("image_reference", "image__engine_id").annotate(
        first=Min("image_id"), last=Max("image_id")
    )
    for reference, image_id, first, last in grouped.iterator():
        if reference in spoken_for:
            name, speaking, tagged = spoken_for[reference]
            yield Running(name, reference, image_id, tuple(dict.fromkeys((first, last))), speaking, tagged)


def look_at_due(
    now: datetime, *, clock: Callable[[], datetime], longest: timedelta = LONGEST, make: type[Prover] = Prover
) -> Looked:
    """Verifies what was never looked at under the roots in force, and what is due again, and asks what tags mean; the
    longest due first, all of a repository together, and for `longest` at most. `clock` tells the time as it goes on.
    """
    registered = grounds()
    due = _due(list(running(registered.roots, registered.registries)), now)
    looked = unreachable = 0
    silent: Counter[tuple[str, ...]] = Counter()
    with make(now) as prover:
        for wanted in due:
            moment, one = clock(), wanted.one
            if moment - now >= longest:
                break
            server = (one.name.registry, *(by.root.name for by in one.roots))
            left_over = _still_due(wanted, moment)
            if silent[server] >= SILENCES or left_over is None:
                continue
            answered = look(prover, left_over, moment, again=True) is not State.UNREACHABLE
            looked += 1
            unreachable += not answered
            silent[server] = 0 if answered else silent[server] + 1
    left = len(due) - looked
    if looked or left:
        _log.info("looked at %d of %d images that were due, %d could not be asked about", looked, len(due), unreachable)
    return Looked(looked, unreachable, left)


def _due(all_of: Iterable[Running], now: datetime) -> list[Due]:
    """By the repository that waits longest; those that wait alike in an order that says nothing of their names."""
    results = TrustResult.objects.filter(version__root__enabled=True)
    dues = {row[:3]: row[3] for row in results.values_list("version", "name", "image_id", "due_at").iterator()}
    tags = {row[:2]: row[2] for row in RunningTag.objects.values_list("name", "image_id", "due_at").iterator()}
    since: dict[str, datetime] = {}
    found = []
    for one in all_of:
        key = str(one.name), one.image_id
        proof = min((dues.get((by.version_id, *key), _NEVER) for by in one.roots), default=_LATER)
        tag = tags.get(key, _NEVER) if one.tagged else _LATER
        if (own := min(proof, tag)) <= now:
            found.append(Due(one, proof <= now, tag <= now))
            since[one.name.repository] = min(own, since.get(one.name.repository, own))
    return sorted(found, key=lambda due: (since[due.one.name.repository], *_order(due.one)))


def _order(one: Running) -> tuple[bytes, str, str]:
    return _mixed(one.name.repository), str(one.name), one.image_id


def _mixed(text: str) -> bytes:
    """So that one registry is not asked about everything at once while others wait."""
    return hashlib.sha256(text.encode()).digest()


def _still_due(due: Due, now: datetime) -> Due | None:
    """What nobody else looked at since this run began."""
    one, name = due.one, str(due.one.name)
    versions = [by.version_id for by in one.roots]
    proof, tag = due.proof, due.tag
    if proof:
        kept = TrustResult.objects.filter(version__in=versions, name=name, image_id=one.image_id, due_at__gt=now)
        proof = kept.count() < len(versions)
    if tag:
        tag = not RunningTag.objects.filter(name=name, image_id=one.image_id, due_at__gt=now).exists()
    return Due(one, proof, tag) if proof or tag else None


def look(prover: Prover, due: Due, now: datetime, *, again: bool) -> State:
    """Asks, due or not; `again` as of Prover.verify. UNREACHABLE where somebody who was asked did not answer."""
    one = due.one
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
    state = prover.verify(subject, now, again=again).verdict.state if due.proof else State.NO_POLICY
    if due.tag and prover.look_at_tag(subject, now).obstacle:
        return State.UNREACHABLE
    return state
