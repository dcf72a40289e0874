"""All that is known of one image under one name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fleet import tasks
from fleet.models import TrustResult
from fleet.proving import NOT_LOOKED_AT, edit_root, known, look_at_one
from fleet.proving.image import running, spellings
from fleet.trust.states import State
from fleet.trust.terms import read
from tests.builders import IMAGE_ID, NOW, container, image
from tests.fleet.proving.scene import scene
from tests.rows import host_row, swept
from tests.trust_rows import WEB, found_out, publisher

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_what_no_root_speaks_for_says_so_without_a_row() -> None:
    found = known("redis:7", IMAGE_ID, NOW)
    assert (found.state, found.called, found.said) == ("no-policy", "docker.io/library/redis:7", ())
    assert found.shown.sentence == "No trust root speaks for docker.io/library/redis."


def test_what_was_started_by_an_id_has_no_name() -> None:
    publisher()
    found = known(IMAGE_ID, IMAGE_ID, NOW)
    assert (found.state, found.name, found.called) == ("no-policy", None, IMAGE_ID)
    assert "image ID" in found.shown.sentence


@pytest.mark.parametrize("name", ["registry.internal/UPPER/../x", "a" * 5000, "", "registry.internal/x:\x00"])
def test_what_no_registry_could_hold_is_asked_of_nobody(name: str) -> None:
    publisher()
    assert known(name, IMAGE_ID, NOW).state == "no-policy"


def test_what_nobody_looked_at_yet_is_told_apart() -> None:
    publisher()
    found = known(WEB, IMAGE_ID, NOW)
    assert (found.state, found.shown.state, found.asked_at) == (NOT_LOOKED_AT, State.UNREACHABLE, None)


def test_the_best_of_the_roots_is_said_and_all_are_told() -> None:
    publisher()
    publisher("other")
    found_out(State.UNSIGNED)
    found_out(State.VERIFIED, root="other", now=NOW - HOUR)
    found = known(WEB, IMAGE_ID, NOW)
    assert (found.state, found.shown.root) == ("verified", "other")
    assert sorted((one.root, one.state.value) for one in found.said) == [
        ("other", "verified"),
        ("platform", "unsigned"),
    ]
    assert found.asked_at == NOW


def test_what_was_found_out_under_an_older_version_is_history() -> None:
    version = publisher()
    found_out(State.VERIFIED)
    terms = publisher("another", "docker.io/*").document
    edit_root("platform", read({**terms, "scopes": version.document["scopes"]}), author=None, author_name="bo", now=NOW)
    found = known(WEB, IMAGE_ID, NOW)
    assert (found.state, [row.version.number for row in found.before]) == (NOT_LOOKED_AT, [1])
    assert found.before[0].state == "verified"


def test_a_try_that_came_to_nothing_changes_no_verdict() -> None:
    publisher()
    found_out(State.VERIFIED)
    found_out(State.UNREACHABLE, now=NOW + HOUR, sentence="registry.internal did not answer.")
    found = known(WEB, IMAGE_ID, NOW + HOUR)
    assert (found.state, found.shown.fresh, found.asked_at) == ("verified", False, NOW + HOUR)
    assert found.shown.result is not None
    assert found.shown.result.obstacle == "registry.internal did not answer."


def test_containers_that_write_the_name_in_another_way_run_it_too() -> None:
    ways = ("redis", "redis:latest", "docker.io/library/redis", "library/redis:latest", "docker.io/redis")
    containers = [
        container(id=f"{n:064x}", name=f"c{n}", image_reference=way) for n, way in enumerate((*ways, "redis:7"))
    ]
    swept(host_row(), *containers, images=(image(),))
    assert {one.name for one in running("redis", IMAGE_ID)} == {f"c{n}" for n in range(len(ways))}
    assert not running("redis", "sha256:" + "b" * 64).exists()
    assert set(ways) <= set(spellings("docker.io/library/redis:latest"))


def test_it_can_be_looked_at_now_whether_or_not_it_is_due() -> None:
    with scene() as made:
        made.sign()
        made.registered()
        made.root()
        reference = f"{made.repository}:1.0"
        facts = image(id=made.image.id, digests=(f"{made.repository}@{made.image.digest}",))
        swept(host_row(), container(image_reference=reference, image_id=made.image.id), images=(facts,))
        assert look_at_one(reference, made.image.id, NOW) is State.VERIFIED
        tasks.prove_image(reference=reference, image_id=made.image.id)  # what "Verify now" asks a worker for
        assert TrustResult.objects.get().checked_at > NOW
        made.take_signature_away()
        assert look_at_one(reference, made.image.id, NOW + HOUR) is State.INVALID
        assert TrustResult.objects.get().reason == "withheld"


def test_what_nobody_speaks_for_is_asked_of_nobody() -> None:
    assert look_at_one("redis:7", IMAGE_ID, NOW) is State.NO_POLICY
    assert not TrustResult.objects.exists()
