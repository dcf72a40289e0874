"""What an admin says of a publisher: the document of one version of a trust root, and the root that verifiers get."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from fleet.trust import scope, strict
from fleet.trust.errors import Refused, UnusableKey
from fleet.trust.identities import SUBJECT, checked_identities
from fleet.trust.keys import (
    PRIVATE,
    PublicKey,
    certificate,
    is_private,
    read_certificates,
    read_public,
    to_pem,
)
from fleet.trust.names import is_host
from fleet.trust.roots import DEFAULT_ROLES, Kind, Root
from fleet.trust.sigstore_root import read_sigstore_root
from fleet.trust.tuf.delegations import NAME

_MOST_SCOPES: Final = 100
#: In the order in which they are offered.
KINDS: Final = (Kind.NOTARY, Kind.COSIGN, Kind.COSIGN_KEYLESS, Kind.NOTATION)
_COSIGN: Final = (Kind.COSIGN, Kind.COSIGN_KEYLESS)
_LONGEST_SUBJECT: Final = 300


class Unfit(Refused):
    """What makes no trust root. `field` is the one of Terms that is wrong, or `server_ca`."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Server(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of signed metadata, for Notary: `address` is `https://notary.internal`; the rest is as of a registry."""

    address: str
    private: bool = False
    plain: bool = False
    ca: str = ""


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`material` is PEM: public keys, or for Notation the certificates that a signer's chain must end in; for cosign
    without keys it is the trusted root of a Sigstore (JSON), and `identities` are (issuer, identity) of who may sign.
    """

    kind: Kind
    scopes: tuple[str, ...]
    material: str
    threshold: int = 1
    roles: tuple[str, ...] = ()
    identities: tuple[tuple[str, str], ...] = ()
    match_name: bool = False
    server: Server | None = None

    def document(self) -> dict[str, Any]:
        """As JSON keeps it; `read` makes the terms of it again."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    def sha256(self) -> str:
        """Of the canonical form, in hexadecimal."""
        return hashlib.sha256(strict.canonical(self.document())).hexdigest()

    def root(self, name: str, version: int) -> Root:
        keyless = self.kind is Kind.COSIGN_KEYLESS
        certificates = read_certificates(self.material) if self.kind is Kind.NOTATION else ()
        if keyless:
            certificates = read_sigstore_root(self.material).certificates
        return Root(
            name=name,
            kind=self.kind,
            version=version,
            scopes=self.scopes,
            keys=() if certificates else read_public(self.material),
            certificates=certificates,
            trusted_root=self.material if keyless else "",
            threshold=self.threshold,
            roles=self.roles or DEFAULT_ROLES,
            identities=self.identities,
            match_name=self.match_name,
        )

    def fingerprints(self) -> tuple[tuple[str, str], ...]:
        """(what it is, SHA-256 of its public key in hexadecimal) of each key, for two people to compare."""
        if self.kind is Kind.COSIGN_KEYLESS:
            return read_sigstore_root(self.material).fingerprints()
        if self.kind is Kind.NOTATION:
            found = [certificate(der) for der in read_certificates(self.material)]
            return tuple((one.subject.rfc4514_string(), PublicKey.of(one.public_key()).fingerprint) for one in found)
        return tuple((key.kind, key.fingerprint) for key in read_public(self.material))


def read(document: Any) -> Terms:
    """The terms that were kept."""
    return msgspec.convert(document, Terms)


def checked(terms: Terms) -> Terms:
    """The same, with keys and scopes in their one spelling. Raises Unfit, whose message never holds what was entered
    as a key, wherever it was entered.
    """
    _no_private_key(terms)
    if terms.kind not in KINDS:
        raise Unfit("kind", f"{terms.kind.value} cannot be verified yet: {', '.join(one.value for one in KINDS)} can")
    if not 1 <= len(terms.scopes) <= _MOST_SCOPES:
        raise Unfit(
            "scopes", f"a trust root needs a scope, such as registry.internal/team/*, and {_MOST_SCOPES} at most"
        )
    with _of("scopes"):
        scopes = tuple(dict.fromkeys(scope.checked(one) for one in terms.scopes))
    with _of("identities"):
        identities = _identities(terms)
    with _of("material"):
        material, signers = _material(terms)
    if terms.kind not in _COSIGN and terms.threshold != 1:
        raise Unfit(
            "threshold", "a threshold is for cosign alone: Notary's metadata has its own, Notation has one signer"
        )
    if not 1 <= terms.threshold <= signers:
        what = "identities" if terms.kind is Kind.COSIGN_KEYLESS else "keys"
        raise Unfit(
            "threshold",
            f"a threshold of {terms.threshold} needs as many {what}, and there are {signers}: "
            f"choose one from 1 to {signers}, or enter the missing {what}",
        )
    if terms.match_name and terms.kind is not Kind.COSIGN:
        raise Unfit("match_name", "only a signature of cosign names its repository apart from the image")
    return replace(
        terms,
        scopes=scopes,
        material=material,
        identities=identities,
        roles=_roles(terms),
        server=_server(terms),
    )


