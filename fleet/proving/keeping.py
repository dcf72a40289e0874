"""What outlasts a run: documents that never change, and what is remembered of signed repositories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from fleet.models import TrustContent, TrustMemory
from fleet.trust.tuf.memory import Memory

#: Manifests and signatures are kilobytes; what is larger is read again.
LARGEST: Final = 32 * 1024
MOST: Final = 50_000


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
