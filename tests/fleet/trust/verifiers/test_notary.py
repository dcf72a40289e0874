"""What Notary's metadata proves, and everything by which somebody could make it seem to prove more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fleet.trust.states import Reason, State
from fleet.trust.subject import subject_of
from tests.fleet.trust.notary_publisher import key_entry
from tests.fleet.trust.notary_scene import Scene, must_be_invalid
from tests.fleet.trust.publishers import NOW, REPOSITORY, new_key, push_image, sha256


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_what_its_publisher_signed_is_verified(scene: Scene) -> None:
    verdict = scene.verify()
    assert verdict.state is State.VERIFIED, verdict.sentence
    assert verdict.digest == scene.image.digest
    assert verdict.valid_until == NOW.replace(microsecond=123456) + timedelta(days=14)
    assert [step.what for step in verdict.chain] == ["image", "manifest", "signature", "key", "root"]


def test_a_second_look_at_what_did_not_change_asks_for_one_document(scene: Scene) -> None:
    scene.verify()
    scene.publisher.asked.clear()
    assert scene.verify().good
    assert scene.publisher.asked == ["timestamp"]


def test_an_index_that_was_signed_covers_the_manifest_that_runs(scene: Scene) -> None:
    scene.image = push_image(scene.registry, "2.0", index=True)
    scene.publisher.targets = {"2.0": (scene.image.digest, scene.image.size)}
    scene.publisher.publish()
    scene.subject = scene.running("2.0")
    verdict = scene.verify()
    assert verdict.good
    assert [step.what for step in verdict.chain][:3] == ["image", "manifest", "index"]


def test_a_loaded_image_is_verified_by_its_content(scene: Scene) -> None:
    scene.subject = scene.running("1.0", digests=())
    assert scene.verify().good


def test_delegated_roles_count_before_targets_and_only_when_accepted(scene: Scene) -> None:
    newer = push_image(scene.registry, "1.0-b", content="b")
    delegation = (new_key(), [""], {"1.0": (newer.digest, newer.size)})
    scene.publisher.delegations = {"targets/releases": delegation}
    scene.publisher.publish()
    assert scene.verify().state is State.MISMATCH
    scene.root = replace(scene.root, roles=("targets",))
    assert scene.verify().good


@pytest.mark.parametrize("further", ["targets/releases", "targets/releases/deeper"])
def test_what_a_delegate_hands_on_is_not_followed(scene: Scene, further: str) -> None:
    """So that a circle of delegations is no way to keep anybody busy, and none to sign either."""
    scene.publisher.targets = {}
    key = new_key()
    signed = {"1.0": (scene.image.digest, scene.image.size)}
    scene.publisher.delegations = {"targets/releases": (key, [""], {}), "targets/releases/deeper": (key, [""], signed)}
    key_id, entry = key_entry(key)
    section = {"keys": {key_id: entry}, "roles": [{"keyids": [key_id], "name": further, "paths": [""], "threshold": 1}]}
    scene.publisher.change["targets/releases"] = lambda document: document.update(delegations=section)
    scene.publisher.publish()
    scene.publisher.asked.clear()
    assert scene.verify().state is State.UNSIGNED
    assert len([one for one in scene.publisher.asked if "releases" in one]) <= 1


def test_a_delegation_counts_for_its_paths_only(scene: Scene) -> None:
    scene.publisher.targets = {}
    target = {"1.0": (scene.image.digest, scene.image.size)}
    scene.publisher.delegations = {"targets/releases": (new_key(), ["2."], target)}
    scene.publisher.publish()
    assert scene.verify().state is State.UNSIGNED
    scene.publisher.delegations = {"targets/releases": (new_key(), ["1."], target)}
    scene.publisher.version += 1
    scene.publisher.publish()
    assert scene.verify().good


def test_another_image_under_a_signed_tag_is_a_mismatch_and_superseded_when_it_was_verified_before(
    scene: Scene,
) -> None:
    newer = push_image(scene.registry, "1.0", content="newer")
    scene.publisher.targets = {"1.0": (newer.digest, newer.size)}
    scene.publisher.publish()
    assert scene.verify().state is State.MISMATCH
    scene.before = frozenset({scene.image.digest})
    assert scene.verify().state is State.SUPERSEDED


def test_an_image_signed_under_another_tag_is_told_with_that_tag(scene: Scene) -> None:
    scene.subject = scene.running("latest")
    verdict = scene.verify()
    assert verdict.state is State.OTHER_TAG
    assert "1.0" in verdict.sentence


def test_what_no_registry_has_is_local_and_what_nobody_signed_unsigned(scene: Scene) -> None:
    scene.subject = scene.running("own", image_id=sha256(b"built here"), digests=())
    assert scene.verify().state is State.LOCAL
    other = push_image(scene.registry, "other", content="other")
    scene.subject = scene.running("other", image_id=other.id, digests=(f"{REPOSITORY}@{other.digest}",))
    assert scene.verify().state is State.UNSIGNED


def test_without_any_metadata_a_repository_is_unsigned_and_afterwards_it_was_withheld(scene: Scene) -> None:
    files = scene.publisher.files
    scene.publisher.files = {}
    assert scene.verify().state is State.UNSIGNED
    scene.publisher.files = files
    assert scene.verify().good
    scene.publisher.files = {}
    must_be_invalid(scene.verify(), Reason.WITHHELD)


@pytest.mark.parametrize("name", ["timestamp", "snapshot.", "targets."])
def test_a_file_that_signed_metadata_names_and_that_is_not_there_was_withheld(scene: Scene, name: str) -> None:
    scene.publisher.files = {n: b for n, b in scene.publisher.files.items() if not n.startswith(name)}
    must_be_invalid(scene.verify(), Reason.WITHHELD)


def test_a_tampered_hash_or_length_of_the_target_is_never_good(scene: Scene) -> None:
    scene.publisher.targets = {"1.0": (scene.image.digest, scene.image.size + 1)}
    scene.publisher.publish()
    must_be_invalid(scene.verify(), Reason.HASH)
    scene.publisher.targets = {"1.0": (sha256(b"other"), scene.image.size)}
    scene.publisher.version = 2
    scene.publisher.publish()
    assert scene.verify().state is State.MISMATCH


def test_a_registry_that_does_not_answer_says_nothing_of_the_image(scene: Scene) -> None:
    scene.registry.broken = True
    assert scene.verify().state is State.UNREACHABLE


def test_what_was_started_by_an_id_has_no_publisher(scene: Scene) -> None:
    scene.subject = subject_of(reference=scene.image.id, image_id=scene.image.id)
    assert scene.verify().state is State.NO_POLICY
