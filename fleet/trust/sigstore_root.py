"""A Sigstore's trusted root: its authorities, logs and clocks, to which all that is signed without a key must lead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from fleet.trust import strict
from fleet.trust.errors import Malformed, UnusableKey
from fleet.trust.keys import PRIVATE, PublicKey, certificate, is_private

_MEDIA_TYPES: Final = (
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "application/vnd.dev.sigstore.trustedroot.v0.2+json",
)
_LONGEST: Final = 64 * 1024  # of what an admin pastes; the public one has 7 KiB
#: How a key is used, by what the sigstore package knows of it: one that it does not it would leave out in silence.
Details = Literal[
    "PKCS1_RSA_PKCS1V5",
    "PKIX_RSA_PKCS1V15_2048_SHA256",
    "PKIX_RSA_PKCS1V15_3072_SHA256",
    "PKIX_RSA_PKCS1V15_4096_SHA256",
    "PKIX_ECDSA_P256_SHA_256",
    "PKIX_ECDSA_P384_SHA_384",
    "PKIX_ECDSA_P521_SHA_512",
    "PKIX_ED25519",
]
Text = Annotated[str, Meta(max_length=300)]
Moment = Annotated[datetime, Meta(tz=True)]


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel"):
    """What is not known is refused: left out it could have been what takes trust away."""


class _Period(_Part, frozen=True):
    start: Moment
    end: Moment | None = None


class _Name(_Part, frozen=True):
    organization: Text = ""
    common_name: Text = ""


class _Certificate(_Part, frozen=True):
    raw_bytes: bytes


class _Certificates(_Part, frozen=True):
    certificates: Annotated[tuple[_Certificate, ...], Meta(min_length=1, max_length=10)]


class _Key(_Part, frozen=True):
    raw_bytes: bytes
    key_details: Details
    valid_for: _Period | None = None


class _Id(_Part, frozen=True):
    key_id: bytes


class Authority(_Part, frozen=True):
    """Of certificates, or of time; its own certificate first, the root last."""

    subject: _Name
    cert_chain: _Certificates
    valid_for: _Period
    uri: Text | None = None
    operator: Text | None = None

    @property
    def ders(self) -> tuple[bytes, ...]:
        return tuple(one.raw_bytes for one in self.cert_chain.certificates)


class Log(_Part, frozen=True):
    base_url: Text
    hash_algorithm: Text
    public_key: _Key
    log_id: _Id
    checkpoint_key_id: _Id | None = None
    operator: Text | None = None


_Authorities = Annotated[tuple[Authority, ...], Meta(min_length=1, max_length=20)]
_Logs = Annotated[tuple[Log, ...], Meta(min_length=1, max_length=20)]


class SigstoreRoot(_Part, frozen=True):
    """`tlogs` hold what was signed, `ctlogs` which certificates were given out."""

    media_type: Text
    tlogs: _Logs
    certificate_authorities: _Authorities
    ctlogs: _Logs
    timestamp_authorities: Annotated[tuple[Authority, ...], Meta(max_length=20)] = ()

    def text(self) -> str:
        """In its one spelling, as the sigstore package reads it."""
        return msgspec.json.encode(self).decode()

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """Of the authorities that certify signers, as DER."""
        return tuple(der for one in self.certificate_authorities for der in one.ders)

    def fingerprints(self) -> tuple[tuple[str, str], ...]:
        """(what it is, SHA-256 of its public key in hexadecimal) of each key, for two people to compare."""
        return tuple((what, key.fingerprint) for what, key in self._keys())

    def _keys(self) -> Iterator[tuple[str, PublicKey]]:
        """Raises UnusableKey."""
        for role, authorities in (
            ("authority", self.certificate_authorities),
            ("clock", self.timestamp_authorities),
        ):
            for der in (der for one in authorities for der in one.ders):
                found = certificate(der)
                yield f"{role} {found.subject.rfc4514_string()}", PublicKey.of(found.public_key())
        for role, logs in (("log", self.tlogs), ("log of certificates", self.ctlogs)):
            for log in logs:
                key = PublicKey.from_der(log.public_key.raw_bytes)
                if key.kind.partition(" ")[0].upper() not in log.public_key.key_details:
                    raise UnusableKey(f"the key of a {role} is of another kind than it says")
                yield f"{role} {log.base_url}", key


@lru_cache(maxsize=16)
def read_sigstore_root(text: str) -> SigstoreRoot:
    """Raises UnusableKey, and its message never holds what was pasted: somebody may have taken the wrong file."""
    if len(text) > _LONGEST:
        raise UnusableKey("it is too long for the trusted root of a Sigstore")
    if is_private(text):
        raise UnusableKey(PRIVATE)
    try:
        found = msgspec.convert(strict.load_object(text.encode()), SigstoreRoot)
    except UnicodeEncodeError:
        raise UnusableKey("it is no text") from None
    except Malformed:
        raise UnusableKey("it is no JSON: enter trusted_root.json of the Sigstore as it is published") from None
    except msgspec.ValidationError as error:
        # Of the message only the place, which is made of names that are known.
        place = str(error).rpartition(" - at `$")[2].strip(".`") if " - at `$" in str(error) else ""
        raise UnusableKey(
            f"it is no trusted root of a Sigstore that is understood{f' (at {place})' if place else ''}: "
            "enter trusted_root.json as it is published"
        ) from None
    if found.media_type not in _MEDIA_TYPES:
        raise UnusableKey("it is no trusted root of a Sigstore: its mediaType is another")
    found.fingerprints()
    return found
