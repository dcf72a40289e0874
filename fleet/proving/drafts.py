"""A trust root before it is one: what was entered, for what it would speak, and taking it over as it was shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count

from fleet.models import Container, TrustDraft, TrustRoot, TrustRootVersion
from fleet.proving.errors import ProvingError
from fleet.proving.roots import edit_root, fitting, fitting_name, in_force, name_is_taken, register_root
from fleet.trust.coverage import Coverage, Running, Speaker, coverage
from fleet.trust.errors import Refused
from fleet.trust.names import parse
from fleet.trust.terms import Terms, read


def draft_root(
    name: str, terms: Terms, *, root: TrustRoot | None, author: User | None, author_name: str, now: datetime
) -> TrustDraft:
    """Keeps what was entered once it could be a version; nothing else of it is kept. Raises ProvingError."""
    last = root.versions.first() if root else None
    fine = fitting(terms, now=now, last=read(last.document) if last else None)
    wanted = root.name if root else fitting_name(name)
    if root is None and TrustRoot.objects.filter(name=wanted).exists():
        raise name_is_taken(wanted)
    if last is not None and last.sha256 == fine.sha256():
        raise ProvingError(f"That is what version {last.number} says already; nothing would change.")
    return TrustDraft.objects.create(
        root=root,
        name=wanted,
        based_on=last.number if last else 0,
        document=fine.document(),
        author=author,
        author_name=author_name,
        made_at=now,
        asked_at=now,
    )


def adopt_draft(draft: TrustDraft, *, author: User | None, author_name: str, now: datetime) -> TrustRootVersion:
    """Exactly what was shown becomes a version, and the draft goes. Raises ProvingError where the root changed."""
    terms = read(draft.document)
    with transaction.atomic():
        if draft.root is None:
            made = register_root(draft.name, terms, author=author, author_name=author_name, now=now)
        else:
            made = edit_root(
                draft.root.name, terms, author=author, author_name=author_name, now=now, after=draft.based_on
            )
        TrustDraft.objects.filter(pk=draft.pk).delete()
    return made


def preview_root(draft_id: UUID | str, *, now: datetime) -> None:
    """What the worker does; a draft that went meanwhile is no error."""
    draft = TrustDraft.objects.filter(pk=draft_id).select_related("root").first()
    if draft is None:
        return
    found = coverage_of(draft)
    told: dict[str, Any] = {"at": now.isoformat(), "coverage": msgspec.to_builtins(found)}
    TrustDraft.objects.filter(pk=draft.pk).update(preview_state="done", preview=told)


def coverage_of(draft: TrustDraft) -> Coverage:
    """Against what runs and what is in force now. A root that is disabled is told as if it were not."""
    speaking = {one.root_id: Speaker(one.root.name, one.terms.scopes) for one in in_force()}
    before = speaking.pop(draft.root_id, None) if draft.root_id else None
    would = Speaker(draft.name, read(draft.document).scopes)
    return coverage(would, before=before, others=tuple(speaking.values()), running=_running())


def _running() -> Iterator[Running]:
    """Each image name that containers run by, from the index alone; names that no registry could hold are left out."""
    rows = Container.objects.present().order_by().values_list("image_reference").annotate(number=Count("pk"))
    found: dict[tuple[str, str], int] = {}
    for reference, number in rows.iterator():
        try:
            name = parse(reference)
        except Refused:
            continue
        if name is not None:
            key = str(name), name.repository
            found[key] = found.get(key, 0) + number
    for (name_text, repository), number in found.items():
        yield Running(name_text, repository, number)
