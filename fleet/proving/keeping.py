"""What outlasts a run: results, documents that never change, and what is remembered of signed repositories."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model

from fleet.models import TrustContent, TrustMemory
from fleet.trust.ageing import retry_after
from fleet.trust.states import Verdict
from fleet.trust.tuf.memory import Memory

#: Manifests and signatures are kilobytes; what is larger is read again.
LARGEST: Final = 32 * 1024
MOST: Final = 50_000
#: Of what is kept in words.
_LONGEST: Final = 500


Row = TypeVar("Row", bound=Model)


class Tried(Protocol):
    """A row that counts its failures."""

    failures: Any


def rewritten(rows: type[Row], make: Callable[[Row | None], Mapping[str, object]], **key: object) -> Row:
    """The row of that key with what `make` says of it: it is read under its lock, as whoever was asked took their time
    and somebody else may have written meanwhile. With nothing to write it stays as it is.
    """
    every = rows._default_manager  # noqa: SLF001 - Django's documented model API
    try:
        with transaction.atomic():
            row = every.select_for_update().filter(**key).first()
            fields = make(row)
            if row is None:
                return every.create(**key, **fields)
            for name, value in fields.items():
                setattr(row, name, value)
            if fields:
                row.save(update_fields=list(fields))
            return row
    except IntegrityError:
        if not every.filter(**key).exists():
            raise
    return rewritten(rows, make, **key)  # somebody else made it in this very moment


def in_vain(row: Tried | None, met: Verdict, key: str, now: datetime) -> dict[str, Any]:
    """What a try that came to nothing leaves on any row: why, how many there were, and when the next one is."""
    failures = (row.failures if row else 0) + 1
    due_at = retry_after(failures, key=key, asked=met.retry_after, now=now)
    return {"asked_at": now, "obstacle": clean(met.sentence), "failures": failures, "due_at": due_at}


def done(now: datetime, due_at: datetime) -> dict[str, Any]:
    """What a try that came to something leaves on any row."""
    return {"asked_at": now, "obstacle": "", "failures": 0, "due_at": due_at}


def clean(text: str) -> str:
    """What every database takes: strangers' documents may hold NUL, and halves of a pair of surrogates."""
    return text.replace("\0", "").encode(errors="replace").decode()[:_LONGEST]


class KeptContents:
    """fleet.trust.registry's Contents in the database. When it is full, nothing more is kept until retention has
    made room: a registry can be read again, a disk that ran full keeps everybody from working.
    """

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._has_room = TrustContent.objects.count() < MOST

    def get(self, digest: str) -> bytes | None:
        found = TrustContent.objects.filter(pk=digest).values_list("body", flat=True).first()
        return None if found is None else bytes(found)

    def put(self, digest: str, body: bytes) -> None:
        if self._has_room and len(body) <= LARGEST:
            row = TrustContent(digest=digest, body=body, kept_at=self._now)
            TrustContent.objects.bulk_create([row], ignore_conflicts=True)


@dataclass(frozen=True, slots=True)
class Held:
    """What is remembered of a repository under a root, and which revision of it that is; 0 for nothing yet."""

    memory: Memory | None
    revision: int


def held(root_id: int, repository: str) -> Held:
    row = TrustMemory.objects.filter(root=root_id, repository=repository).first()
    return Held(Memory.from_plain(row.document), row.revision) if row else Held(None, 0)


def store(root_id: int, repository: str, memory: Memory, *, after: Held, now: datetime) -> bool:
    """Stores what was verified on top of `after`, whole. False when somebody else stored meanwhile: what they proved
    may be newer, so the caller starts over from it. Nothing is locked while a server is waited for.
    """
    document = memory.to_plain()
    try:
        with transaction.atomic():
            if not after.revision:
                TrustMemory.objects.create(root_id=root_id, repository=repository, document=document, changed_at=now)
                return True
            mine = TrustMemory.objects.filter(root=root_id, repository=repository, revision=after.revision)
            changed = mine.update(document=document, revision=after.revision + 1, changed_at=now)
            return changed == 1
    except IntegrityError:
        return False
