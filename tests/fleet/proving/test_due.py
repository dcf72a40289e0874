"""Each image of the fleet is looked at once under each name, when it is due, and not while its registry is silent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from fleet import tasks
from fleet.models import Container, ImageStatements, RunningTag, TrustResult
from fleet.proving import Looked, Prover, in_force, look_at_due, register_registry
from fleet.proving.due import LONGEST, SILENCES, running
from fleet.proving.surveying import survey
from fleet.trust.states import State
from tests.builders import container, image
from tests.fleet.proving.scene import Scene, scene
from tests.fleet.trust.publishers import NOW, PATH, Image, new_key, pem
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LIST = f"/v2/{PATH}/tags/list?n=1000"


@pytest.fixture
def ready() -> Iterator[Scene]:
    with scene() as made:
        made.sign()
        made.registered()
        made.root()
        yield made


def runs(made: Scene, host: str, *images: tuple[str, Image], copies: int = 1, pulled: bool = True, **told: Any) -> None:
    """A host whose containers run these images, each by its tag."""
    containers = [
        container(id=f"{number:x}".rjust(64, "0"), name=f"c{number}", image_reference=f"{made.repository}:{tag}",
                  image_id=one.id, **told)
        for number, (tag, one) in enumerate(images * copies)
    ]  # fmt: skip
    digests = {one.id: (f"{made.repository}@{one.digest}",) if pulled else () for _, one in images}
    facts = tuple(image(id=key, digests=value) for key, value in digests.items())
    swept(host_row(host), *containers, images=facts)


def look(now: datetime = NOW, **told: Any) -> Looked:
    return look_at_due(now, clock=lambda: now, **told)


def test_many_containers_on_many_hosts_are_one_question(ready: Scene) -> None:
    second = ready.push("2.0")
    for host in ("a", "b", "c"):
        runs(ready, host, ("1.0", ready.image), ("2.0", second), copies=3)
    assert look() == Looked(looked=2, unreachable=0, left=0)
    assert {row.tag: row.state for row in TrustResult.objects.all()} == {"1.0": "verified", "2.0": "unsigned"}
    # The list of tags shows a signature for one of them.
    assert len([path for path in ready.asked if path.endswith(".sig")]) == 1
    before = len(ready.asked)
    assert look() == Looked(0, 0, 0)
    assert len(ready.asked) == before


def test_one_image_under_two_names_is_two_questions(ready: Scene) -> None:
    runs(ready, "a", ("1.0", ready.image), ("stable", ready.image))
    assert look().looked == 2
    assert set(TrustResult.objects.values_list("tag", "state")) == {("1.0", "verified"), ("stable", "verified")}


def test_a_host_that_loaded_it_from_a_file_learns_from_one_that_pulled_it(ready: Scene) -> None:
    del ready.registry.manifests[PATH, "1.0"]  # so that only its digest leads to it
    runs(ready, "a", ("1.0", ready.image), pulled=False)
    assert look().looked == 1
    assert TrustResult.objects.get().state == "local"
    runs(ready, "b", ("1.0", ready.image))
    look(NOW + DAY)
    assert TrustResult.objects.get().state == "verified"


def test_what_no_root_speaks_for_is_no_question(ready: Scene) -> None:
    swept(
        host_row("a"),
        container(image_reference="docker.io/library/redis:7"),
        container(id="d" * 64, name="d", image_reference=ready.image.id),
        container(id="e" * 64, name="e", image_reference=f"{ready.host}/UPPER/../x:1"),
    )
    assert list(running(in_force())) == []
    assert look() == Looked(0, 0, 0)
    assert ready.asked == []


def test_containers_that_went_are_no_question(ready: Scene) -> None:
    runs(ready, "a", ("1.0", ready.image))
    assert len(list(running(in_force()))) == 1
    Container.objects.update(gone_at=NOW)
    assert list(running(in_force())) == []


def test_it_is_looked_at_again_when_due_and_when_the_root_has_changed(ready: Scene) -> None:
    runs(ready, "a", ("1.0", ready.image))
    look()
    before = len(ready.asked)
    assert look(NOW + timedelta(hours=4)).looked == 0
    assert look(NOW + timedelta(hours=12)).looked == 1
    assert ready.asked[before:] == [f"/v2/{PATH}/manifests/1.0"]  # only what the tag means
    assert look(NOW + DAY).looked == 1
    ready.root("other", ready.terms(material=pem(new_key())))
    assert look(NOW + DAY).looked == 1
    assert set(TrustResult.objects.values_list("version__root__name", "state")) == {
        ("team", "verified"),
        ("other", "unknown-publisher"),
    }


def test_a_silent_registry_is_left_alone_and_what_it_has_is_tried_in_turn(ready: Scene) -> None:
    tags = [(f"{number}.0", ready.push(f"{number}.0")) for number in range(2, 7)]
    runs(ready, "a", *tags)
    ready.broken = True
    assert look() == Looked(looked=SILENCES, unreachable=SILENCES, left=2)
    assert look() == Looked(looked=2, unreachable=2, left=0)
    assert look() == Looked(0, 0, 0)
    ready.broken = False
    assert look(NOW + timedelta(minutes=10)).looked == 5
    assert set(TrustResult.objects.values_list("state", flat=True)) == {State.UNSIGNED.value}


def test_a_run_ends_in_time_and_the_next_goes_on(ready: Scene) -> None:
    tags = [(f"{number}.0", ready.push(f"{number}.0")) for number in range(2, 5)]
    runs(ready, "a", *tags)
    times = iter([NOW, NOW + LONGEST])
    assert look_at_due(NOW, clock=lambda: next(times)) == Looked(1, 0, 2)
    assert look() == Looked(2, 0, 0)


def test_what_somebody_else_looked_at_meanwhile_is_not_asked_again(ready: Scene) -> None:
    runs(ready, "a", ("1.0", ready.image))

    class Late(Prover):
        def __init__(self, now: datetime) -> None:
            super().__init__(now)
            with Prover(now) as other:
                other.verify(ready.running(), now)
                other.look_at_tag(ready.running(), now)
                other.look_beside(ready.running(), now)

    assert look(make=Late).looked == 0
    assert len([path for path in ready.asked if path.endswith(".sig")]) == 1


def test_the_worker_looks_in_turn_by_the_clock(ready: Scene) -> None:
    runs(ready, "a", ("1.0", ready.image))
    tasks.prove()
    row = TrustResult.objects.get()
    assert row.state == "verified"
    assert abs(timezone.now() - row.checked_at) < timedelta(minutes=5)


def test_an_images_questions_are_few(ready: Scene) -> None:
    runs(ready, "a", ("1.0", ready.image))
    look()
    kinds = [re.sub(r"[0-9a-f]{64}", "HEX", path) for path in ready.asked]
    assert kinds == [
        f"/v2/{PATH}/manifests/sha256:HEX",
        LIST,
        f"/v2/{PATH}/manifests/sha256-HEX.sig",
        *([path for path in kinds if "/blobs/" in path][:1]),
        f"/v2/{PATH}/referrers/sha256:HEX",
        f"/v2/{PATH}/manifests/1.0",
    ]


def test_nothing_new_costs_one_request_for_a_whole_repository(ready: Scene) -> None:
    second = ready.push("2.0")
    ready.sign(second)
    runs(ready, "a", ("1.0", ready.image), ("2.0", second))
    look()
    before = len(ready.asked)
    assert look(NOW + DAY).looked == 2
    assert [path for path in ready.asked[before:] if not path.endswith(("/1.0", "/2.0"))] == [LIST]  # and the tags
    assert {row.state for row in TrustResult.objects.all()} == {"verified"}
    assert {row.checked_at for row in TrustResult.objects.all()} == {NOW + DAY}


def test_a_signature_that_went_is_missed_and_one_that_was_written_over_is_still_one(ready: Scene) -> None:
    """What was proven stays proven; whoever writes over it gains nothing by it."""
    runs(ready, "a", ("1.0", ready.image))
    look()
    ready.sign(key=new_key())
    look(NOW + DAY)
    assert TrustResult.objects.get().state == "verified"
    ready.take_signature_away()
    look(NOW + 2 * DAY)
    assert (row := TrustResult.objects.get()).state == "invalid"
    assert row.reason == "withheld"


def test_a_list_without_any_tag_of_a_signature_is_not_believed_to_show_them(ready: Scene) -> None:
    ready.hides_signatures = True
    runs(ready, "a", ("1.0", ready.image))
    look()
    before = len(ready.asked)
    look(NOW + DAY)
    assert TrustResult.objects.get().state == "verified"
    assert any(path.endswith(".sig") for path in ready.asked[before:])


def test_who_asks_for_it_gets_all_of_it_looked_at(ready: Scene) -> None:
    runs(ready, "a", ("1.0", ready.image))
    look()
    ready.sign(key=new_key())
    assert ready.verify(now=NOW + DAY).verdict.state is State.UNKNOWN_PUBLISHER


def claims() -> dict[str, tuple[bool | None, str]]:
    return {row.name.rpartition(":")[2]: (row.same, row.digest) for row in RunningTag.objects.all()}


def test_a_tag_is_asked_for_without_a_root_where_its_registry_is_registered_and_once_for_all_images() -> None:
    with scene() as made:
        older = made.push("1.0", content="older")
        made.image = made.push("1.0")
        runs(made, "a", ("1.0", made.image), ("1.0", older))
        assert look() == Looked(0, 0, 0)
        assert made.asked == []
        made.registered()
        assert look() == Looked(2, 0, 0)
        assert not TrustResult.objects.exists()
        rows = {row.image_id: (row.same, row.digest) for row in RunningTag.objects.all()}
        assert rows == {made.image.id: (True, made.image.digest), older.id: (False, made.image.digest)}
        assert [one.method for one in made.server.asked if one.path.endswith("/1.0")] == ["HEAD"]
        assert {"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.v2+json"} <= {
            kind.strip() for kind in made.server.asked[0].headers["accept"].split(",")
        }


def test_an_image_without_digests_is_compared_by_what_the_registry_has(ready: Scene) -> None:
    """As one that was loaded from a file; and one that was pulled by the digest of its platform."""
    many = ready.push("many", index=True)
    runs(ready, "a", ("1.0", ready.image), ("many", many), pulled=False)
    look()
    assert claims() == {"1.0": (True, ready.image.digest), "many": (True, many.digest)}


def test_a_tag_that_is_not_there_is_the_image_of_nobody(ready: Scene) -> None:
    runs(ready, "a", ("gone", ready.image))
    look()
    assert claims() == {"gone": (False, "")}


def test_a_name_with_a_digest_has_no_tag_to_ask_for(ready: Scene) -> None:
    reference = f"{ready.repository}:1.0@{ready.image.digest}"
    runs_it = container(image_reference=reference, image_id=ready.image.id)
    swept(host_row("a"), runs_it, images=(image(id=ready.image.id),))
    assert look().looked == 1
    assert claims() == {}


def test_a_registry_that_says_no_digests_is_not_silent_and_all_of_it_is_looked_at(ready: Scene) -> None:
    ready.says_digests = False
    tags = [(f"{number}.0", ready.push(f"{number}.0")) for number in range(2, 8)]
    runs(ready, "a", ("1.0", ready.image), *tags)
    assert look() == Looked(looked=7, unreachable=0, left=0)
    assert {row.obstacle for row in RunningTag.objects.all()} != {""}


def test_a_registry_that_does_not_say_what_a_tag_means_keeps_what_it_said(ready: Scene) -> None:
    runs(ready, "a", ("1.0", ready.image))
    look()
    ready.broken = True
    look(NOW + timedelta(hours=6))
    row = RunningTag.objects.get()
    assert (row.same, row.failures, bool(row.obstacle)) == (True, 1, True)
    look(NOW + timedelta(hours=31))
    row.refresh_from_db()
    assert (row.same, row.digest, row.failures) == (None, "", 2)
    ready.broken = False
    row.refresh_from_db()
    assert row.due_at > NOW + timedelta(hours=31)
    register_registry(ready.host, plain=True, private=True, now=NOW + timedelta(hours=31))  # as with new credentials
    look(NOW + timedelta(hours=31))
    assert claims() == {"1.0": (True, ready.image.digest)}


def test_what_a_wrong_clock_looked_at_is_due_at_once_and_not_when_that_clock_says(ready: Scene) -> None:
    runs(ready, "a", ("1.0", ready.image))
    ahead = NOW + 300 * DAY
    assert look(ahead).looked == 1
    assert survey(NOW)[0].due == 1
    assert survey(NOW)[0].states == {"unreachable": [1, 1]}
    assert look() == Looked(1, 0, 0)
    assert [row.checked_at for row in (TrustResult.objects.get(), RunningTag.objects.get())] == [NOW, NOW]
    assert ImageStatements.objects.get().checked_at == NOW
    assert look() == Looked(0, 0, 0)
    assert survey(NOW)[0].states == {"verified": [1, 1]}


def test_a_tag_that_a_wrong_clock_dated_is_not_said_while_nobody_can_be_asked(ready: Scene) -> None:
    runs(ready, "a", ("1.0", ready.image))
    look(NOW + 300 * DAY)
    ready.broken = True
    look()
    assert RunningTag.objects.get().same is None
    assert ImageStatements.objects.get().checked_at is None
