"""Cosign with keys: signatures beside the image, as the tag `sha256-….sig` or as bundles that refer to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from fleet.trust import strict
from fleet.trust.asking import Asked, answered, path_steps, root_step
from fleet.trust.bundles import (
    CERTIFICATE,
    blob,
    enveloped,
    is_attestation,
    referring,
    signature_tag,
    statement_objection,
)
from fleet.trust.dsse import pae
from fleet.trust.errors import Malformed, NotFound
from fleet.trust.keys import PublicKey, from_base64
from fleet.trust.roots import Kind
from fleet.trust.signatures import MOST_SIGNATURES, Found, broken, first_signed
from fleet.trust.states import Reason, State, Step, Verdict
from fleet.trust.subject import Bound

_SIMPLE: Final = "application/vnd.dev.cosign.simplesigning.v1+json"
_SIGNATURE: Final = "dev.cosignproject.cosign/signature"
_TYPE: Final = "cosign container image signature"
_KEYLESS: Final = "It is signed without a key, which needs a trust root of the kind cosign-keyless."


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
    for one in (*_beside(asked, digest), *referring(asked, digest, judge_bundle)):
        if not left:
            return
        left -= 1
        yield one


def _beside(asked: Asked, digest: str) -> Iterator[Found]:
    """The layers of the manifest that lies under the digest's own tag."""
    registry, path = asked.readers.registry, asked.name.path
    tag = signature_tag(digest)
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
    if annotations.get(CERTIFICATE):
        return Found(State.UNSUPPORTED, _KEYLESS, source=source)
    signature = from_base64(annotations.get(_SIGNATURE), "the signature")
    payload = blob(asked, layer.get("digest"))
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


def judge_bundle(asked: Asked, body: bytes, digest: str, source: str) -> Found | None:
    """None for what is no signature of the image, such as a list of what is in it. Raises Malformed.

    A key is never taken out of the bundle: any registered one may have made it.
    """
    bundle = strict.load_object(body)
    envelope, kind, payload = enveloped(bundle)
    if is_attestation(kind, payload):
        return None
    material = strict.an_object(bundle.get("verificationMaterial"), "verificationMaterial")
    if "publicKey" not in material:
        return Found(State.UNSUPPORTED, _KEYLESS, source=source)
    message = pae(kind, payload)
    signatures = strict.a_list(envelope.get("signatures"), "signatures")[:MOST_SIGNATURES]
    raw = [from_base64(strict.an_object(one, "a signature").get("sig"), "sig") for one in signatures]
    key = _signer(asked, lambda key: any(key.signed_der(one, message) for one in raw))
    if key is None:
        return Found(State.UNKNOWN_PUBLISHER, "It is signed, by none of the registered keys.", source=source)
    objection = statement_objection(kind, payload, digest)
    if objection:
        return broken(objection, Reason.HASH, source, signer=key.fingerprint)
    return Found(State.VERIFIED, "", signer=key.fingerprint, source=source)


def _signer(asked: Asked, signed: Any) -> PublicKey | None:
    return next((key for key in asked.root.keys if signed(key)), None)
