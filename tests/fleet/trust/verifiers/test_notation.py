"""What Notation's envelopes prove, and what does not become a proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from fleet.trust.asking import Asked
from fleet.trust.reading import Readers
from fleet.trust.roots import Kind, Root
from fleet.trust.states import Reason, State, Verdict
from fleet.trust.subject import subject_of
from fleet.trust.verifiers.notation import COSE, EXPIRY, JOSE, SCHEME, Notation
from tests.fleet.trust.authorities import FORMS, Signer, certified, cose, jws, payload, refer
from tests.fleet.trust.publishers import NOW, REPOSITORY, MemoryRegistry, new_key, push_image, sha256


class Scene:
    """An image that runs, an authority that is pinned, a signer that it certified through another one."""

    def __init__(self) -> None:
        self.registry = MemoryRegistry()
        self.image = push_image(self.registry, "1.0")
        self.authority = certified("root", authority=True, days=4000)
        self.between = certified("between", by=self.authority, authority=True, days=2000)
        self.signer = certified("signer", by=self.between)
        self.root = Root(name="team", kind=Kind.NOTATION, certificates=(self.authority.der,))
        self.now = NOW

    def refer(self, body: bytes, media_type: str = JOSE, *, subject: str = "") -> None:
        refer(self.registry, self.image.digest, body, media_type, subject=subject)

    def signed(
        self,
        *,
        form: str = "jws",
        signer: Signer | None = None,
        digest: str = "",
        size: int = 0,
        told: dict[str, Any] | None = None,
    ) -> None:
        make, media_type = FORMS[form]
        body = payload(digest or self.image.digest, size or self.image.size)
        self.refer(make(signer or self.signer, body, [self.between], **(told or {})), media_type)

    def verify(self) -> Verdict:
        subject = subject_of(
            reference=f"{REPOSITORY}:1.0",
            image_id=self.image.id,
            repo_digests=(f"{REPOSITORY}@{self.image.digest}",),
        )
        return Notation().verify(Asked(subject, self.root, Readers(self.registry), self.now))


@pytest.fixture
def scene() -> Scene:
    return Scene()


KEYS: dict[str, Callable[[], Any]] = {
    "P-256": new_key,
    "P-384": lambda: new_key(ec.SECP384R1()),
    "P-521": lambda: new_key(ec.SECP521R1()),
    "RSA 2048": lambda: rsa.generate_private_key(65537, 2048),
    "RSA 3072": lambda: rsa.generate_private_key(65537, 3072),
}


@pytest.mark.parametrize("form", ["jws", "cose"])
@pytest.mark.parametrize("kind", KEYS)
def test_each_kind_of_key_verifies_in_both_forms(scene: Scene, kind: str, form: str) -> None:
    scene.signed(form=form, signer=certified("signer", KEYS[kind](), by=scene.between))
    verdict = scene.verify()
    assert verdict.good, verdict.sentence
    assert verdict.valid_until == scene.signer.certificate.not_valid_after_utc
    assert "CN=signer" in verdict.signer


def test_a_pinned_certificate_may_sign_by_itself(scene: Scene) -> None:
    own = certified("own")
    scene.root = replace(scene.root, certificates=(own.der,))
    scene.refer(jws(own, payload(scene.image.digest, scene.image.size), []))
    assert scene.verify().good


def test_of_several_signers_the_named_ones_count(scene: Scene) -> None:
    scene.signed()
    scene.root = replace(scene.root, identities=(("x509.subject", "CN=other,O=Acme"),))
    assert scene.verify().state is State.UNKNOWN_PUBLISHER
    scene.root = replace(scene.root, identities=(("x509.subject", "CN=other,O=Acme"), ("x509.subject", "CN=signer")))
    assert scene.verify().good


def test_without_signature_it_is_unsigned(scene: Scene) -> None:
    assert scene.verify().state is State.UNSIGNED


def test_a_chain_to_another_store_is_an_unknown_publisher(scene: Scene) -> None:
    scene.root = replace(scene.root, certificates=(certified("other", authority=True).der,))
    scene.signed()
    assert scene.verify().state is State.UNKNOWN_PUBLISHER


@pytest.mark.parametrize("purpose", [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
def test_a_certificate_for_something_else_signs_nothing(scene: Scene, purpose: Any) -> None:
    scene.signed(signer=certified("signer", by=scene.between, purpose=purpose))
    assert scene.verify().state is State.UNKNOWN_PUBLISHER


def test_a_certificate_that_may_not_sign_signs_nothing(scene: Scene) -> None:
    scene.signed(signer=certified("signer", by=scene.between, signs=False))
    assert scene.verify().state is State.UNKNOWN_PUBLISHER


def test_a_leaf_cannot_certify_another_one(scene: Scene) -> None:
    forged = certified("forged", by=scene.signer)
    body = payload(scene.image.digest, scene.image.size)
    scene.refer(jws(forged, body, [scene.signer, scene.between]))
    assert scene.verify().state is State.UNKNOWN_PUBLISHER


@pytest.mark.parametrize("form", ["jws", "cose"])
def test_the_signature_of_another_image_is_none_of_this(scene: Scene, form: str) -> None:
    scene.signed(form=form, digest=sha256(b"another"))
    _invalid(scene.verify(), Reason.HASH)


def test_another_size_is_another_image(scene: Scene) -> None:
    scene.signed(size=scene.image.size + 1)
    _invalid(scene.verify(), Reason.HASH)


def test_a_changed_signature_is_bad(scene: Scene) -> None:
    body = jws(scene.signer, payload(scene.image.digest, scene.image.size), [scene.between])
    scene.refer(body.replace(b'"signature": "', b'"signature": "AAAA'))
    _invalid(scene.verify(), Reason.BAD_SIGNATURE)


def test_the_algorithm_must_fit_the_key(scene: Scene) -> None:
    scene.signed(told={"alg": "ES512"})
    _invalid(scene.verify(), Reason.BAD_SIGNATURE)
    scene.registry.referring.clear()
    scene.signed(told={"alg": "none"})
    _invalid(scene.verify(), Reason.BAD_SIGNATURE)


def test_what_must_be_understood_and_is_not_is_unsupported(scene: Scene) -> None:
    scene.signed(told={"crit": [SCHEME, "io.cncf.notary.verificationPlugin"]})
    assert scene.verify().state is State.UNSUPPORTED
    scene.registry.referring.clear()
    scene.signed(told={SCHEME: "notary.x509.signingAuthority"})
    assert scene.verify().state is State.UNSUPPORTED


def test_a_date_that_need_not_be_understood_is_malformed(scene: Scene) -> None:
    scene.signed(told={EXPIRY: (NOW + timedelta(days=1)).isoformat()})
    _invalid(scene.verify(), Reason.MALFORMED)


@pytest.mark.parametrize("form", ["jws", "cose"])
def test_the_signatures_own_date_ends_it(scene: Scene, form: str) -> None:
    until = NOW + timedelta(days=1)
    told: dict[str, Any] = (
        {"expiry": until} if form == "cose" else {EXPIRY: until.isoformat(), "crit": [SCHEME, EXPIRY]}
    )
    scene.signed(form=form, told=told)
    assert scene.verify().valid_until == until
    scene.now = until
    assert scene.verify().state is State.EXPIRED


def test_after_its_certificate_a_signature_is_expired(scene: Scene) -> None:
    scene.signed()
    scene.now = scene.signer.certificate.not_valid_after_utc + timedelta(seconds=1)
    assert scene.verify().state is State.EXPIRED


def test_an_expired_certificate_of_a_stranger_is_a_stranger(scene: Scene) -> None:
    scene.root = replace(scene.root, certificates=(certified("other", authority=True, days=4000).der,))
    scene.signed()
    scene.now = scene.signer.certificate.not_valid_after_utc + timedelta(seconds=1)
    assert scene.verify().state is State.UNKNOWN_PUBLISHER


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        cbor2.dumps([1, 2, 3, 4]),
        cbor2.dumps(cbor2.CBORTag(18, [b"", {}, b""])),
        cbor2.dumps(cbor2.CBORTag(18, [b"\xa2\x01\x26\x01\x26", {}, b"", b""])),
        b"\xd2" + b"\x81" * 5000,
    ],
)
def test_what_is_no_envelope_is_malformed(scene: Scene, body: bytes) -> None:
    scene.refer(body, COSE)
    _invalid(scene.verify(), Reason.MALFORMED)


def test_one_header_twice_is_malformed(scene: Scene) -> None:
    """Each reader would take another one of the two."""
    honest = cbor2.loads(cose(scene.signer, payload(scene.image.digest, scene.image.size), [scene.between]))
    protected = honest.value[0]
    twice = bytes([protected[0] + 1]) + protected[1:] + b"\x03\x61x"
    scene.refer(cbor2.dumps(cbor2.CBORTag(18, [twice, *honest.value[1:]])), COSE)
    _invalid(scene.verify(), Reason.MALFORMED)


def test_a_signature_of_another_subject_does_not_count(scene: Scene) -> None:
    body = jws(scene.signer, payload(scene.image.digest, scene.image.size), [scene.between])
    scene.refer(body, subject=sha256(b"another"))
    _invalid(scene.verify(), Reason.HASH)


def _invalid(verdict: Verdict, reason: Reason) -> None:
    assert (verdict.state, verdict.reason) == (State.INVALID, reason), verdict.sentence
