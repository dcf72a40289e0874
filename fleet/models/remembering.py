"""Facts that this process has read before, by the digest that says all of them.

A host has dozens of images, networks and volumes, and whoever judges a container there looks at all of them; a service
stands on many hosts, and whoever adds it up asks what each engine is. Hardly anything of that is ever new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

from django.db import models

from fleet.inventory import HostFacts, ImageFacts, NetworkFacts, VolumeFacts
from fleet.inventory.host import FLAPPING
from fleet.inventory.plain import from_plain
from fleet.memory import keep
from fleet.models.host import Host
from fleet.models.image import Image
from fleet.models.network import Network
from fleet.models.volume import Volume

F = TypeVar("F", ImageFacts, NetworkFacts, VolumeFacts)
Thing = Image | Network | Volume

#: Facts that a process remembers; most are a kilobyte or two. A thousand hosts have 46,000 different ones, and sweeps
#: come by all of them: with room for fewer they are forgotten before they are asked for again.
_MOST: Final = 100_000
#: Digits of a digest of facts; whatever else stands in its place says nothing of them.
_DIGITS: Final = 16
_KINDS: Final[dict[type[Any], type[Any]]] = {Image: ImageFacts, Network: NetworkFacts, Volume: VolumeFacts}

#: By the model and the digest, or for a host its key and the digest.
_known: dict[tuple[Any, ...], Any] = {}


def recall(rows: Sequence[Thing]) -> None:
    """Gives facts to those of one kind that were read without; one query at most, for those that nobody remembers."""
    lacking: dict[int, Thing] = {}
    for row in rows:
        if "facts" in row.__dict__ or "_read" in row.__dict__:
            continue
        facts = _known.get((type(row), row.facts_hash))
        if facts is None:
            lacking[row.pk] = row
        else:
            row.know_facts(facts)
    if lacking:
        for pk, facts in _read(type(rows[0]), lacking):
            lacking[pk].know_facts(facts)


def with_facts(rows: models.QuerySet[Any], kind: type[F], *names: str) -> Iterator[tuple[F, tuple[Any, ...]]]:
    """The facts of these rows, each with its columns of these names; two queries at most."""
    model = rows.model
    found = []
    for pk, digest, *told in rows.order_by().values_list("pk", "facts_hash", *names):
        found.append((pk, _known.get((model, digest)), tuple(told)))
    lacking = [pk for pk, facts, _ in found if facts is None]
    read = dict(_read(model, lacking)) if lacking else {}
    for pk, facts, told_of in found:
        known = facts if facts is not None else read.get(pk)
        if isinstance(known, kind):  # else it was deleted meanwhile
            yield known, told_of


def engines_of(hosts: Collection[int]) -> dict[int, tuple[str, HostFacts]]:
    """By the host's key, its name and what its engine says of itself but for what moves by itself; two queries at most.
    A host that has not answered yet is left out.
    """
    found: dict[int, tuple[str, HostFacts]] = {}
    lacking: dict[int, str] = {}
    rows = Host.objects.filter(pk__in=hosts).order_by()
    for pk, name, digest in rows.values_list("pk", "name", "judged_on__engine"):
        facts = _known.get((Host, pk, digest)) if digest else None
        if facts is None:
            lacking[pk] = name
        else:
            found[pk] = name, facts
    if lacking:
        told = Host.objects.filter(pk__in=lacking, facts__has_key="kind").order_by()
        for pk, digest, plain in told.values_list("pk", "judged_on__engine", "facts"):
            facts = from_plain(HostFacts, {name: value for name, value in plain.items() if name not in FLAPPING})
            found[pk] = lacking[pk], facts
            if digest:
                keep(_known, (Host, pk, digest), facts, most=_MOST)
    return found


def _read(model: type[Any], keys: Iterable[int]) -> Iterator[tuple[int, Any]]:
    """The digest comes in the same statement: what a row says may change between two."""
    rows = model._default_manager.filter(pk__in=list(keys)).order_by()  # noqa: SLF001 - the name that all models share
    for pk, digest, plain in rows.values_list("pk", "facts_hash", "facts"):
        facts = from_plain(_KINDS[model], plain)
        if len(digest) == _DIGITS:
            keep(_known, (model, digest), facts, most=_MOST)
        yield pk, facts
