"""Notation (Notary Project): envelopes in JWS or COSE, by a certificate that leads to a pinned store."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from fleet.trust import strict
from fleet.trust.asking import Asked, answered, path_steps, root_step
from fleet.trust.certificates import Trusted, leads_to
from fleet.trust.cose import read_cose
from fleet.trust.errors import Malformed, NotFound, TooLarge, UnusableKey
from fleet.trust.keys import PublicKey, certificate, from_base64
from fleet.trust.names import is_digest
from fleet.trust.reading import MOST_SIGNATURE
from fleet.trust.roots import Kind
from fleet.trust.signatures import MOST_SIGNATURES, Found, broken, first_signed
from fleet.trust.states import Reason, State, Step, Verdict
from fleet.trust.subject import Bound, fetched

ARTIFACT: Final = "application/vnd.cncf.notary.signature"
JOSE: Final = "application/jose+json"
COSE: Final = "application/cose"
PAYLOAD: Final = "application/vnd.cncf.notary.payload.v1+json"
SCHEME: Final = "io.cncf.notary.signingScheme"
TIME: Final = "io.cncf.notary.signingTime"
EXPIRY: Final = "io.cncf.notary.expiry"
AUTHENTIC: Final = "io.cncf.notary.authenticSigningTime"
#: Members that must be understood, and are.
_UNDERSTOOD: Final = frozenset({SCHEME, TIME, EXPIRY, AUTHENTIC})
#: By the plain X.509 scheme the signer's word for the time is no proof; by the authority's it would be.
_X509: Final = "notary.x509"
_MOST_CHAIN: Final = 8

#: What each algorithm is: of which kind of key and size, with which hash.
_ALGORITHMS: Final[Mapping[str, tuple[str, int, type[hashes.HashAlgorithm]]]] = {
    "PS256": ("rsa", 2048, hashes.SHA256),
    "PS384": ("rsa", 3072, hashes.SHA384),
    "PS512": ("rsa", 4096, hashes.SHA512),
    "ES256": ("ec", 256, hashes.SHA256),
    "ES384": ("ec", 384, hashes.SHA384),
    "ES512": ("ec", 521, hashes.SHA512),
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """What either form says. `message` is what is signed; `headers` are the protected ones by their names."""

    algorithm: str
    headers: Mapping[str, Any]
    critical: tuple[Any, ...]
    content_type: str
    payload: bytes
    message: bytes
    signature: bytes
    chain: tuple[bytes, ...]  # DER, the signer's own first


class Notation:
    kind: ClassVar[Kind] = Kind.NOTATION

    def verify(self, asked: Asked) -> Verdict:
        return answered(_verify, asked)


def _verify(asked: Asked) -> Verdict:
    return _verified(asked, *first_signed(asked, _signatures))


def _verified(asked: Asked, path: Bound, digest: str, good: list[Found]) -> Verdict:
    return Verdict(
        state=State.VERIFIED,
        sentence="Its publisher signed this very image. The signature does not bind the tag: "
        "whether it is the newest it does not say.",
        signer=good[0].signer,
        digest=digest,
        valid_until=min((one.valid_until for one in good if one.valid_until), default=None),
        chain=(
            *path_steps(asked, path),
            *(Step("signature", one.source, f"over {digest[:19]}…") for one in good),
            Step("key", good[0].signer, "its certificate leads to the pinned store"),
            root_step(asked.root),
        ),
    )


def _signatures(asked: Asked, digest: str) -> Iterator[Found]:
    registry, path = asked.readers.registry, asked.name.path
    for referrer in registry.referrers(path, digest)[:MOST_SIGNATURES]:
        if referrer.artifact_type != ARTIFACT:
            continue
        source = f"signature {referrer.digest[:19]}…"
        try:
            yield _referring(asked, digest, referrer.digest, source)
        except (Malformed, UnusableKey) as error:
            yield broken(f"a signature cannot be read: {error}", Reason.MALFORMED, source)


def _referring(asked: Asked, digest: str, referrer: str, source: str) -> Found:
    registry, path = asked.readers.registry, asked.name.path
    manifest = fetched(registry, path, referrer)
    if manifest is None:
        return broken("a signature that the registry lists is not there", Reason.WITHHELD, source)
    document = strict.load_object(manifest.body)
    if strict.an_object(document.get("subject"), "subject").get("digest") != digest:
        return broken("a signature belongs to another image than the registry says", Reason.HASH, source)
    layers = strict.a_list(document.get("layers"), "layers")
    layer = strict.an_object(layers[0], "a layer") if len(layers) == 1 else {}
    if not is_digest(layer.get("digest")):
        raise Malformed("it has not one layer")
    try:
        body = registry.blob(path, str(layer["digest"]), MOST_SIGNATURE)
    except (NotFound, TooLarge) as error:
        return broken(f"a signature could not be read: {error}", Reason.WITHHELD, source)
    target = fetched(registry, path, digest)
    size = len(target.body) if target else -1
    return judge_envelope(asked, read_envelope(body, str(layer.get("mediaType"))), digest, size, source)


def read_envelope(body: bytes, media_type: str) -> Envelope:
    """Raises Malformed for what is neither form, or ambiguous in it."""
    if media_type == JOSE:
        return _read_jws(body)
    if media_type == COSE:
        found = read_cose(body)
        return Envelope(
            found.algorithm, found.headers, found.critical, found.content_type, found.payload, found.message,
            found.signature, found.chain,
        )  # fmt: skip
    raise Malformed(f"{media_type[:60]!r} is no envelope of a signature")


def _read_jws(body: bytes) -> Envelope:
    document = strict.load_object(body)
    encoded, protected = (strict.a_text(document.get(name), name) for name in ("payload", "protected"))
    headers = strict.load_object(_b64u(protected))
    outer = strict.an_object(document.get("header"), "header")
    chain = strict.a_list(outer.get("x5c"), "x5c")
    return Envelope(
        algorithm=strict.a_text(headers.get("alg"), "alg"),
        headers=headers,
        critical=tuple(strict.a_list(headers.get("crit"), "crit")),
        content_type=strict.a_text(headers.get("cty"), "cty"),
        payload=_b64u(encoded),
        message=f"{protected}.{encoded}".encode(),
        signature=_b64u(strict.a_text(document.get("signature"), "signature")),
        chain=tuple(from_base64(one, "a certificate") for one in chain),
    )


def judge_envelope(asked: Asked, envelope: Envelope, digest: str, size: int, source: str) -> Found:
    """Raises Malformed and UnusableKey."""
    unknown = _not_understood(envelope)
    if unknown:
        return Found(State.UNSUPPORTED, f"Its signature needs {unknown}, which is not understood.", source=source)
    leaf, *between = (certificate(der) for der in envelope.chain)
    if not _is_signed(envelope, leaf):
        return broken("its signature is not good", Reason.BAD_SIGNATURE, source)
    objection = _payload_objection(envelope, digest, size)
    expiry = _moment(envelope.headers.get(EXPIRY))
    trusted = leads_to(leaf, between, asked.root.certificates, asked.now)
    return _of_signer(asked, leaf, trusted, objection=objection, expiry=expiry, source=source)


def _not_understood(envelope: Envelope) -> str:
    """What it says must be understood and is not, in quotes; empty for nothing. Raises Malformed."""
    if not 1 <= len(envelope.chain) <= _MOST_CHAIN:
        raise Malformed("its chain of certificates is empty or too long")
    unknown = [one for one in envelope.critical if one not in _UNDERSTOOD]
    if unknown or envelope.headers.get(SCHEME) != _X509:
        return f"{str((unknown or [envelope.headers.get(SCHEME)])[0])[:60]!r}"
    if SCHEME not in envelope.critical or (EXPIRY in envelope.headers and EXPIRY not in envelope.critical):
        raise Malformed("what must be understood is not marked so")
    return ""


def _of_signer(
    asked: Asked, leaf: x509.Certificate, trusted: Trusted, *, objection: str, expiry: datetime | None, source: str
) -> Found:
    """What a signature that is good as such is worth: by whose certificate, over what, until when."""
    signer = leaf.subject.rfc4514_string()
    if not (trusted.good or trusted.expired) or not _is_named(leaf, asked.root.identities):
        return Found(State.UNKNOWN_PUBLISHER, "It is signed, by nobody who is registered.", signer, source=source)
    if objection:
        return broken(objection, Reason.HASH, source, signer=signer)
    if trusted.until is None:
        return Found(State.EXPIRED, "The certificate that it was signed with has expired.", signer, source=source)
    if expiry is not None and expiry <= asked.now:
        return Found(State.EXPIRED, "The signature's own date has passed.", signer, source=source)
    until = min(expiry, trusted.until) if expiry else trusted.until
    return Found(State.VERIFIED, "", signer, source=source, valid_until=until)


def _is_signed(envelope: Envelope, leaf: x509.Certificate) -> bool:
    """By the leaf's key, with the one algorithm that fits it: who signs may not choose a weaker one."""
    if envelope.algorithm not in _ALGORITHMS:
        return False
    kind, size, algorithm = _ALGORITHMS[envelope.algorithm]
    public = leaf.public_key()
    key = PublicKey.of(public)
    if kind == "rsa":
        fits = isinstance(public, rsa.RSAPublicKey) and public.key_size == size
        return fits and key.signed_pss(envelope.signature, envelope.message, algorithm)
    fits = isinstance(public, ec.EllipticCurvePublicKey) and public.curve.key_size == size
    return fits and key.signed_raw(envelope.signature, envelope.message, algorithm)


