"""What cosign's signatures prove, in both forms, and what does not become one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from fleet.trust.asking import Asked
from fleet.trust.reading import Readers
from fleet.trust.roots import Kind, Root
from fleet.trust.states import Reason, State, Verdict
from fleet.trust.subject import subject_of
from fleet.trust.verifiers.cosign import Cosign
from tests.fleet.trust.publishers import (
    NOW,
    PATH,
    REPOSITORY,
    MemoryRegistry,
    Private,
    cosign_beside,
    cosign_bundle,
    new_key,
    public,
    push_image,
    sha256,
    simple_payload,
    statement,
)


class Scene:
    """An image that runs, in a registry; nobody signed it yet."""

    def __init__(self) -> None:
        self.registry = MemoryRegistry()
        self.image = push_image(self.registry, "1.0")
        self.key: Private = new_key()
        self.root = Root(name="team", kind=Kind.COSIGN, keys=(public(self.key),))
        self.before: frozenset[str] = frozenset()
        self.reference, self.image_id = f"{REPOSITORY}:1.0", self.image.id
        self.digests: tuple[str, ...] = (f"{REPOSITORY}@{self.image.digest}",)

    def verify(self) -> Verdict:
        subject = subject_of(reference=self.reference, image_id=self.image_id, repo_digests=self.digests)
        return Cosign().verify(Asked(subject, self.root, Readers(self.registry), NOW, self.before))

    def sign(self, *keys: Private, digest: str = "", **changed: str) -> None:
        payload = simple_payload(digest or self.image.digest, **changed)
        cosign_beside(self.registry, self.image.digest, *((key, payload) for key in keys or (self.key,)))

    def bundle(self, *, predicate: str = "", digest: str = "", key: Private | None = None, kind: str = "") -> None:
        told = {"predicate": predicate} if predicate else {}
        payload = statement(digest or self.image.digest, **told)
        cosign_bundle(
            self.registry, self.image.digest, key or self.key, payload, kind=kind or "application/vnd.in-toto+json"
        )


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.parametrize(
    "key",
    [
        new_key(),
        new_key(ec.SECP384R1()),
        new_key(ec.SECP521R1()),
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["P-256", "P-384", "P-521", "Ed25519", "RSA"],
)
def test_each_kind_of_key_verifies_in_both_forms(scene: Scene, key: Private) -> None:
    scene.root = replace(scene.root, keys=(public(new_key()), public(key)))
    scene.sign(key)
    verdict = scene.verify()
    assert verdict.good, verdict.sentence
    assert verdict.signer == public(key).fingerprint
    scene.registry.manifests = {k: b for k, b in scene.registry.manifests.items() if not k[1].endswith(".sig")}
    scene.bundle(key=key)
    assert scene.verify().good


def test_a_signature_of_the_index_covers_what_runs(scene: Scene) -> None:
    scene.image = push_image(scene.registry, "2.0", index=True)
    scene.reference, scene.image_id = f"{REPOSITORY}:2.0", scene.image.id
    scene.digests = (f"{REPOSITORY}@{scene.image.digest}",)
    scene.sign()
    assert scene.verify().good


def test_without_signature_it_is_unsigned_and_withheld_when_it_had_one(scene: Scene) -> None:
    assert scene.verify().state is State.UNSIGNED
    scene.before = frozenset({scene.image.digest})
    _invalid(scene.verify(), Reason.WITHHELD)


def test_by_another_key_the_publisher_is_unknown(scene: Scene) -> None:
    scene.sign(new_key())
    assert scene.verify().state is State.UNKNOWN_PUBLISHER


def test_a_good_signature_beside_a_foreign_one_suffices(scene: Scene) -> None:
    scene.sign(new_key(), scene.key)
    assert scene.verify().good


def test_the_signature_of_another_image_is_none_of_this(scene: Scene) -> None:
    scene.sign(digest=sha256(b"another"))
    _invalid(scene.verify(), Reason.HASH)
    scene.registry.manifests = {k: b for k, b in scene.registry.manifests.items() if not k[1].endswith(".sig")}
    scene.bundle(digest=sha256(b"another"))
    _invalid(scene.verify(), Reason.HASH)


def test_something_else_that_the_key_signed_is_no_signature_of_an_image(scene: Scene) -> None:
    scene.sign(kind="a letter")
    _invalid(scene.verify(), Reason.HASH)


def test_an_attestation_is_no_signature(scene: Scene) -> None:
    scene.bundle(predicate="https://spdx.dev/Document")
    assert scene.verify().state is State.UNSIGNED


def test_another_kind_of_payload_is_no_signature(scene: Scene) -> None:
    scene.bundle(kind="application/json")
    _invalid(scene.verify(), Reason.HASH)


def test_a_swapped_payload_is_not_what_was_signed(scene: Scene) -> None:
    scene.sign()
    swapped = simple_payload(scene.image.digest, reference="registry.internal/evil")
    for key, body in list(scene.registry.blobs.items()):
        if b"simple" in body or b"docker-manifest-digest" in body:
            scene.registry.blobs[key] = swapped
    _invalid(scene.verify(), Reason.HASH)


def test_a_signature_copied_to_another_image_does_not_sign_it(scene: Scene) -> None:
    scene.sign()
    other = push_image(scene.registry, "evil", content="evil")
    copied = scene.registry.manifests[PATH, f"{scene.image.digest.replace(':', '-')}.sig"]
    scene.registry.manifests[PATH, f"{other.digest.replace(':', '-')}.sig"] = copied
    scene.reference, scene.image_id = f"{REPOSITORY}:evil", other.id
    scene.digests = (f"{REPOSITORY}@{other.digest}",)
    _invalid(scene.verify(), Reason.HASH)


def test_two_of_three_keys_must_be_two_keys(scene: Scene) -> None:
    second = new_key()
    scene.root = replace(scene.root, keys=(public(scene.key), public(second), public(new_key())), threshold=2)
    scene.sign(scene.key, scene.key)
    _invalid(scene.verify(), Reason.THRESHOLD)
    scene.sign(scene.key, second)
    assert scene.verify().good


def test_the_name_that_was_signed_counts_only_where_the_root_asks_for_it(scene: Scene) -> None:
    scene.sign(reference="elsewhere.internal/team/web")
    assert scene.verify().good
    scene.root = replace(scene.root, match_name=True)
    _invalid(scene.verify(), Reason.HASH)


def test_a_signature_without_key_is_not_understood_and_not_bad(scene: Scene) -> None:
    payload = simple_payload(scene.image.digest)
    cosign_beside(
        scene.registry,
        scene.image.digest,
        (scene.key, payload),
        annotations={"dev.sigstore.cosign/certificate": "-----BEGIN CERTIFICATE-----"},
    )
    assert scene.verify().state is State.UNSUPPORTED


def test_a_retagged_image_of_another_repository_is_local_to_this_name(scene: Scene) -> None:
    scene.sign()
    scene.reference = "registry.internal/other/name:1.0"  # docker tag: RepoDigests stay those of where it came from
    assert scene.verify().state is State.LOCAL


def test_a_tag_that_points_to_an_older_signed_image_is_still_signed(scene: Scene) -> None:
    """The limit of signatures of digests: they say nothing of what is current."""
    scene.sign()
    verdict = scene.verify()
    assert verdict.good
    assert "newest it does not say" in verdict.sentence


def test_a_registry_that_does_not_answer_is_unreachable(scene: Scene) -> None:
    scene.registry.broken = True
    assert scene.verify().state is State.UNREACHABLE


def test_a_thousand_signatures_are_not_all_looked_at(scene: Scene) -> None:
    scene.sign(*[new_key()] * 40)
    scene.registry.asked.clear()
    assert scene.verify().state is State.UNKNOWN_PUBLISHER
    assert sum(asked.startswith("blob") for asked in scene.registry.asked) <= 32


def _invalid(verdict: Verdict, reason: Reason) -> None:
    assert (verdict.state, verdict.reason) == (State.INVALID, reason), verdict.sentence
