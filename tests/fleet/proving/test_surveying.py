"""The fleet's images are counted once each under each name, and every count adds up."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fleet.models import ImageRegistry, Service
from fleet.proving import NOT_LOOKED_AT, Listed, edit_root, enable_root, register_root, survey
from fleet.proving.surveying import from_rows, to_rows, used
from fleet.trust.keys import to_pem
from fleet.trust.roots import Kind
from fleet.trust.states import State
from fleet.trust.terms import Terms
from tests.builders import IMAGE_ID, NOW, OWNED, container, image
from tests.fleet.trust.authorities import certified
from tests.fleet.trust.publishers import new_key, pem
from tests.rows import host_row, swept
from tests.trust_rows import WEB, found_out, publisher

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def runs(host: str, *images: tuple[str, str], service: str = "web", team: str = "") -> None:
    """A host with a container of each (reference, image ID)."""
    labels = {**OWNED, "loadline.service": service}
    containers = [
        container(id=f"{number:x}{host}".encode().hex().rjust(64, "0")[-64:], name=f"{host}-{number}",
                  image_reference=reference, image_id=image_id, labels=labels)
        for number, (reference, image_id) in enumerate(images)
    ]  # fmt: skip
    known = tuple(image(id=one, digests=()) for one in dict.fromkeys(image_id for _, image_id in images))
    swept(host_row(host, team=team), *containers, images=known)


def certificate_of(name: str, *, days: int) -> str:
    return to_pem("CERTIFICATE", certified(name, begin=NOW - HOUR, days=days).der)


def states() -> dict[str, str]:
    return {one.name: one.state for one in survey(NOW)[1]}


def test_many_containers_of_one_image_are_one_image() -> None:
    runs("a", (WEB, IMAGE_ID), (WEB, IMAGE_ID))
    runs("b", (WEB, IMAGE_ID))
    publisher()
    found_out(State.VERIFIED)
    found, images = survey(NOW)
    assert (found.images, found.containers, found.states) == (1, 3, {"verified": [1, 3]})
    assert [(one.name, one.root, one.containers) for one in images] == [(WEB, "platform", 3)]


def test_however_its_name_is_written_it_is_the_same_image() -> None:
    short = (("redis:7", IMAGE_ID), ("docker.io/library/redis:7", IMAGE_ID), ("library/redis:7", IMAGE_ID))
    runs("a", *short)
    (one,) = used()
    assert (one.reference, one.containers, one.registry) == ("docker.io/library/redis:7", 3, "docker.io")


def test_what_no_root_speaks_for_is_counted_as_that() -> None:
    odd = "registry.internal/UPPER/../x:1"
    runs("a", (WEB, IMAGE_ID), ("redis:7", "sha256:" + "b" * 64), (odd, IMAGE_ID), ("sha256:" + "c" * 64, IMAGE_ID))
    publisher()
    found, _ = survey(NOW)
    assert found.states == {NOT_LOOKED_AT: [1, 1], "no-policy": [3, 3]}
    assert {name: sum(images for images, _ in tally.values()) for name, tally in found.registries.items()} == {
        "": 2,
        "docker.io": 1,
        "registry.internal": 1,
    }
    assert found.due == 1


def test_without_any_root_everything_is_counted_all_the_same() -> None:
    runs("a", (WEB, IMAGE_ID))
    assert survey(NOW)[0].states == {"no-policy": [1, 1]}


def test_an_empty_fleet_has_nothing_to_say() -> None:
    found, images = survey(NOW)
    assert (found.images, found.states, found.ends, images) == (0, {}, (), [])


def test_all_counts_add_up() -> None:
    tags = [f"registry.internal/web:{number}" for number in range(8)]
    for team, names in (("payments", tags[:5]), ("search", tags[3:])):
        runs(team, *((name, IMAGE_ID) for name in names), service=team)
    Service.objects.filter(name="payments").update(team="payments")
    Service.objects.filter(name="search").update(team="search")
    publisher()
    for name, state in zip(tags, (State.VERIFIED, State.UNSIGNED, State.INVALID, State.VERIFIED), strict=False):
        found_out(state, name)
    found, images = survey(NOW)
    assert (found.images, found.containers) == (8, 10)
    for tallies in ({"": found.states}, found.registries, found.roots):
        assert sum(number for tally in tallies.values() for number, _ in tally.values()) == 8
        assert sum(number for tally in tallies.values() for _, number in tally.values()) == 10
    # An image counts in each team that runs it, and its containers in one.
    assert sum(number for tally in found.teams.values() for number, _ in tally.values()) == 10
    assert sum(number for tally in found.teams.values() for _, number in tally.values()) == 10
    assert found.teams["payments"] == {"verified": [2, 2], "unsigned": [1, 1], "invalid": [1, 1], NOT_LOOKED_AT: [1, 1]}
    assert [one.state for one in images] == ["invalid", "unsigned", *[NOT_LOOKED_AT] * 4, "verified", "verified"]


def test_a_container_of_no_service_is_its_hosts_teams() -> None:
    runs("a", (WEB, IMAGE_ID), team="ops")
    Service.objects.all().delete()
    assert set(survey(NOW)[0].teams) == {"ops"}


def test_a_verdict_that_grew_old_is_not_counted_as_verified() -> None:
    runs("a", (WEB, IMAGE_ID))
    publisher()
    found_out(State.VERIFIED)
    assert survey(NOW + 47 * HOUR)[0].states == {"verified": [1, 1]}
    assert survey(NOW + 49 * HOUR)[0].states == {"unreachable": [1, 1]}


def test_what_was_found_out_under_an_older_version_is_not_counted() -> None:
    runs("a", (WEB, IMAGE_ID))
    publisher()
    found_out(State.VERIFIED)
    terms = Terms(kind=Kind.COSIGN, scopes=("registry.internal/*",), material=pem(new_key()))
    edit_root("platform", terms, author=None, author_name="ann", now=NOW)
    assert states() == {WEB: NOT_LOOKED_AT}
    enable_root("platform", enabled=False)
    assert states() == {WEB: "no-policy"}


def test_of_several_roots_the_best_counts_and_the_closest_scope_speaks() -> None:
    runs("a", (WEB, IMAGE_ID))
    publisher()
    publisher("other")
    publisher("far", "docker.io/*")
    found_out(State.UNKNOWN_PUBLISHER)
    found_out(State.VERIFIED, root="other")
    assert survey(NOW)[0].roots == {"other": {"verified": [1, 1]}}
    publisher("close", "registry.internal/web")
    assert states() == {WEB: NOT_LOOKED_AT}


def test_it_says_what_is_due_and_what_comes_next() -> None:
    runs("a", (WEB, IMAGE_ID), ("registry.internal/api:1", IMAGE_ID))
    publisher()
    row = found_out(State.VERIFIED)
    found, _ = survey(NOW)
    assert (found.due, found.next_due, found.asked_at) == (1, row.due_at, NOW)
    assert survey(NOW + 25 * HOUR)[0].due == 2


def test_it_says_what_ends_next() -> None:
    runs("a", (WEB, IMAGE_ID), ("registry.internal/web:2", IMAGE_ID))
    publisher()
    for name in (WEB, "registry.internal/web:2"):
        found_out(State.VERIFIED, name, valid_until=NOW + 3 * HOUR)
    notation = Terms(kind=Kind.NOTATION, scopes=("docker.io/*",), material=certificate_of("signer", days=30))
    register_root("signer", notation, author=None, author_name="ann", now=NOW)
    ImageRegistry.objects.update(ca=certificate_of("inside", days=10))
    assert [(one.kind, one.what, one.root, one.images) for one in survey(NOW)[0].ends] == [
        ("verdict", "registry.internal/web", "platform", 2),
        ("connection", "registry.internal", "", 0),
        ("certificate", "CN=signer,O=Acme", "signer", 0),
    ]


def test_it_takes_as_many_queries_for_a_large_fleet() -> None:
    publisher()
    costs = []
    for host, number in (("a", 1), ("b", 12)):
        runs(host, *((f"registry.internal/web:{n}", IMAGE_ID) for n in range(number)))
        with CaptureQueriesContext(connection) as asked:
            survey(NOW)
        costs.append(len(asked))
    assert costs == [4, 4]


def test_a_listed_image_is_the_same_when_it_was_stored() -> None:
    runs("a", (WEB, IMAGE_ID))
    publisher()
    found_out(State.VERIFIED, valid_until=NOW + HOUR)
    (one,) = survey(NOW)[1]
    assert from_rows(json.loads(json.dumps(to_rows([one])))) == [one]


def test_of_an_image_that_everybody_runs_the_largest_teams_are_kept() -> None:
    teams = tuple((f"team-{number}", 1) for number in range(60))
    one = Listed(name=WEB, image_id=IMAGE_ID, registry="registry.internal", state="verified", teams=teams)
    assert [len(kept.teams) for kept in from_rows(to_rows([one]))] == [50]
