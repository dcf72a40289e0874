"""One signed document: who must sign it, and whether enough of them did."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519

from fleet.trust import strict
from fleet.trust.errors import Malformed, UnusableKey
from fleet.trust.keys import PublicKey, from_base64, read_pem_certificate
from fleet.trust.states import Failure, Reason

_MOST_SIGNATURES: Final = 64
_MOST_KEYS: Final = 1000
_MOMENT: Final = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_KEY_ID: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Role:
    """`keys` maps the ids that may sign to their keys. Of one key under two ids only one signature counts."""

    keys: Mapping[str, PublicKey]
    threshold: int


@dataclass(frozen=True, slots=True)
class Document:
    """A document whose signatures were not looked at yet; `signed` is what they cover, `raw` the bytes that came."""

    raw: bytes
    signed: dict[str, Any]
    signatures: tuple[dict[str, Any], ...]
    version: int
    expires: datetime

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()

    @classmethod
    def read(cls, raw: bytes, kind: str) -> Document:
        """`kind` is Root, Targets, Snapshot or Timestamp. Raises Malformed."""
        envelope = strict.load_object(raw)
        if set(envelope) != {"signed", "signatures"}:
            raise Malformed("beside signed and signatures it has members that nobody signed")
        signed = strict.an_object(envelope["signed"], "signed")
        if signed.get("_type") != kind:
            raise Malformed(f"it says that it is {str(signed.get('_type'))[:20]!r} where {kind} was asked for")
        signatures = strict.a_list(envelope["signatures"], "signatures")
        if len(signatures) > _MOST_SIGNATURES:
            raise Malformed(f"more than {_MOST_SIGNATURES} signatures")
        return cls(
            raw,
            signed,
            tuple(strict.an_object(one, "a signature") for one in signatures),
            strict.a_count(signed.get("version"), "version", least=1),
            moment(signed.get("expires")),
        )

    def signers(self, role: Role) -> frozenset[bytes]:
        """SPKIs of those of the role that signed it."""
        message = strict.canonical(self.signed)
        found = set()
        for one in self.signatures:
            key = role.keys.get(strict.a_text(one.get("keyid"), "keyid"))
            if key is not None and key.spki not in found and _is_signed(key, one, message):
                found.add(key.spki)
        return frozenset(found)

    def must_be_signed(self, role: Role, what: str) -> None:
        """Raises Failure when fewer than the role's threshold signed it."""
        good = len(self.signers(role))
        if good < role.threshold:
            reason = Reason.THRESHOLD if good else Reason.BAD_SIGNATURE
            raise Failure.invalid(reason, f"{what}: {good} of {role.threshold} needed signatures are good.")


def _is_signed(key: PublicKey, entry: dict[str, Any], message: bytes) -> bool:
    signature = from_base64(entry.get("sig"), "sig")
    match entry.get("method"):
        case "ecdsa":
            return key.signed_raw(signature, message)
        case "rsapss":
            return key.signed_pss(signature, message, hashes.SHA256)
        case "rsapkcs1v15":
            return key.signed_pkcs1(signature, message)
        case "eddsa":
            return key.signed_ed25519(signature, message)
    return False


def read_keys(value: Any) -> dict[str, PublicKey]:
    """The keys of a root or of delegations by their ids, each of which is worked out. Raises Malformed.

    Keys of a kind that is not used are left out: nothing counts that they signed.
    """
    entries = strict.an_object(value, "keys")
    if len(entries) > _MOST_KEYS:
        raise Malformed(f"more than {_MOST_KEYS} keys")
    found = {}
    for key_id, entry in entries.items():
        fields = strict.an_object(entry, "a key")
        material = strict.an_object(fields.get("keyval"), "keyval")
        if material.get("private") is not None:
            raise Malformed("a private key stands in public metadata")
        kind, public = (
            strict.a_text(fields.get("keytype"), "keytype"),
            strict.a_text(material.get("public"), "public"),
        )
        form = strict.canonical({"keytype": kind, "keyval": {"private": None, "public": public}})
        if hashlib.sha256(form).hexdigest() != key_id:
            raise Malformed("a key stands under an id that is not its own")
        try:
            found[key_id] = _read_key(kind, from_base64(public, "public"))
        except UnusableKey:
            continue
    return found


def _read_key(kind: str, public: bytes) -> PublicKey:
    if kind in {"ecdsa-x509", "rsa-x509"}:
        return read_pem_certificate(public)
    if kind == "ed25519":
        try:
            return PublicKey.of(ed25519.Ed25519PublicKey.from_public_bytes(public))
        except ValueError as error:
            raise UnusableKey("it is no Ed25519 key") from error
    if kind in {"ecdsa", "rsa"}:
        return PublicKey.from_der(public)
    raise UnusableKey("keys of this kind are not used")


def read_role(value: Any, keys: Mapping[str, PublicKey]) -> Role:
    """Raises Malformed for a threshold that is no whole number from one on, and for ids that are none."""
    entry = strict.an_object(value, "a role")
    threshold = strict.a_count(entry.get("threshold"), "threshold", least=1)
    ids = [strict.a_text(one, "a keyid") for one in strict.a_list(entry.get("keyids"), "keyids")]
    if len(ids) > _MOST_KEYS or not all(_KEY_ID.fullmatch(one) for one in ids):
        raise Malformed("keyids that are none, or too many")
    return Role({one: keys[one] for one in ids if one in keys}, threshold)


def moment(value: Any) -> datetime:
    """With a zone, its nanoseconds cut to microseconds. Raises Malformed."""
    found = _MOMENT.fullmatch(strict.a_text(value, "expires"))
    if found is None:
        raise Malformed("expires is no moment with a zone")
    whole, fraction, zone = found.groups()
    try:
        return datetime.fromisoformat(f"{whole}.{(fraction or '0')[:6]:0<6}{'+00:00' if zone == 'Z' else zone}")
    except ValueError as error:
        raise Malformed("expires is no moment") from error
