"""Bundles of Sigstore, as cosign lays them beside an image with and without keys."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any, Final

from fleet.trust import strict
from fleet.trust.asking import Asked
from fleet.trust.errors import Malformed, NotFound, TooLarge, UnusableKey
from fleet.trust.keys import from_base64
from fleet.trust.names import is_digest
from fleet.trust.reading import MOST_SIGNATURE
from fleet.trust.signatures import MOST_SIGNATURES, Found, broken
from fleet.trust.states import Reason
from fleet.trust.subject import fetched

BUNDLE: Final = "application/vnd.dev.sigstore.bundle"
SIGN: Final = "https://sigstore.dev/cosign/sign/v1"
IN_TOTO: Final = "application/vnd.in-toto+json"
CERTIFICATE: Final = "dev.sigstore.cosign/certificate"
_STATEMENT: Final = "https://in-toto.io/Statement/v1"

#: What a bundle (bytes) that refers to a digest and lay there turns out to be; None for no signature of the image.
Judge = Callable[[Asked, bytes, str, str], Found | None]


def signature_tag(digest: str) -> str:
    """Under which cosign before version 3 keeps signatures."""
    return f"{digest.replace(':', '-')}.sig"


def referring(asked: Asked, digest: str, judge: Judge) -> Iterator[Found]:
    """What every bundle that refers to the digest is, as far as it is worth looking at."""
    registry, path = asked.readers.registry, asked.name.path
    for referrer in registry.referrers(path, digest)[:MOST_SIGNATURES]:
        if not referrer.artifact_type.startswith(BUNDLE):
            continue
        source = f"bundle {referrer.digest[:19]}…"
        try:
            body = _carried(asked, digest, referrer.digest, source)
            found = body if isinstance(body, Found) else judge(asked, body, digest, source)
        except (Malformed, UnusableKey) as error:
            found = broken(f"a bundle cannot be read: {error}", Reason.MALFORMED, source)
        if found is not None:
            yield found


def _carried(asked: Asked, digest: str, referrer: str, source: str) -> bytes | Found:
    manifest = fetched(asked.readers.registry, asked.name.path, referrer)
    if manifest is None:
        return broken("a bundle that the registry lists is not there", Reason.WITHHELD, source)
    document = strict.load_object(manifest.body)
    if strict.an_object(document.get("subject"), "subject").get("digest") != digest:
        return broken("a bundle belongs to another image than the registry says", Reason.HASH, source)
    layers = strict.a_list(document.get("layers"), "layers")
    if len(layers) != 1:
        raise Malformed("it has not one layer")
    return blob(asked, strict.an_object(layers[0], "a layer").get("digest"))


def blob(asked: Asked, digest: object) -> bytes | Found:
    """Its bytes, held against its digest here as well."""
    if not is_digest(digest):
        raise Malformed("a layer has no digest")
    try:
        body = asked.readers.registry.blob(asked.name.path, str(digest), MOST_SIGNATURE)
    except NotFound:
        return broken("what a signature covers is not there", Reason.WITHHELD, "")
    except TooLarge:
        return broken("what a signature covers is too large for one", Reason.OVERSIZED, "")
    if f"sha256:{hashlib.sha256(body).hexdigest()}" != digest:
        return broken("the registry returned other bytes than a signature covers", Reason.HASH, "")
    return body


def enveloped(bundle: dict[str, Any]) -> tuple[dict[str, Any], str, bytes]:
    """The envelope of a bundle, and the type and the bytes of what it says. Raises Malformed."""
    envelope = strict.an_object(bundle.get("dsseEnvelope"), "dsseEnvelope")
    payload = from_base64(envelope.get("payload"), "payload")
    return envelope, strict.a_text(envelope.get("payloadType"), "payloadType"), payload


def is_attestation(kind: str, payload: bytes) -> bool:
    """Whether it says something else of the image than that it is signed, such as what is in it. Raises Malformed."""
    return kind == IN_TOTO and strict.load_object(payload).get("predicateType") != SIGN


def statement_objection(kind: str, payload: bytes, digest: str) -> str:
    """What is wrong with a statement that was signed; empty for nothing. Raises Malformed."""
    statement = strict.load_object(payload) if kind == IN_TOTO else {}
    if statement.get("_type") != _STATEMENT or statement.get("predicateType") != SIGN:
        return "whoever is registered signed something else than an image"
    subjects = strict.a_list(statement.get("subject"), "subject")
    digests = [strict.an_object(strict.an_object(one, "a subject").get("digest"), "digest") for one in subjects]
    if not any(f"sha256:{one.get('sha256')}" == digest for one in digests):
        return "the signature that refers to it is that of another image"
    return ""
