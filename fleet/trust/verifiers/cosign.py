"""Cosign with keys: signatures beside the image, as the tag `sha256-….sig` or as bundles that refer to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, ClassVar, Final

from fleet.trust import strict
from fleet.trust.asking import Asked, answered, path_steps, root_step
from fleet.trust.errors import Malformed, NotFound, TooLarge
from fleet.trust.keys import PublicKey, from_base64
from fleet.trust.names import is_digest
from fleet.trust.reading import MOST_SIGNATURE
from fleet.trust.roots import Kind
from fleet.trust.signatures import MOST_SIGNATURES, Found, broken, first_signed
from fleet.trust.states import Reason, State, Step, Verdict
from fleet.trust.subject import Bound, fetched

BUNDLE: Final = "application/vnd.dev.sigstore.bundle"
_SIMPLE: Final = "application/vnd.dev.cosign.simplesigning.v1+json"
_SIGNATURE: Final = "dev.cosignproject.cosign/signature"
_CERTIFICATE: Final = "dev.sigstore.cosign/certificate"
_TYPE: Final = "cosign container image signature"
_IN_TOTO: Final = "application/vnd.in-toto+json"
_STATEMENT: Final = "https://in-toto.io/Statement/v1"
_KEYLESS: Final = "It is signed without a key, which needs another kind of trust root."
SIGN: Final = "https://sigstore.dev/cosign/sign/v1"


class Cosign:
    kind: ClassVar[Kind] = Kind.COSIGN

    def verify(self, asked: Asked) -> Verdict:
        return answered(_verify, asked)


def _verify(asked: Asked) -> Verdict:
    return _verified(asked, *first_signed(asked, _signatures))


def _verified(asked: Asked, path: Bound, digest: str, good: list[Found]) -> Verdict:
    signers = ", ".join(one.signer[:16] for one in good)
    return Verdict(
        state=State.VERIFIED,
        sentence="Its publisher signed this very image. The signature binds neither the tag nor a date: "
        "whether it is the newest it does not say.",
        signer=good[0].signer,
        digest=digest,
        chain=(
            *path_steps(asked, path),
            *(Step("signature", one.source, f"over {digest[:19]}…") for one in good),
            Step("key", signers, "registered, and found good over the signature"),
            root_step(asked.root),
        ),
    )


def _signatures(asked: Asked, digest: str) -> Iterator[Found]:
    """In both forms, not more than are worth looking at."""
    left = MOST_SIGNATURES
    for one in (*_beside(asked, digest), *_referring(asked, digest)):
        if not left:
            return
        left -= 1
        yield one


def _beside(asked: Asked, digest: str) -> Iterator[Found]:
    """The layers of the manifest that lies under the digest's own tag."""
    registry, path = asked.readers.registry, asked.name.path
    tag = f"{digest.replace(':', '-')}.sig"
    try:
        document = strict.load_object(registry.manifest(path, tag).body)
        layers = strict.a_list(document.get("layers"), "layers")
    except NotFound:
        return
    except Malformed as error:
        yield broken(f"the signatures under {tag[:20]}… cannot be read: {error}", Reason.MALFORMED, tag)
        return
    for layer in layers[:MOST_SIGNATURES]:
        try:
            yield _layer(asked, digest, strict.an_object(layer, "a layer"), tag)
        except Malformed as error:
            yield broken(f"a signature cannot be read: {error}", Reason.MALFORMED, tag)


def _layer(asked: Asked, digest: str, layer: dict[str, Any], source: str) -> Found:
    if layer.get("mediaType") != _SIMPLE:
        return broken("a layer beside the signatures is of another kind", Reason.MALFORMED, source)
    annotations = strict.an_object(layer.get("annotations"), "annotations")
    if annotations.get(_CERTIFICATE):
        return Found(
            State.UNSUPPORTED, "It is signed without a key, which needs another kind of trust root.", source=source
        )
    signature = from_base64(annotations.get(_SIGNATURE), "the signature")
    payload = _blob(asked, layer.get("digest"))
    if isinstance(payload, Found):
        return payload
    key = _signer(asked, lambda key: key.signed_der(signature, payload))
    if key is None:
        return Found(State.UNKNOWN_PUBLISHER, "It is signed, by none of the registered keys.", source=source)
    objection = _simple_objection(asked, payload, digest)
    if objection:
        return broken(objection, Reason.HASH, source, signer=key.fingerprint)
    return Found(State.VERIFIED, "", signer=key.fingerprint, source=f"tag {source[:19]}….sig")


