"""Cosign without keys: who signed stands in a certificate of a Sigstore whose trusted root an admin pinned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from fleet.trust import strict
from fleet.trust.asking import Asked, answered, path_steps, root_step
from fleet.trust.bundles import (
    CERTIFICATE,
    enveloped,
    is_attestation,
    referring,
    signature_tag,
    statement_objection,
)
from fleet.trust.errors import Malformed, NotFound
from fleet.trust.identities import fits
from fleet.trust.keys import certificate, from_base64
from fleet.trust.roots import Kind
from fleet.trust.signatures import MOST_SIGNATURES, Found, broken, first_signed
from fleet.trust.sigstore_library import NotProvenError, UnavailableError, available, proven
from fleet.trust.states import Failure, Reason, State, Step, Verdict
from fleet.trust.subject import Bound

#: Where Fulcio writes who vouched for the signer, and where the library holds it.
_ISSUER: Final = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
_OLD_FORM: Final = (
    "It is signed without a key in the form of cosign before version 3, which carries no proof that the log has it: "
    "it has to be signed anew as a bundle."
)
_BY_KEY: Final = "It is signed with a key, which needs a trust root of the kind cosign."


class Keyless:
    kind: ClassVar[Kind] = Kind.COSIGN_KEYLESS

    def verify(self, asked: Asked) -> Verdict:
        return answered(_verify, asked)


def _verify(asked: Asked) -> Verdict:
    try:
        available(asked.root.trusted_root)
    except UnavailableError as error:
        raise Failure(State.UNSUPPORTED, f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
    return _verified(asked, *first_signed(asked, _signatures))


def _verified(asked: Asked, path: Bound, digest: str, good: list[Found]) -> Verdict:
    signers = "; ".join(one.signer for one in good)
    return Verdict(
        state=State.VERIFIED,
        sentence="Its publisher signed this very image: the pinned Sigstore certified who signed, and its log has it. "
        "The signature binds no tag: whether it is the newest it does not say.",
        signer=signers,
        digest=digest,
        chain=(
            *path_steps(asked, path),
            *(Step("signature", one.source, f"over {digest[:19]}…") for one in good),
            Step("identity", signers, "registered, and certified by the pinned Sigstore"),
            root_step(asked.root),
        ),
    )


def _signatures(asked: Asked, digest: str) -> Iterator[Found]:
    """Bundles; where none of them is good, what lies beside in an older form, as far as it can be told from here."""
    good = 0
    for one in referring(asked, digest, judge_bundle):
        good += one.state is State.VERIFIED
        yield one
    if not good:
        yield from _beside(asked, digest)


def _beside(asked: Asked, digest: str) -> Iterator[Found]:
    tag = signature_tag(digest)
    try:
        document = strict.load_object(asked.readers.registry.manifest(asked.name.path, tag).body)
        layers = strict.a_list(document.get("layers"), "layers")[:MOST_SIGNATURES]
        annotations = [strict.an_object(one, "a layer").get("annotations") for one in layers]
    except NotFound:
        return
    except Malformed as error:
        yield broken(f"the signatures under {tag[:20]}… cannot be read: {error}", Reason.MALFORMED, tag)
        return
    if annotations:
        keyless = any(isinstance(one, dict) and one.get(CERTIFICATE) for one in annotations)
        yield Found(State.UNSUPPORTED, _OLD_FORM if keyless else _BY_KEY, source=f"tag {tag[:19]}….sig")


def judge_bundle(asked: Asked, body: bytes, digest: str, source: str) -> Found | None:
    """None for what is no signature of the image. Raises Malformed and UnusableKey.

    What is read here only tells one reason from another. Nothing is good but by what the library returns, for exactly
    one registered identity and issuer.
    """
    bundle = strict.load_object(body)
    _, kind, payload = enveloped(bundle)
    if is_attestation(kind, payload):
        return None
    material = strict.an_object(bundle.get("verificationMaterial"), "verificationMaterial")
    if "publicKey" in material:
        return Found(State.UNSUPPORTED, _BY_KEY, source=source)
    leaf = _leaf(material)
    if not _is_given_out_by(leaf, asked.root.certificates):
        return Found(State.UNKNOWN_PUBLISHER, "It is signed under another Sigstore than the pinned one.", source=source)
    identities, issuer = _identities(leaf), _issuer(leaf)
    for trusted, registered in asked.root.identities:
        for identity in identities:
            if issuer == trusted and fits(registered, identity):
                signer = f"{registered}, by {issuer}"
                return _judged(asked, body, digest, source=source, identity=identity, issuer=issuer, signer=signer)
    who = f"{', '.join(identities)[:200]}, by {issuer[:200]}"
    return Found(State.UNKNOWN_PUBLISHER, f"It is signed, by nobody who is registered: {who}.", source=source)


def _judged(asked: Asked, body: bytes, digest: str, *, source: str, identity: str, issuer: str, signer: str) -> Found:
    """`signer` counts once however many of the identities that its asterisk stands for signed."""
    try:
        kind, payload = proven(asked.root.trusted_root, body, identity=identity, issuer=issuer)
    except NotProvenError as error:
        return broken(f"a bundle proves nothing: {error}", Reason.BAD_SIGNATURE, source)
    objection = statement_objection(kind, payload, digest)
    if objection:
        return broken(objection, Reason.HASH, source, signer=signer)
    return Found(State.VERIFIED, "", signer=signer, source=f"{source} by {identity}")


def _leaf(material: dict[str, Any]) -> x509.Certificate:
    """The signer's certificate; bundles before 0.3 have a chain of them."""
    found = material.get("certificate")
    if found is None:
        chain = strict.an_object(material.get("x509CertificateChain"), "a chain of certificates")
        listed = strict.a_list(chain.get("certificates"), "certificates")
        found = listed[0] if listed else None
    return certificate(from_base64(strict.an_object(found, "a certificate").get("rawBytes"), "a certificate"))


def _is_given_out_by(leaf: x509.Certificate, authorities: tuple[bytes, ...]) -> bool:
    for der in authorities:
        try:
            leaf.verify_directly_issued_by(certificate(der))
        except (ValueError, TypeError, InvalidSignature):
            continue
        return True
    return False


def _identities(leaf: x509.Certificate) -> list[str]:
    """Mail addresses and addresses of workflows. Raises Malformed."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return [
            *names.get_values_for_type(x509.RFC822Name),
            *names.get_values_for_type(x509.UniformResourceIdentifier),
        ]
    except x509.ExtensionNotFound:
        return []
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise Malformed("a certificate cannot be read") from error


def _issuer(leaf: x509.Certificate) -> str:
    """Who vouched for them; empty where it is not said. Raises Malformed."""
    try:
        found = leaf.extensions.get_extension_for_oid(_ISSUER).value
        return found.value.decode() if isinstance(found, x509.UnrecognizedExtension) else ""
    except x509.ExtensionNotFound:
        return ""
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise Malformed("a certificate cannot be read") from error
