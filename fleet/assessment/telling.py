"""Those who rest on what was proven are told when it turned: their hosts are judged again, and Changes has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet

from fleet.assessment.flips import TrustTurn, note_trust
from fleet.models import Container, Host, ImageStatements, RunningTag, TrustResult
from fleet.proving import Grounds, Shown, grounds, shown_all
from fleet.trust.errors import Refused
from fleet.trust.names import ImageName, parse
from fleet.trust.states import State

#: Results that are told in one transaction: finding who runs what reads the images of the fleet each time.
_AT_ONCE: Final = 1000
_Key = tuple[str, str]  # name as it is kept, and ID of the image


@dataclass
class _Users:
    """Who runs an image under a name."""

    hosts: set[int] = field(default_factory=set)
    services: set[int] = field(default_factory=set)


def tell_what_turned(now: datetime) -> int:
    """Has every host judged again, at its next sweep, that runs what something else is said of than those knew who rest
    on it, and notes what turned for its services; how many names of images that was. Whoever dies here leaves it
    untold, and the next one tells it.
    """
    return _tell_proofs(now) + _tell_others(RunningTag, now) + _tell_others(ImageStatements, now)


def _tell_proofs(now: datetime) -> int:
    by, told = grounds(), 0
    versions = [one.version_id for one in by.roots]
    mine = TrustResult.objects.filter(version__in=versions)
    # What could not be looked at again may have grown too old to be said, and nobody writes that down.
    waiting = mine.filter(Q(untold=True) | ~Q(obstacle="") & ~Q(told__in=("", State.UNREACHABLE.value)))
    for keys in _some(waiting):
        with transaction.atomic():
            rows = _locked(TrustResult.objects.filter(pk__in=keys).defer("chain", "warnings", "verified_before"))
            told += _tell(list(rows), by, now)
    return told


def _tell(rows: Sequence[TrustResult], by: Grounds, now: datetime) -> int:
    names = {row.name: name for row in rows if (name := _read(row.name)) is not None}
    said = shown_all({(names[row.name], row.image_id) for row in rows if row.name in names}, by.roots, now)
    news = {
        (row.name, row.image_id): said[names[row.name], row.image_id]
        for row in rows
        if row.name in names and (row.untold or said[names[row.name], row.image_id].state.value != row.told)
    }
    users = _users(news)
    note_trust(list(_turns(news, users)), now=now)
    _note_told(news, [one.version_id for one in by.roots])
    TrustResult.objects.filter(pk__in=[row.pk for row in rows]).update(untold=False)
    # At last, as sweeps wait for hosts that are held.
    _judge_again({host for key in news for host in users[key].hosts}, now)
    return len(news)


def _note_told(news: Mapping[_Key, Shown], versions: Sequence[int]) -> None:
    """On the results of every root that speaks for it: what was told is what all of them say together."""
    rows = TrustResult.objects.filter(version__in=versions, name__in={name for name, _ in news}).order_by()
    by_state: dict[str, list[int]] = defaultdict(list)
    for key, name, image in rows.values_list("pk", "name", "image_id"):
        if (shown := news.get((name, image))) is not None:
            by_state[shown.state.value].append(key)
    for state, keys in by_state.items():
        TrustResult.objects.filter(pk__in=keys).update(told=state)


def _turns(news: Mapping[_Key, Shown], users: Mapping[_Key, _Users]) -> Iterator[TrustTurn]:
    """Of what was known before by this name, under whichever root; what is found out first is no turn."""
    known: dict[_Key, str] = {}
    names = {name for name, _ in news}
    before = TrustResult.objects.filter(name__in=names).exclude(told="").order_by("asked_at", "pk")
    for name, image, told in before.values_list("name", "image_id", "told"):
        known[name, image] = told
    for key, shown in sorted(news.items()):
        was = known.get(key, "")
        if was and was != shown.state.value:
            for service in sorted(users[key].services):
                yield TrustTurn(service, key[0], was, shown.state.value, shown.sentence)


def _tell_others(kind: type[RunningTag | ImageStatements], now: datetime) -> int:
    """Of what turns no verdict of a publisher's: those who run it are judged again."""
    told, every = 0, kind._default_manager  # noqa: SLF001 - Django's documented model API
    for keys in _some(every.filter(untold=True)):
        with transaction.atomic():
            rows = list(_locked(every.filter(pk__in=keys, untold=True)))
            keys_told = {(row.name, row.image_id) for row in rows}
            users = _users(keys_told)
            told += every.filter(pk__in=[row.pk for row in rows]).update(untold=False)
            _judge_again({host for key in keys_told for host in users[key].hosts}, now)
    return told


def _some(waiting: QuerySet[Any]) -> Iterator[Sequence[int]]:
    keys = list(waiting.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def _locked(rows: QuerySet[Any]) -> QuerySet[Any]:
    """In the order in which everybody locks several. What another worker just tells is left to it."""
    return rows.order_by("pk").select_for_update(skip_locked=True, no_key=True)


def _users(keys: Collection[_Key]) -> dict[_Key, _Users]:
    """Who runs them, read once for all: most references are not the names that they are read as."""
    found: dict[_Key, _Users] = defaultdict(_Users)
    there = Container.objects.present().filter(image__engine_id__in={image for _, image in keys}).order_by()
    rows = there.values_list("image_reference", "image__engine_id", "host_id", "service_id").distinct()
    read: dict[str, str] = {}
    for reference, image, host, service in rows.iterator():
        if reference not in read:
            read[reference] = str(_read(reference) or "")
        found[read[reference], image].hosts.add(host)
        if service is not None:
            found[read[reference], image].services.add(service)
    return found


def _read(reference: str) -> ImageName | None:
    try:
        return parse(reference)
    except Refused:
        return None


def _judge_again(hosts: Collection[int], now: datetime) -> None:
    """A sweep that judged by what was known before and is not stored yet holds its hosts: it is waited for, whatever
    its hosts look like until then.
    """
    rows = Host.objects.filter(pk__in=hosts).order_by("pk").select_for_update(no_key=True)
    asleep = [pk for pk, again in rows.values_list("pk", "judge_again_at") if again is not None and again > now]
    Host.objects.filter(pk__in=asleep).update(judge_again_at=now)
