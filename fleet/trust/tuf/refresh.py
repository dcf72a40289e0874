"""Bringing what is known of a repository's signed tags up to date, believing nobody on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fleet.trust import strict
from fleet.trust.errors import Malformed, NotFound, TooLarge
from fleet.trust.keys import from_base64
from fleet.trust.reading import MetadataReader
from fleet.trust.roots import Root
from fleet.trust.states import Failure, Reason, State
from fleet.trust.tuf.chain import MOST_ROOT, Chain, role_of, trusted_root
from fleet.trust.tuf.delegations import delegated
from fleet.trust.tuf.envelope import Document, Role
from fleet.trust.tuf.memory import Memory, Remembered, Target

_MOST_TIMESTAMP: Final = 16 * 1024
_MOST: Final = 5 * 1024 * 1024
_MOST_TARGETS: Final = 50_000


@dataclass(frozen=True, slots=True)
class _Listed:
    """What a signed document says of another one's bytes."""

    sha256: str
    sha512: str | None
    length: int


def refresh(gun: str, root: Root, memory: Memory | None, reader: MetadataReader, now: datetime) -> Memory:
    """What is signed in the repository now; the same memory when nothing changed, which costs one request.

    Raises Failure for what must not be believed, and what the reader raises when it cannot be reached. What is
    remembered changes only as a whole: the caller stores what comes back, or keeps what it had.
    """
    pinned = tuple(sorted(key.fingerprint for key in root.keys))
    stamp_bytes = None
    if memory is not None:
        stamp_bytes = _read(lambda: reader.current(gun, "timestamp", _MOST_TIMESTAMP), "timestamp")
    if stamp_bytes is not None and memory is not None and memory.pins == pinned and memory.roles_accepted == root.roles:
        known = memory.roles["timestamp"]
        if hashlib.sha256(stamp_bytes).hexdigest() == known.sha256 and memory.valid_until > now:
            return memory
    # Only a repository of which nothing was ever seen, and which has not even a root, is unsigned.
    root_bytes = _read(lambda: reader.current(gun, "root", MOST_ROOT), "root", may_be_unsigned=memory is None)
    if stamp_bytes is None:
        stamp_bytes = _read(lambda: reader.current(gun, "timestamp", _MOST_TIMESTAMP), "timestamp")
    return _Refreshing(gun, root, memory, reader, now).run(stamp_bytes, root_bytes, pinned)


class _Refreshing:
    """The steps of one refresh; each later one rests on what the earlier ones proved."""

    def __init__(self, gun: str, root: Root, memory: Memory | None, reader: MetadataReader, now: datetime) -> None:
        self.gun, self.root, self.memory, self.reader, self.now = gun, root, memory, reader, now
        # Of roles that are not read this time what was remembered stays, or they could be rolled back later.
        self.roles: dict[str, Remembered] = dict(memory.roles) if memory else {}
        self.until: list[datetime] = []

    def run(self, stamp_bytes: bytes, root_bytes: bytes, pinned: tuple[str, ...]) -> Memory:
        # 1. The root: by the pinned keys, or from the last one on by those that each one named for the next.
        chain = trusted_root(self.gun, self.root, self.memory, root_bytes, self.reader)
        self._note("root", chain.root)
        forgiven = self._forgiven(chain)
        # 2. The timestamp names the snapshot, the snapshot names everything else; each by the hash of its bytes.
        stamp = self._document(stamp_bytes, "timestamp", "Timestamp", chain.role("timestamp"), forgiven)
        snapshot = self._named(
            _listed(stamp, "snapshot"), "snapshot", "Snapshot", chain.role("snapshot"), forgiven=forgiven
        )
        named_root = _listed(snapshot, "root")
        if named_root.sha256 != chain.root.sha256:
            raise Failure.invalid(Reason.HASH, "The snapshot names another root than the server returned.")
        # 3. The targets, and of what they delegate to the roles that count.
        targets = self._named(_listed(snapshot, "targets"), "targets", "Targets", chain.role("targets"), forgiven=())
        per_role = {"targets": _targets_of(targets, "targets")}
        for name, role, allowed in delegated(targets, self.root.roles):
            listed = _listed_if_any(snapshot, name)
            if listed is None and name in self.roles:
                raise Failure.invalid(Reason.WITHHELD, f"{name}: the snapshot no longer lists what it listed before.")
            if listed is None:  # delegated to, and never used
                continue
            document = self._named(listed, name, "Targets", role, forgiven=())
            per_role[name] = {tag: one for tag, one in _targets_of(document, name).items() if allowed(tag)}
        found: dict[str, Target] = {}
        for name in self.root.roles:
            for tag, target in per_role.get(name, {}).items():
                found.setdefault(tag, target)
        return Memory(
            root=chain.root.raw,
            pins=pinned,
            roles=self.roles,
            targets=found,
            valid_until=min(self.until),
            roles_accepted=self.root.roles,
        )

    def _forgiven(self, chain: Chain) -> tuple[str, ...]:
        """Roles whose keys a new root replaced: with a stolen key somebody may have used up all version numbers."""
        if self.memory is None:
            return ()
        before = Document.read(self.memory.root, "Root")
        return tuple(name for name in ("timestamp", "snapshot") if role_of(before, name).keys != chain.role(name).keys)

    def _named(self, listed: _Listed, name: str, kind: str, role: Role, *, forgiven: tuple[str, ...]) -> Document:
        if listed.length > _MOST:
            raise Failure.invalid(Reason.OVERSIZED, f"{name}: its signed length of {listed.length} bytes is too much.")
        raw = _read(lambda: self.reader.by_hash(self.gun, name, listed.sha256, listed.length), name)
        sha512 = hashlib.sha512(raw).hexdigest()
        if (
            len(raw) != listed.length
            or hashlib.sha256(raw).hexdigest() != listed.sha256
            or listed.sha512 not in {None, sha512}
        ):
            raise Failure.invalid(Reason.HASH, f"{name}: the server returned other bytes than were signed for.")
        return self._document(raw, name, kind, role, forgiven)

    def _document(self, raw: bytes, name: str, kind: str, role: Role, forgiven: tuple[str, ...]) -> Document:
        document = _parsed(raw, kind, name)
        document.must_be_signed(role, name)
        known = self.memory.roles.get(name) if self.memory is not None and name not in forgiven else None
        if known is not None and document.version < known.version:
            raise Failure.invalid(
                Reason.ROLLBACK,
                f"{name}: version {document.version} was returned, version {known.version} was seen before.",
            )
        if known is not None and document.version == known.version and document.sha256 != known.sha256:
            raise Failure.invalid(Reason.ROLLBACK, f"{name}: version {known.version} has another content than before.")
        self._note(name, document)
        return document

    def _note(self, name: str, document: Document) -> None:
        if document.expires <= self.now:
            day = f"{document.expires:%Y-%m-%d}"
            raise Failure(State.EXPIRED, f"The signed {name} of this repository was valid until {day}.")
        self.roles[name] = Remembered(document.version, document.sha256)
        self.until.append(document.expires)