def _is_named(leaf: x509.Certificate, identities: Sequence[tuple[str, str]]) -> bool:
    """Whether the leaf's subject has everything that one of the identities names; without any, the store decides."""
    own = {one.strip() for one in leaf.subject.rfc4514_string().split(",")}
    return not identities or any(
        {part.strip() for part in wanted.split(",")} <= own for kind, wanted in identities if kind == "x509.subject"
    )


def _payload_objection(envelope: Envelope, digest: str, size: int) -> str:
    if envelope.content_type != PAYLOAD:
        return "a registered signer signed something else than an image"
    target = strict.an_object(strict.load_object(envelope.payload).get("targetArtifact"), "targetArtifact")
    if target.get("digest") != digest or strict.a_count(target.get("size"), "size") != size:
        return "the signature that refers to it is that of another image"
    return ""


def _moment(value: Any) -> datetime | None:
    if value is None or isinstance(value, datetime):
        if value is not None and value.tzinfo is None:
            raise Malformed("a moment has no zone")
        return value
    try:
        found = datetime.fromisoformat(strict.a_text(value, "a moment"))
    except ValueError as error:
        raise Malformed("a moment cannot be read") from error
    if found.tzinfo is None:
        raise Malformed("a moment has no zone")
    return found


def _b64u(text: str) -> bytes:
    """URL-safe base64 without padding, and nothing else: two spellings of one thing are one too many."""
    try:
        body = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("something is not in base64url") from error
    if base64.urlsafe_b64encode(body).rstrip(b"=").decode() != text:
        raise Malformed("something is not in base64url")
    return body
