"""Looking at what the fleet runs: each image under each name once, whoever and however many run it."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import Max, Min, QuerySet

from fleet.models import Container, Image, ImageStatements, RunningTag, TrustResult
from fleet.proving.grounds import grounds
from fleet.proving.prover import Prover
from fleet.proving.results import due_of
from fleet.proving.roots import InForce, closest
from fleet.proving.stated import may_be_asked, versions_of
from fleet.proving.tags import is_asked
from fleet.trust.ageing import SKEW
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
    """An image that runs under a name for which roots speak, or whose registry may be asked: then what lies beside it
    is looked for, and it is `tagged` where its tag is asked for. `images` are keys of rows that tell its digests.
    """

    name: ImageName
    reference: str
    image_id: str
    images: tuple[int, ...]
    roots: tuple[InForce, ...]
    tagged: bool = False
    askable: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """`looked` at in this run, how many of those nobody could be asked about, and how many are `left` for the next."""

    looked: int
    unreachable: int
    left: int


@dataclass(frozen=True, slots=True)
class Due:
    """What of it is due: its `proof`, what its `tag` means, what lies `beside` it, or several."""

    one: Running
    proof: bool
    tag: bool
    beside: bool


def running(roots: Sequence[InForce], registries: Collection[str] = ()) -> Iterator[Running]:
    """What containers that are there run, as far as a root speaks for it or it is in one of these registries. Names
    that no registry could hold are left out; no network is asked anything.
    """
    if not roots and not registries:
        return
    present = Container.objects.present().order_by()
    spoken_for: dict[str, tuple[ImageName, tuple[InForce, ...]]] = {}
    for reference in present.values_list("image_reference", flat=True).distinct().iterator():
        try:
            name = parse(reference)
        except Refused:
            continue
        if name is None:
            continue
        speaking = closest(roots, name.repository)
        if speaking or may_be_asked(name, registries):
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
            askable, tagged = may_be_asked(name, registries), is_asked(name, registries)
            yield Running(name, reference, image_id, tuple(dict.fromkeys((first, last))), speaking, tagged, askable)


def look_at_due(
    now: datetime, *, clock: Callable[[], datetime], longest: timedelta = LONGEST, make: type[Prover] = Prover
) -> Looked:
    """Verifies what was never looked at under the roots in force, and what is due again, asks what tags mean, and looks
    what lies beside images; the longest due first, all of a repository together, and for `longest` at most. `clock`
    tells the time as it goes on.
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
            if silent[server] >= SILENCES:
                continue
            left_over = _still_due(wanted, moment)
            if left_over is None:
                continue
            answered = look(prover, left_over, moment, again=True)
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
    dues = _dues(results, now, "version", "name", "image_id")
    tags = _dues(RunningTag.objects.all(), now, "name", "image_id")
    stated = _dues(ImageStatements.objects.all(), now, "name", "image_id", "versions")
    since: dict[str, datetime] = {}
    found = []
    for one in all_of:
        key = str(one.name), one.image_id
        beside = stated.get((*key, versions_of(one.roots)), _NEVER) if one.askable else _LATER
        proof = min((dues.get((by.version_id, *key), _NEVER) for by in one.roots), default=_LATER)
        tag = tags.get(key, _NEVER) if one.tagged else _LATER
        if (own := min(proof, tag, beside)) <= now:
            found.append(Due(one, proof <= now, tag <= now, beside <= now))
            since[one.name.repository] = min(own, since.get(one.name.repository, own))
    return sorted(found, key=lambda due: (since[due.one.name.repository], *_order(due.one)))


def _dues(rows: QuerySet[Any], now: datetime, *key: str) -> dict[tuple[Any, ...], datetime]:
    found = rows.order_by().values_list(*key, "due_at", "asked_at")
    return {tuple(one): due_of(due_at, asked_at, now) for *one, due_at, asked_at in found.iterator()}


def _order(one: Running) -> tuple[bytes, str, str]:
    return _mixed(one.name.repository), str(one.name), one.image_id


def _mixed(text: str) -> bytes:
    """So that one registry is not asked about everything at once while others wait."""
    return hashlib.sha256(text.encode()).digest()


def _still_due(due: Due, now: datetime) -> Due | None:
    """What nobody else looked at since this run began."""
    one, name = due.one, str(due.one.name)
    versions = [by.version_id for by in one.roots]
    proof, tag, beside = due.proof, due.tag, due.beside
    mine = {"name": name, "image_id": one.image_id, "due_at__gt": now, "asked_at__lte": now + SKEW}
    if proof:
        proof = TrustResult.objects.filter(version__in=versions, **mine).count() < len(versions)
    if tag:
        tag = not RunningTag.objects.filter(**mine).exists()
    if beside:
        beside = not ImageStatements.objects.filter(versions=versions_of(one.roots), **mine).exists()
    return Due(one, proof, tag, beside) if proof or tag or beside else None


def look(prover: Prover, due: Due, now: datetime, *, again: bool) -> bool:
    """Asks, whether or not it is due; whether anybody answered. `again` as for Prover.verify."""
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
        return True
    answered = True
    if due.proof:
        answered = prover.verify(subject, now, again=again).verdict.state is not State.UNREACHABLE
    if due.tag:
        prover.look_at_tag(subject, now)
        answered = answered and not prover.met_silence
    if due.beside:
        prover.look_beside(subject, now, asks=answered, whole=not again)
        answered = answered and not prover.met_silence
    return answered