def _read(ask: Callable[[], bytes], name: str, *, may_be_unsigned: bool = False) -> bytes:
    """What `ask` returns; a file that must be there and is not was withheld, and says nothing of being unsigned."""
    try:
        return ask()
    except NotFound as error:
        if may_be_unsigned:
            raise Failure(State.UNSIGNED, "The server has no signed metadata of this repository.") from error
        raise Failure.invalid(Reason.WITHHELD, f"{name}: the server does not return what must be there.") from error
    except TooLarge as error:
        raise Failure.invalid(Reason.OVERSIZED, f"{name}: more bytes came than may be.") from error


def _parsed(raw: bytes, kind: str, name: str) -> Document:
    try:
        return Document.read(raw, kind)
    except Malformed as error:
        raise Failure.invalid(Reason.MALFORMED, f"{name}: {error}.") from error


def _listed(document: Document, name: str) -> _Listed:
    found = _listed_if_any(document, name)
    if found is None:
        raise Failure.invalid(Reason.MALFORMED, f"{name} is not named where it must be.")
    return found


def _listed_if_any(document: Document, name: str) -> _Listed | None:
    try:
        meta = strict.an_object(document.signed.get("meta"), "meta")
        return _hashes(meta[name], name) if name in meta else None
    except Malformed as error:
        raise Failure.invalid(Reason.MALFORMED, f"{error}.") from error


def _hashes(value: Any, name: str) -> _Listed:
    entry = strict.an_object(value, f"what is said of {name}")
    digests = strict.an_object(entry.get("hashes"), f"the hashes of {name}")
    sha256 = from_base64(digests.get("sha256"), f"the sha256 of {name}")
    sha512 = from_base64(digests["sha512"], f"the sha512 of {name}") if "sha512" in digests else None
    if len(sha256) != hashlib.sha256().digest_size:
        raise Malformed(f"the sha256 of {name} has another length")
    return _Listed(sha256.hex(), sha512.hex() if sha512 else None, strict.a_count(entry.get("length"), "length"))


def _targets_of(document: Document, role: str) -> dict[str, Target]:
    try:
        entries: Mapping[str, Any] = strict.an_object(document.signed.get("targets"), "targets")
        found = {tag: _hashes(entry, "a target") for tag, entry in entries.items()}
    except Malformed as error:
        raise Failure.invalid(Reason.MALFORMED, f"{role}: {error}.") from error
    if len(found) > _MOST_TARGETS:
        raise Failure.invalid(Reason.OVERSIZED, f"{role}: more than {_MOST_TARGETS} targets.")
    return {tag: Target(f"sha256:{one.sha256}", one.length, role) for tag, one in found.items()}
