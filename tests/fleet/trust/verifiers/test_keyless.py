"""What signatures without a key prove against a pinned Sigstore, and what does not become one. Nobody is asked."""

from __future__ import annotations

import copy
import json
import socket
import sys
from collections.abc import Iterator

import pytest

from fleet.trust import sigstore_library
from fleet.trust.states import Reason, State, Verdict
from tests.fleet.trust.keyless_scene import FORGERIES, Scene, entry, in_another_log, of_another_authority, root_of
from tests.fleet.trust.publishers import (
    cosign_beside,
    cosign_bundle,
    new_key,
    push_image,
    sha256,
    simple_payload,
    statement,
)
from tests.fleet.trust.sigstores import IDENTITY, ISSUER, WORKFLOW, Sigstore, refer_bundle


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture(autouse=True)
def _nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    asked: list[object] = []

    def refuse(*told: object, **_: object) -> None:
        asked.append(told)
        raise OSError("no network in these tests")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    yield
    assert asked == []


def test_the_sigstore_of_these_tests_is_one_to_the_library(scene: Scene) -> None:
    """Without Loadline between: what is refused below is not refused because all of it is wrong."""
    bundle = json.dumps(scene.signed()).encode()
    kind, payload = sigstore_library.proven(scene.root.trusted_root, bundle, identity=IDENTITY, issuer=ISSUER)
    assert (kind, payload) == ("application/vnd.in-toto+json", statement(scene.image.digest))


@pytest.mark.parametrize("identity", [IDENTITY, f"{WORKFLOW}v1.0"])
def test_who_is_registered_may_sign(scene: Scene, identity: str) -> None:
    scene.root = root_of(scene.sigstore, (ISSUER, identity))
    scene.sign(identity=identity)
    verdict = scene.verify()
    assert verdict.good, verdict.sentence
    assert verdict.signer == f"{identity}, by {ISSUER}"
    assert [step.what for step in verdict.chain] == ["image", "manifest", "signature", "identity", "root"]
    assert "newest it does not say" in verdict.sentence


def test_a_signature_of_the_index_covers_what_runs(scene: Scene) -> None:
    scene.image = push_image(scene.registry, "1.0", index=True)
    scene.sign()
    assert scene.verify().good


def test_without_signature_it_is_unsigned_and_withheld_when_it_had_one(scene: Scene) -> None:
    assert scene.verify().state is State.UNSIGNED
    scene.before = frozenset({scene.image.digest})
    _invalid(scene.verify(), Reason.WITHHELD)


@pytest.mark.parametrize(
    "told",
    [
        {"identity": "eve@acme.example"},
        {"identity": IDENTITY.upper()},
        {"issuer": "https://accounts.elsewhere"},
        {"identity": f"{WORKFLOW}v1"},
    ],
    ids=["another", "in capitals", "by another issuer", "a workflow"],
)
def test_who_is_not_registered_is_unknown_and_named(scene: Scene, told: dict[str, str]) -> None:
    scene.sign(**told)
    verdict = scene.verify()
    assert verdict.state is State.UNKNOWN_PUBLISHER
    assert all(one in verdict.sentence for one in told.values())


def test_of_two_registered_pairs_the_issuer_of_one_does_not_vouch_for_the_other(scene: Scene) -> None:
    scene.root = root_of(scene.sigstore, (ISSUER, "ann@acme.example"), ("https://other.internal", IDENTITY))
    scene.sign()
    assert scene.verify().state is State.UNKNOWN_PUBLISHER


def test_an_asterisk_stands_for_tags_of_one_workflow(scene: Scene) -> None:
    scene.root = root_of(scene.sigstore, (ISSUER, f"{WORKFLOW}v*"))
    scene.sign(identity=f"{WORKFLOW}v1.4.2")
    verdict = scene.verify()
    assert verdict.good
    assert any(f"{WORKFLOW}v1.4.2" in step.value for step in verdict.chain)
    scene.registry.referring.clear()
    scene.sign(identity=f"{WORKFLOW}nightly")
    scene.sign(identity=f"{WORKFLOW}v1/.github/workflows/other.yml@refs/heads/x")
    assert scene.verify().state is State.UNKNOWN_PUBLISHER


def test_another_sigstore_vouches_for_nobody(scene: Scene) -> None:
    scene.sign(by=Sigstore())
    verdict = scene.verify()
    assert (verdict.state, "another Sigstore" in verdict.sentence) == (State.UNKNOWN_PUBLISHER, True)


def test_the_signature_of_another_image_is_none_of_this(scene: Scene) -> None:
    scene.sign(digest=sha256(b"another"))
    _invalid(scene.verify(), Reason.HASH)


def test_an_attestation_is_no_signature(scene: Scene) -> None:
    scene.sign(predicate="https://spdx.dev/Document")
    assert scene.verify().state is State.UNSIGNED


def test_another_kind_of_payload_is_no_signature(scene: Scene) -> None:
    scene.sign(kind="application/json")
    _invalid(scene.verify(), Reason.HASH)


@pytest.mark.parametrize("how", FORGERIES)
def test_a_forgery_proves_nothing(scene: Scene, how: str) -> None:
    forge, why = FORGERIES[how]
    scene.lay(forge(scene))
    verdict = scene.verify()
    _invalid(verdict, Reason.BAD_SIGNATURE)
    assert why in verdict.sentence


def test_the_certificate_of_another_authority_counts_for_nothing_in_the_pinned_logs(scene: Scene) -> None:
    scene.lay(of_another_authority(scene))
    assert scene.verify().state is State.UNKNOWN_PUBLISHER


