"""Forgetting on purpose what was seen of a repository's signed tags: an admin's last resort, never done silently."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from fleet.audit import note_changes
from fleet.models import TrustMemory, TrustResult
from fleet.proving.errors import ProvingError
from fleet.proving.roots import locked_root
from fleet.trust.keys import is_private
from fleet.trust.tuf.memory import Memory

_LONGEST: Final = 500
#: What whoever forgets gives up.
LOSES: Final = (
    "Until the next refresh nothing keeps a server from showing an older set of signed tags as the newest one. After "
    "that it is remembered anew, from whatever was shown then."
)


def forget_memory(root_name: str, repository: str, *, reason: str, now: datetime) -> str:
    """Drops what is remembered of the repository under the root, and has what runs of it looked at again.

    What went, in words, which is also what the audit trail has. Raises ProvingError.
    """
    why = " ".join(reason.split())
    if not 1 <= len(why) <= _LONGEST or not why.isprintable() or is_private(why):
        raise ProvingError(
            f"Say in a sentence of at most {_LONGEST} characters why it has to be forgotten; the audit trail keeps it.",
            "reason",
        )
    with transaction.atomic():
        root = locked_root(root_name)
        kept = TrustMemory.objects.select_for_update().filter(root=root, repository=repository).first()
        if kept is None:
            raise ProvingError(f"Nothing is remembered of {repository[:80]} under {root.name}.", "repository")
        went = in_words(Memory.from_plain(kept.document))
        kept.delete()
        results = TrustResult.objects.filter(version__root=root, repository=repository)
        results.update(due_at=now)
        note_changes(root, {f"memory of {repository}": (went, f"forgotten: {why}")})
    return went


def in_words(memory: Memory) -> str:
    """`root 2, targets 7, timestamp 31; 12 tags`."""
    roles = ", ".join(f"{name} {one.version}" for name, one in sorted(memory.roles.items()))
    number = len(memory.targets)
    return f"{roles}; {number} tag{'' if number == 1 else 's'}"