def _simple_objection(asked: Asked, payload: bytes, digest: str) -> str:
    """What is wrong with a payload that a registered key did sign; empty for nothing."""
    critical = strict.an_object(strict.load_object(payload).get("critical"), "critical")
    image = strict.an_object(critical.get("image"), "image")
    identity = strict.an_object(critical.get("identity"), "identity")
    if critical.get("type") != _TYPE:
        return "a registered key signed something else than an image"
    if image.get("docker-manifest-digest") != digest:
        return "the signature that lies beside it is that of another image"
    if asked.root.match_name and identity.get("docker-reference") != asked.name.repository:
        return f"it was signed as {str(identity.get('docker-reference'))[:80]!r}, not under this name"
    return ""


def _referring(asked: Asked, digest: str) -> Iterator[Found]:
    registry, path = asked.readers.registry, asked.name.path
    for referrer in registry.referrers(path, digest)[:MOST_SIGNATURES]:
        if not referrer.artifact_type.startswith(BUNDLE):
            continue
        source = f"bundle {referrer.digest[:19]}…"
        try:
            found = _bundle(asked, digest, referrer.digest, source)
        except Malformed as error:
            found = broken(f"a bundle cannot be read: {error}", Reason.MALFORMED, source)
        if found is not None:
            yield found


def _bundle(asked: Asked, digest: str, referrer: str, source: str) -> Found | None:
    """None for what is no signature of the image, such as a list of what is in it."""
    manifest = fetched(asked.readers.registry, asked.name.path, referrer)
    if manifest is None:
        return broken("a bundle that the registry lists is not there", Reason.WITHHELD, source)
    document = strict.load_object(manifest.body)
    if strict.an_object(document.get("subject"), "subject").get("digest") != digest:
        return broken("a bundle belongs to another image than the registry says", Reason.HASH, source)
    layers = strict.a_list(document.get("layers"), "layers")
    if len(layers) != 1:
        raise Malformed("it has not one layer")
    body = _blob(asked, strict.an_object(layers[0], "a layer").get("digest"))
    if isinstance(body, Found):
        return body
    return judge_bundle(asked, strict.load_object(body), digest, source)


def judge_bundle(asked: Asked, bundle: dict[str, Any], digest: str, source: str) -> Found | None:
    """Raises Malformed. A key is never taken out of the bundle: any registered one may have made it."""
    envelope = strict.an_object(bundle.get("dsseEnvelope"), "dsseEnvelope")
    payload = from_base64(envelope.get("payload"), "payload")
    kind = strict.a_text(envelope.get("payloadType"), "payloadType")
    statement = strict.load_object(payload) if kind == _IN_TOTO else {}
    if kind == _IN_TOTO and statement.get("predicateType") != SIGN:
        return None
    material = strict.an_object(bundle.get("verificationMaterial"), "verificationMaterial")
    if "publicKey" not in material:
        return Found(
            State.UNSUPPORTED, "It is signed without a key, which needs another kind of trust root.", source=source
        )
    message = pae(kind, payload)
    signatures = strict.a_list(envelope.get("signatures"), "signatures")[:MOST_SIGNATURES]
    raw = [from_base64(strict.an_object(one, "a signature").get("sig"), "sig") for one in signatures]
    key = _signer(asked, lambda key: any(key.signed_der(one, message) for one in raw))
    if key is None:
        return Found(State.UNKNOWN_PUBLISHER, "It is signed, by none of the registered keys.", source=source)
    objection = statement_objection(kind, statement, digest)
    if objection:
        return broken(objection, Reason.HASH, source, signer=key.fingerprint)
    return Found(State.VERIFIED, "", signer=key.fingerprint, source=source)


def statement_objection(kind: str, statement: dict[str, Any], digest: str) -> str:
    """What is wrong with a statement that was signed; empty for nothing. Raises Malformed."""
    if kind != _IN_TOTO or statement.get("_type") != _STATEMENT or statement.get("predicateType") != SIGN:
        return "a registered key signed something else than an image"
    subjects = strict.a_list(statement.get("subject"), "subject")
    digests = [strict.an_object(strict.an_object(one, "a subject").get("digest"), "digest") for one in subjects]
    if not any(f"sha256:{one.get('sha256')}" == digest for one in digests):
        return "the signature that refers to it is that of another image"
    return ""


def pae(kind: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: what is signed."""
    return b"DSSEv1 %d %s %d %s" % (len(kind.encode()), kind.encode(), len(payload), payload)


def _signer(asked: Asked, signed: Any) -> PublicKey | None:
    return next((key for key in asked.root.keys if signed(key)), None)


def _blob(asked: Asked, digest: object) -> bytes | Found:
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
