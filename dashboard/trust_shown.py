"""Trust roots, their versions and their drafts as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from auditlog.models import LogEntry
from django.urls import reverse

from dashboard.catalogue import TrailRow, trail_rows
from dashboard.words import counted
from fleet.audit import changes_of
from fleet.models import ImageRegistry, TrustDraft, TrustMemory, TrustRoot, TrustRootVersion, TrustTrial
from fleet.proving.memories import in_words
from fleet.trust.coverage import Coverage
from fleet.trust.differing import Difference, differences, new_keys
from fleet.trust.identities import spelled
from fleet.trust.roots import Kind
from fleet.trust.terms import Terms, read
from fleet.trust.tuf.memory import Memory

#: Of each kind its word, and what it is in a sentence.
KINDS: Final = {
    Kind.COSIGN: ("cosign", "Keys of cosign, as most publishers use them now. It binds neither a tag nor a date."),
    Kind.COSIGN_KEYLESS: (
        "cosign without keys",
        "A Sigstore vouches for who signed, and its logs have it. It binds neither a tag nor a date.",
    ),
    Kind.NOTATION: ("Notation", "Certificates of the Notary Project, which a signer’s chain ends in."),
    Kind.NOTARY: ("Notary v1", "Docker Content Trust: the only one that binds the tag and says what is current."),
}
#: Seconds that a worker has before a page says that none seems to be there.
TAKES: Final = timedelta(seconds=100)


def tabs(active: str) -> list[tuple[str, str, bool]]:
    """The pages about trust itself; what is found out by it stands on the pillar's page."""
    return [
        ("What runs", reverse("trust"), active == "trust"),
        ("Publishers", reverse("trust-roots"), active == "roots"),
        ("Registries", reverse("trust-registries"), active == "registries"),
    ]


@dataclass(frozen=True, slots=True)
class KeyShown:
    """`new` where no version before had it."""

    what: str
    fingerprint: str
    new: bool = False


@dataclass(frozen=True, slots=True)
class RootRow:
    """A root in the list."""

    name: str
    enabled: bool
    kind: str
    number: int
    author: str
    made_at: datetime
    scopes: tuple[str, ...]
    keys: tuple[KeyShown, ...]


@dataclass(frozen=True, slots=True)
class VersionRow:
    """`changes` is what differs from the one before; `before` its number, 0 for the first."""

    number: int
    before: int
    author: str
    made_at: datetime
    sha256: str
    changes: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class MemoryRow:
    repository: str
    changed_at: datetime
    valid_until: datetime
    words: str


@dataclass(frozen=True, slots=True)
class PreviewShown:
    """`state`: waiting, done or failed."""

    state: str
    sentence: str
    at: datetime | None = None
    coverage: Coverage | None = None


def root_rows(versions: Sequence[TrustRootVersion]) -> list[RootRow]:
    return [_root_row(one, read(one.document)) for one in versions]


def _root_row(one: TrustRootVersion, terms: Terms) -> RootRow:
    return RootRow(
        one.root.name,
        one.root.enabled,
        KINDS[terms.kind][0],
        one.number,
        one.author_name,
        one.made_at,
        terms.scopes,
        keys_of(terms),
    )


def keys_of(terms: Terms, last: Terms | None = None, *, marked: bool = False) -> tuple[KeyShown, ...]:
    """With `marked` those are new that `last` does not have."""
    new = new_keys(last, terms) if marked else ()
    return tuple(KeyShown(*one, new=one in new) for one in terms.fingerprints())


def terms_facts(terms: Terms) -> list[tuple[str, str]]:
    """What is said of a publisher besides its keys, in words."""
    found = [("Kind", f"{KINDS[terms.kind][0]}. {KINDS[terms.kind][1]}"), ("Speaks for", "\n".join(terms.scopes))]
    if terms.kind is Kind.COSIGN:
        found.append(("Must have signed", f"{terms.threshold} of {counted(len(terms.fingerprints()), 'key')}"))
        found.append(("Names the repository", "Must" if terms.match_name else "Need not"))
    if terms.kind is Kind.COSIGN_KEYLESS:
        found.append(("Must have signed", f"{terms.threshold} of {counted(len(terms.identities), 'signer')}"))
    if terms.identities or terms.kind is Kind.NOTATION:
        subjects = "\n".join(spelled(one) for one in terms.identities)
        found.append(("Signers", subjects or "Whatever leads to the certificates"))
    if terms.server is not None:
        ways = ["inside our network"] if terms.server.private else []
        ways += ["http, without encryption"] if terms.server.plain else []
        ways += ["with certificates of its own"] if terms.server.ca else []
        found.append(("Server", f"{terms.server.address}{' (' + ', '.join(ways) + ')' if ways else ''}"))
        found.append(("Roles", ", ".join(terms.roles)))
    return found


def version_rows(versions: Sequence[TrustRootVersion]) -> list[VersionRow]:
    """Newest first; the last one of the sequence is only there to compare with, unless it is the first version."""
    terms = [read(one.document) for one in versions]
    rows = []
    for place, one in enumerate(versions):
        has_before = place + 1 < len(versions)
        if not has_before and one.number > 1:
            break
        rows.append(
            VersionRow(
                one.number,
                versions[place + 1].number if has_before else 0,
                one.author_name or "a command",
                one.made_at,
                one.sha256,
                differences(terms[place + 1], terms[place]) if has_before else (),
            )
        )
    return rows


def memory_rows(rows: Iterable[TrustMemory]) -> list[MemoryRow]:
    found = []
    for one in rows:
        memory = Memory.from_plain(one.document)
        found.append(MemoryRow(one.repository, one.changed_at, memory.valid_until, in_words(memory)))
    return found


def preview_of(draft: TrustDraft, now: datetime) -> PreviewShown:
    told: dict[str, Any] = draft.preview
    if draft.preview_state == "done":
        found = msgspec.convert(told["coverage"], Coverage)
        return PreviewShown("done", _sentence(found), datetime.fromisoformat(told["at"]), found)
    if draft.preview_state == "failed":
        return PreviewShown("failed", "The queue does not answer, so nobody could work it out.")
    if now - draft.asked_at > TAKES:
        return PreviewShown("failed", "No worker has worked it out. Are they running?")
    return PreviewShown("waiting", "Looking at what runs…")


def _sentence(found: Coverage) -> str:
    if not found.of:
        return "Nothing runs yet that a root could speak for."
    if not found.images:
        return f"It would speak for none of the {counted(found.of, 'image name')} that run."
    of = f"of {found.of} that run, in {counted(found.containers, 'container')}"
    return f"It would speak for {counted(found.images, 'image name')} {of}."


def trail_of(row: TrustRoot | ImageRegistry, what: str) -> list[TrailRow]:
    """The last lines of the audit trail about it; `what` it is in a word. That it was registered says all of it."""
    lines = list(changes_of(row)[:10])
    return [
        replace(shown, fields=[(what, "", "registered")] if line.action == LogEntry.Action.CREATE else _short(shown))
        for line, shown in zip(lines, trail_rows(lines), strict=True)
    ]


def _short(line: TrailRow) -> list[tuple[str, str, str]]:
    """Certificates are pages long."""
    return [(name, _cut(before), _cut(after)) for name, before, after in line.fields]


def _cut(text: str) -> str:
    return "certificates" if "-----BEGIN" in text else text


def is_overdue(trial: TrustTrial, now: datetime) -> bool:
    return trial.finished_at is None and now - trial.started_at > TAKES