def test_what_the_library_alone_would_refuse_of_another_authority_it_does_refuse(scene: Scene) -> None:
    bundle = json.dumps(of_another_authority(scene)).encode()
    with pytest.raises(sigstore_library.NotProvenError):
        sigstore_library.proven(scene.root.trusted_root, bundle, identity=IDENTITY, issuer=ISSUER)


@pytest.mark.parametrize("told", [{"identity": "eve@acme.example"}, {"issuer": "https://accounts.elsewhere"}])
def test_the_library_holds_identity_and_issuer_itself(scene: Scene, told: dict[str, str]) -> None:
    bundle = json.dumps(scene.signed()).encode()
    wanted = {"identity": IDENTITY, "issuer": ISSUER, **told}
    with pytest.raises(sigstore_library.NotProvenError):
        sigstore_library.proven(scene.root.trusted_root, bundle, **wanted)


@pytest.mark.parametrize("bad_first", [True, False])
def test_a_good_bundle_beside_a_bad_one_suffices(scene: Scene, *, bad_first: bool) -> None:
    both = [in_another_log(scene), scene.signed()]
    for bundle in both if bad_first else reversed(both):
        scene.lay(bundle)
    assert scene.verify().good


def test_two_of_two_identities_must_be_two(scene: Scene) -> None:
    scene.root = root_of(scene.sigstore, (ISSUER, IDENTITY), (ISSUER, f"{WORKFLOW}*"), threshold=2)
    scene.sign()
    scene.sign()
    _invalid(scene.verify(), Reason.THRESHOLD)
    scene.sign(identity=f"{WORKFLOW}v1")
    verdict = scene.verify()
    assert verdict.good
    assert IDENTITY in verdict.signer
    assert WORKFLOW in verdict.signer


def test_two_tags_of_one_workflow_are_one_signer(scene: Scene) -> None:
    scene.root = root_of(scene.sigstore, (ISSUER, IDENTITY), (ISSUER, f"{WORKFLOW}*"), threshold=2)
    scene.sign(identity=f"{WORKFLOW}v1")
    scene.sign(identity=f"{WORKFLOW}v2")
    _invalid(scene.verify(), Reason.THRESHOLD)


def test_a_bundle_by_a_key_needs_another_kind_of_root(scene: Scene) -> None:
    cosign_bundle(scene.registry, scene.image.digest, new_key(), statement(scene.image.digest))
    verdict = scene.verify()
    assert (verdict.state, "kind cosign" in verdict.sentence) == (State.UNSUPPORTED, True)


@pytest.mark.parametrize("keyless", [True, False])
def test_the_older_form_is_not_understood_and_not_bad(scene: Scene, *, keyless: bool) -> None:
    extra = {"dev.sigstore.cosign/certificate": "-----BEGIN CERTIFICATE-----"} if keyless else None
    payload = simple_payload(scene.image.digest)
    cosign_beside(scene.registry, scene.image.digest, (new_key(), payload), annotations=extra)
    verdict = scene.verify()
    assert verdict.state is State.UNSUPPORTED
    assert ("signed anew as a bundle" in verdict.sentence) is keyless
    scene.sign()
    assert scene.verify().good


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", Reason.MALFORMED),
        (b"[" * 100_000, Reason.MALFORMED),
        (b'{"a":' * 60 + b"1" + b"}" * 60, Reason.MALFORMED),
        (b'{"dsseEnvelope": 1, "dsseEnvelope": 2}', Reason.MALFORMED),
        (b'{"dsseEnvelope": {"payload": "", "payloadType": "x"}, "verificationMaterial": {}}', Reason.MALFORMED),
        (b'{"a": "' + b"a" * 1024 * 1024 + b'"}', Reason.OVERSIZED),
        (b'{"x": 1.5}', Reason.MALFORMED),
    ],
    ids=["empty", "open brackets", "deep", "twice", "no certificate", "huge", "a fraction"],
)
def test_what_is_no_bundle_is_malformed(scene: Scene, body: bytes, reason: Reason) -> None:
    scene.lay(body)
    _invalid(scene.verify(), reason)


def test_a_bundle_that_the_registry_shows_for_another_image_is_none_of_it(scene: Scene) -> None:
    refer_bundle(scene.registry, scene.image.digest, scene.signed(), subject=sha256(b"another"))
    _invalid(scene.verify(), Reason.HASH)


def test_a_registry_that_does_not_answer_is_unreachable(scene: Scene) -> None:
    scene.registry.broken = True
    assert scene.verify().state is State.UNREACHABLE


def test_a_thousand_bundles_are_not_all_looked_at(scene: Scene) -> None:
    bundle = in_another_log(scene)
    for number in range(40):
        changed = copy.deepcopy(bundle)
        entry(changed)["integratedTime"] = str(number)
        scene.lay(changed)
    scene.registry.asked.clear()
    _invalid(scene.verify(), Reason.BAD_SIGNATURE)
    assert sum(asked.startswith("blob") for asked in scene.registry.asked) <= 32


def test_without_the_package_nothing_is_asked_and_the_remedy_is_told(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sigstore", None)
    scene.sign()
    scene.registry.asked.clear()
    verdict = scene.verify()
    assert verdict.state is State.UNSUPPORTED
    assert "pip install -r requirements-keyless.txt" in verdict.sentence
    assert scene.registry.asked == []


def _invalid(verdict: Verdict, reason: Reason) -> None:
    assert (verdict.state, verdict.reason) == (State.INVALID, reason), verdict.sentence