def public_certificates(text: str, whose: str) -> str:
    """PEM certificates to trust instead of the system's; empty for none. Raises UnusableKey."""
    if not text.strip():
        return ""
    try:
        return "".join(to_pem("CERTIFICATE", der) for der in read_certificates(text))
    except UnusableKey as error:
        raise UnusableKey(f"certificates of {whose}: {error}") from None


def checked_server(server: Server) -> Server:
    """With its address and certificates in their one spelling. Raises Unfit."""
    parts = urlsplit(server.address)
    if parts.scheme == "http" and not server.plain:
        raise Unfit("server", f"{server.address[:80]!r} is http: say so apart, or write https")
    bare = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in {"https", "http"} or not is_host(parts.netloc) or server.address.rstrip("/") != bare:
        raise Unfit("server", f"{server.address[:80]!r} is no server of signed metadata: write https://notary.internal")
    with _of("server_ca"):
        return replace(server, address=bare, ca=public_certificates(server.ca, "the server"))


@contextmanager
def _of(field: str) -> Iterator[None]:
    """What is raised inside is said of that field. Without its cause, in whose frames what was entered may be."""
    try:
        yield
    except (Refused, UnusableKey) as error:
        raise Unfit(field, str(error)) from None


def _no_private_key(terms: Terms) -> None:
    """Before anything is said of a part, as what is wrong with it is shown, cut to length."""
    server = terms.server or Server(address="")
    for field, texts in (
        ("material", (terms.material,)),
        ("scopes", terms.scopes),
        ("roles", terms.roles),
        ("identities", tuple(text for pair in terms.identities for text in pair)),
        ("server", (server.address,)),
        ("server_ca", (server.ca,)),
    ):
        if any(is_private(text) for text in texts):
            raise Unfit(field, PRIVATE)


def _material(terms: Terms) -> tuple[str, int]:
    """In one spelling, without whatever stood around it, and how many may sign."""
    if terms.kind is Kind.COSIGN_KEYLESS:
        return read_sigstore_root(terms.material).text(), len(_identities(terms))
    if terms.kind is Kind.NOTATION:
        certificates = read_certificates(terms.material)
        return "".join(to_pem("CERTIFICATE", der) for der in certificates), len(certificates)
    keys = read_public(terms.material)
    return "".join(to_pem("PUBLIC KEY", key.spki) for key in keys), len(keys)


def _identities(terms: Terms) -> tuple[tuple[str, str], ...]:
    if terms.kind is Kind.COSIGN_KEYLESS:
        return checked_identities(terms.identities)
    if terms.identities and terms.kind is not Kind.NOTATION:
        raise Refused("identities are for cosign-keyless, and as parts of a certificate's subject for Notation alone")
    if len(terms.identities) > _MOST_SCOPES:
        raise Refused(f"more than {_MOST_SCOPES} identities")
    for kind, text in terms.identities:
        fits = all("=" in part for part in text.split(",")) and len(text) <= _LONGEST_SUBJECT
        if kind != SUBJECT or not text.isprintable() or not fits:
            raise Refused(f"{text[:80]!r} is no part of a subject: write CN=release,O=Payments")
    return terms.identities


def _roles(terms: Terms) -> tuple[str, ...]:
    if terms.kind is not Kind.NOTARY:
        if terms.roles:
            raise Unfit("roles", "roles are for Notary alone")
        return ()
    for role in terms.roles:
        if role != "targets" and not NAME.fullmatch(role):
            raise Unfit("roles", f"{role[:80]!r} is no role whose tags count: write targets or targets/releases")
    return tuple(dict.fromkeys(terms.roles)) or DEFAULT_ROLES


def _server(terms: Terms) -> Server | None:
    if terms.kind is not Kind.NOTARY:
        if terms.server is not None:
            raise Unfit("server", "a server of signed metadata is for Notary alone")
        return None
    if terms.server is None:
        raise Unfit("server", "a root of Notary needs its server, such as https://notary.internal")
    return checked_server(terms.server)
