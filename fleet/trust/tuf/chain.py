"""From the keys that an admin pinned to the root that is in force: each root is signed by the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fleet.trust import strict
from fleet.trust.errors import Malformed, NotFound, TooLarge
from fleet.trust.keys import PublicKey
from fleet.trust.reading import MetadataReader
from fleet.trust.roots import Root
from fleet.trust.states import Failure, Reason, State
from fleet.trust.tuf.envelope import Document, Role, read_keys, read_role
from fleet.trust.tuf.memory import Memory

MOST_ROOT: Final = 512 * 1024
_LONGEST: Final = 64  # rotations that are followed at once


@dataclass(frozen=True, slots=True)
class Chain:
    """The root in force and its roles."""

    root: Document
    roles: Mapping[str, Role]

    def role(self, name: str) -> Role:
        return self.roles[name]


def trusted_root(gun: str, root: Root, memory: Memory | None, current: bytes, reader: MetadataReader) -> Chain:
    """The root that the server has now, proven. Raises Failure, or what the reader raises."""
    newest = read_root(current)
    must_sign_itself(newest)
    pins = Role({key.fingerprint: key for key in root.keys}, root.threshold)
    pinned = tuple(sorted(pins.keys))
    if memory is None:
        _from_pins(gun, newest, pins, reader)
    else:
        known = Document.read(memory.root, "Root")
        if newest.version < known.version:
            raise Failure.invalid(
                Reason.ROLLBACK, f"root: version {newest.version} was returned, {known.version} was seen before."
            )
        if newest.version == known.version and newest.raw != known.raw:
            raise Failure.invalid(Reason.ROLLBACK, f"root: version {known.version} has another content than before.")
        _walk(gun, known, newest, reader)
        if memory.pins != pinned:  # other keys were registered since, from which it must be proven as well
            _from_pins(gun, newest, pins, reader)
    return Chain(newest, {name: role_of(newest, name) for name in ("root", "targets", "snapshot", "timestamp")})


def role_of(document: Document, name: str) -> Role:
    """A role of a root. Raises Failure."""
    try:
        roles = strict.an_object(document.signed.get("roles"), "roles")
        return read_role(roles.get(name), read_keys(document.signed.get("keys")))
    except Malformed as error:
        raise Failure.invalid(Reason.MALFORMED, f"root: {error}.") from error


def _from_pins(gun: str, newest: Document, pins: Role, reader: MetadataReader) -> None:
    """Raises Failure unless enough pinned keys are those of the newest root, or of an older one that leads to it."""
    if _is_pinned(newest, pins):
        return
    if newest.version > _LONGEST:
        raise Failure.invalid(Reason.OVERSIZED, f"root: {newest.version} rotations are more than are followed.")
    for version in range(1, newest.version):
        older = _version(gun, version, reader)
        if older is not None and _is_pinned(older, pins):
            must_sign_itself(older)
            _walk(gun, older, newest, reader)
            return
    raise Failure(
        State.UNKNOWN_PUBLISHER, "The repository is signed, but by none of the root keys that are registered for it."
    )


def _is_pinned(document: Document, pins: Role) -> bool:
    """Whether enough of the pinned keys are its root keys and signed it."""
    own = {key.spki for key in role_of(document, "root").keys.values()}
    by_id = _keys(document)
    signers = document.signers(Role(by_id, 1))
    pinned = {key.spki for key in pins.keys.values()}
    return len(pinned & own & signers) >= pins.threshold


def _keys(document: Document) -> Mapping[str, PublicKey]:
    try:
        return read_keys(document.signed.get("keys"))
    except Malformed as error:
        raise Failure.invalid(Reason.MALFORMED, f"root: {error}.") from error


def _walk(gun: str, known: Document, newest: Document, reader: MetadataReader) -> None:
    """From a root that is trusted to the newest, each one signed by enough keys of the one before and of its own."""
    if newest.version - known.version > _LONGEST:
        raise Failure.invalid(Reason.OVERSIZED, "root: more rotations since the last look than are followed.")
    for version in range(known.version + 1, newest.version + 1):
        following = newest if version == newest.version else _version(gun, version, reader)
        if following is None:
            raise Failure.invalid(Reason.WITHHELD, f"root: the server does not return version {version}.")
        following.must_be_signed(role_of(known, "root"), f"root {version}, by the keys of the root before it")
        must_sign_itself(following)
        known = following


def must_sign_itself(document: Document) -> None:
    document.must_be_signed(role_of(document, "root"), "root")


def _version(gun: str, version: int, reader: MetadataReader) -> Document | None:
    try:
        raw = reader.root_version(gun, version, MOST_ROOT)
    except NotFound:
        return None
    except TooLarge as error:
        raise Failure.invalid(Reason.OVERSIZED, f"root: version {version} has more bytes than may be.") from error
    document = read_root(raw)
    if document.version != version:
        raise Failure.invalid(Reason.ROLLBACK, f"root: version {document.version} was returned for version {version}.")
    return document


def read_root(raw: bytes) -> Document:
    try:
        return Document.read(raw, "Root")
    except Malformed as error:
        raise Failure.invalid(Reason.MALFORMED, f"root: {error}.") from error
