"""Signed metadata, and everything by which somebody could make it seem newer, or signed by more people, than it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fleet.trust.states import Reason, State
from fleet.trust.verifiers.notary import Notary
from tests.fleet.trust.notary_publisher import NotaryPublisher, key_entry, signed
from tests.fleet.trust.notary_scene import Scene, must_be_invalid
from tests.fleet.trust.publishers import NOW, REPOSITORY, b64, new_key, public


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_an_old_set_is_a_rollback_once_a_newer_one_was_seen(scene: Scene) -> None:
    old = dict(scene.publisher.files)
    assert scene.verify().good  # within its time nobody who comes anew can tell: the documented limit
    scene.publisher.version = 2
    scene.publisher.publish()
    assert scene.verify().good
    scene.publisher.files = old
    must_be_invalid(scene.verify(), Reason.ROLLBACK)


def test_a_server_with_its_own_keys_cannot_bring_old_targets_back(scene: Scene) -> None:
    old = dict(scene.publisher.files)
    scene.publisher.version = 2
    scene.publisher.publish()
    assert scene.verify().good
    scene.publisher.version = 3
    _republish_with_old_targets(scene.publisher, old)
    must_be_invalid(scene.verify(), Reason.ROLLBACK)


def test_metadata_is_expired_when_the_timestamp_is(scene: Scene) -> None:
    assert scene.verify().good
    scene.now = NOW + timedelta(days=15)
    assert scene.verify().state is State.EXPIRED
    scene.verifier = Notary()
    assert scene.verify().state is State.EXPIRED


def test_targets_swapped_under_the_signed_name_have_another_hash(scene: Scene) -> None:
    files = scene.publisher.files
    name = next(n for n in files if n.startswith("targets."))
    document = json.loads(files[name])
    files[name] = json.dumps(document, indent=1).encode()
    verdict = scene.verify()
    assert verdict.state is State.INVALID
    assert verdict.reason in {Reason.HASH, Reason.OVERSIZED}


def test_a_snapshot_that_names_another_root_is_invalid(scene: Scene) -> None:
    def other_root(document: dict[str, Any]) -> None:
        document["meta"]["root"]["hashes"] = {"sha256": b64(bytes(32))}

    scene.publisher.change["snapshot"] = other_root
    scene.publisher.publish()
    must_be_invalid(scene.verify(), Reason.HASH)


def test_another_publisher_is_unknown_at_first_and_a_rollback_later(scene: Scene) -> None:
    assert scene.verify().good
    memory = scene.verifier.memory
    scene.publisher = NotaryPublisher(targets=scene.publisher.targets).publish()
    scene.verifier = Notary()
    assert scene.verify().state is State.UNKNOWN_PUBLISHER
    scene.verifier = Notary(memory)
    must_be_invalid(scene.verify(), Reason.ROLLBACK)


@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_a_role_is_not_signed_by_the_key_of_another(scene: Scene, role: str) -> None:
    scene.publisher.signers[role] = [scene.publisher.timestamp_key]
    scene.publisher.publish()
    must_be_invalid(scene.verify(), Reason.BAD_SIGNATURE)


def _no_signatures(envelope: dict[str, Any]) -> None:
    envelope["signatures"] = []


def _zeros(envelope: dict[str, Any]) -> None:
    envelope["signatures"][0]["sig"] = b64(bytes(64))


def _in_der(envelope: dict[str, Any]) -> None:
    import base64

    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    raw = base64.b64decode(envelope["signatures"][0]["sig"])
    envelope["signatures"][0]["sig"] = b64(encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:])))


def _expiry_pushed(envelope: dict[str, Any]) -> None:
    envelope["signed"]["expires"] = "2099-01-01T00:00:00Z"


def _extra_member(envelope: dict[str, Any]) -> None:
    envelope["comment"] = "nobody signed this"


def _other_type(envelope: dict[str, Any]) -> None:
    envelope["signed"]["_type"] = "Snapshot"


def _no_zone(envelope: dict[str, Any]) -> None:
    envelope["signed"]["expires"] = "2099-01-01T00:00:00"


def _unknown_method(envelope: dict[str, Any]) -> None:
    envelope["signatures"][0]["method"] = "none"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_no_signatures, Reason.BAD_SIGNATURE),
        (_zeros, Reason.BAD_SIGNATURE),
        (_in_der, Reason.BAD_SIGNATURE),
        (_expiry_pushed, Reason.BAD_SIGNATURE),
        (_unknown_method, Reason.BAD_SIGNATURE),
        (_extra_member, Reason.MALFORMED),
        (_other_type, Reason.MALFORMED),
        (_no_zone, Reason.MALFORMED),
    ],
)
def test_a_spoiled_timestamp_is_invalid(scene: Scene, spoil: Callable[[dict[str, Any]], None], reason: Reason) -> None:
    envelope = json.loads(scene.publisher.files["timestamp"])
    spoil(envelope)
    scene.publisher.files["timestamp"] = json.dumps(envelope).encode()
    must_be_invalid(scene.verify(), reason)


@pytest.mark.parametrize(
    "body",
    [
        b'{"signed":{},"signed":{},"signatures":[]}',
        b"[" * 100_000,
        b'{"signed":' * 40 + b"1" + b"}" * 40,
        b'{"signed":{"version":1.0},"signatures":[]}',
        b"\xff\xfe",
        b"null",
        b"",
    ],
)
def test_what_is_no_honest_json_is_invalid(scene: Scene, body: bytes) -> None:
    scene.publisher.files["timestamp"] = body[: 16 * 1024]
    must_be_invalid(scene.verify(), Reason.MALFORMED)


def test_oversized_metadata_is_not_read(scene: Scene) -> None:
    scene.publisher.files["timestamp"] = b" " * (16 * 1024 + 1)
    must_be_invalid(scene.verify(), Reason.OVERSIZED)


def test_one_key_signs_once_however_often_it_signs(scene: Scene) -> None:
    first, second = new_key(), new_key()
    scene.publisher = NotaryPublisher(targets=scene.publisher.targets, root_keys=[first, second], root_threshold=2)
    scene.publisher.signers["root"] = [first, first]
    scene.root = replace(scene.root, keys=(public(first), public(second)))
    scene.publisher.publish()
    must_be_invalid(scene.verify(), Reason.THRESHOLD)
    scene.publisher.signers.clear()
    scene.publisher.publish()
    assert scene.verify().good


def test_one_key_bare_and_in_a_certificate_is_one_key(scene: Scene) -> None:
    key = new_key()
    wrapped = _certificate(key)
    scene.publisher = NotaryPublisher(targets=scene.publisher.targets, root_keys=[key], root_threshold=2)
    bare_id, other = key_entry(key)[0], key_entry(key, in_certificate=wrapped)

    def both(document: dict[str, Any]) -> None:
        document["keys"][other[0]] = other[1]
        document["roles"]["root"]["keyids"].append(other[0])

    scene.publisher.change["root"] = both
    scene.publisher.publish()
    document = json.loads(scene.publisher.files["root"])["signed"]
    scene.publisher.files["root"] = signed(document, key, key, ids=[bare_id, other[0]])
    scene.root = replace(scene.root, keys=(public(key),))
    must_be_invalid(scene.verify(), Reason.THRESHOLD)


@pytest.mark.parametrize("threshold", [0, "1", True, -1, None])
def test_a_threshold_that_is_no_number_from_one_on_is_invalid(scene: Scene, threshold: object) -> None:
    scene.publisher.root_threshold = threshold
    scene.publisher.publish()
    must_be_invalid(scene.verify(), Reason.MALFORMED)


def test_a_key_under_an_id_that_is_not_its_own_is_invalid(scene: Scene) -> None:
    def swap(document: dict[str, Any]) -> None:
        name = next(iter(document["keys"]))
        document["keys"][name] = key_entry(new_key())[1]

    scene.publisher.change["root"] = swap
    scene.publisher.publish()
    must_be_invalid(scene.verify(), Reason.MALFORMED)


def test_a_rotated_root_is_followed_from_the_old_pin_and_the_new_one(scene: Scene) -> None:
    old_root = dict(scene.publisher.files)
    assert scene.verify().good
    old_key = scene.publisher.root_keys[0]
    scene.publisher.root_keys, scene.publisher.root_version, scene.publisher.version = [new_key()], 2, 2
    scene.publisher.publish(previous_root=[old_key])
    assert scene.verify().good  # by what is remembered
    scene.verifier = Notary()
    assert scene.verify().good  # by the old pin, anew
    scene.root = replace(scene.root, keys=(public(scene.publisher.root_keys[0]),))
    scene.verifier = Notary()
    assert scene.verify().good  # by the new pin
    scene.publisher.files["root"] = old_root["root"]
    scene.publisher.version = 3
    scene.publisher.publish(root=False)
    must_be_invalid(scene.verify(), Reason.ROLLBACK)


def test_a_new_root_that_the_old_keys_did_not_sign_is_not_followed(scene: Scene) -> None:
    assert scene.verify().good
    scene.publisher.root_keys, scene.publisher.root_version, scene.publisher.version = [new_key()], 2, 2
    scene.publisher.publish()
    must_be_invalid(scene.verify(), Reason.BAD_SIGNATURE)


def test_used_up_versions_are_forgiven_when_a_new_root_replaces_the_keys(scene: Scene) -> None:
    scene.publisher.version = 2**31
    scene.publisher.publish()
    assert scene.verify().good
    scene.publisher.version = 3
    scene.publisher.change["targets"] = lambda document: document.update(version=2**31 + 1)
    scene.publisher.publish()
    must_be_invalid(scene.verify(), Reason.ROLLBACK)
    scene.publisher.snapshot_key, scene.publisher.timestamp_key = new_key(), new_key()
    scene.publisher.root_version = 2
    scene.publisher.publish()
    assert scene.verify().good


@pytest.mark.parametrize("name", ["targets/../../x", "targets/x\n", "targets//x", "targets/X", "../targets", "x" * 500])
def test_names_of_delegations_that_could_lead_elsewhere_are_refused(scene: Scene, name: str) -> None:
    scene.publisher.delegations = {name: (new_key(), [""], {})}
    scene.publisher.publish()
    scene.publisher.asked.clear()
    must_be_invalid(scene.verify(), Reason.MALFORMED)
    assert not any(name in asked for asked in scene.publisher.asked)


def test_ten_thousand_delegations_are_not_read(scene: Scene) -> None:
    key_id = key_entry(scene.publisher.targets_key)[0]
    role = {"keyids": [key_id], "paths": [""], "threshold": 1}
    many = [{**role, "name": f"targets/r{number}"} for number in range(10_000)]
    scene.publisher.change["targets"] = lambda document: document["delegations"].update(roles=many)
    scene.publisher.publish()
    must_be_invalid(scene.verify(), Reason.MALFORMED)


def _republish_with_old_targets(publisher: NotaryPublisher, old: dict[str, bytes]) -> None:
    """What one can do who holds the keys of snapshot and timestamp: sign an old list of tags into a new set."""
    from tests.fleet.trust.notary_publisher import described

    publisher.change["snapshot"] = lambda document: document["meta"].update(targets=described(old["targets"]))
    publisher.publish(root=False)
    publisher.files.update({name: body for name, body in old.items() if name.startswith("targets.")})


def _certificate(key: Any) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, REPOSITORY)])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=4000))
        .not_valid_after(NOW - timedelta(days=10))  # Notary takes no notice of it, and so do we
    )
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
