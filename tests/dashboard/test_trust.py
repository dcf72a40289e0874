"""What the page of the pillar Trust says of whose images run, before everything that each pillar has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoDbBlocker

from dashboard.trust_words import GROUPS, STATES, proven
from fleet.counting import count_all
from fleet.models import Host, ImageRegistry, TrustRoot
from fleet.proving import NOT_LOOKED_AT, enable_root, register_root
from fleet.trust.roots import Kind
from fleet.trust.states import State
from fleet.trust.terms import Terms
from tests.builders import NOW
from tests.fleet.trust.sigstores import IDENTITY, ISSUER, WORKFLOW, Sigstore
from tests.pages import read
from tests.rows import shared_rows
from tests.trust_rows import EVERY, every_state, found_out, publisher

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _fleet(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False), shared_rows(django_db_blocker, every_state):
        yield


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(User.objects.create_user("viewer"))
    return client


def page(viewer: Client, path: str) -> str:
    response = viewer.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def nothing(*, hosts: bool = True) -> None:
    """Without publishers; or without anything that runs."""
    TrustRoot.objects.all().delete()
    if not hosts:
        Host.objects.all().delete()
    count_all(NOW)


def test_the_page_begins_with_the_share_and_what_it_is_a_share_of(viewer: Client) -> None:
    shown = page(viewer, "/trust/")
    total = len(EVERY) + 3
    assert ">7%</a>" in shown
    assert f'of <a href="/trust/images/">{total}</a> distinct images, run by 1 of {total} containers' in shown
    assert f"Trust roots speak for {total - 1} of the {total}" in shown
    assert "Verified is not current" in shown


def test_every_state_has_a_row_and_they_add_up(viewer: Client) -> None:
    rows = viewer.get("/trust/").context["trust"]["rows"]
    assert [row.state for row in rows] == list(STATES)
    assert {row.images for row in rows} == {1}
    assert sum(row.images for row in rows) == viewer.get("/trust/").context["trust"]["images"]


def test_only_verified_is_green() -> None:
    assert [state for state, told in STATES.items() if told.tone == "ready"] == ["verified"]
    assert [key for key, group in GROUPS.items() if group.tone == "ready"] == ["verified"]
    assert {STATES[state].tone for state in ("unreachable", "unsupported", NOT_LOOKED_AT)} == {"unknown"}
    assert STATES["no-policy"].tone == "not-applicable"
    assert set(STATES) == {*(state.value for state in State), NOT_LOOKED_AT}
    assert {told.group for told in STATES.values()} == set(GROUPS)


def test_every_number_of_it_is_that_of_the_list_behind_it(viewer: Client) -> None:
    counting = [
        link for link in read(page(viewer, "/trust/")).links
        if link.href.startswith("/trust/images/") and link.number is not None
    ]  # fmt: skip
    assert len(counting) > 20
    for link in counting:
        listed = read(page(viewer, link.href.replace("&amp;", "&"))).count
        assert listed, link
        assert listed[0] == link.number, link


def test_publishers_are_told_with_version_author_and_what_they_vouch_for(viewer: Client) -> None:
    publisher("old hands", "docker.io/*")
    enable_root("old hands", enabled=False)
    rows = viewer.get("/trust/").context["trust"]["publishers"]
    assert [(row.name, row.kind, row.version, row.author, row.enabled) for row in rows] == [
        ("platform", "cosign", 1, "ann", True),
        ("old hands", "cosign", 1, "ann", False),
    ]
    assert (rows[0].verified, rows[0].speaks_for) == (1, len(EVERY) + 2)
    assert "<code>registry.internal/*</code>" in page(viewer, "/trust/")


def test_a_publisher_without_keys_is_told_by_how_many_may_sign(viewer: Client) -> None:
    who = ((ISSUER, IDENTITY), (ISSUER, f"{WORKFLOW}*"))
    terms = {"kind": Kind.COSIGN_KEYLESS, "material": Sigstore().pinned(), "identities": who}
    scopes = ("registry.internal/keyless/*",)
    register_root("web", Terms(scopes=scopes, threshold=2, **terms), author=None, author_name="ann", now=NOW)
    rows = {row.name: row for row in viewer.get("/trust/").context["trust"]["publishers"]}
    assert (rows["web"].kind, rows["web"].keys) == ("cosign without keys", "2 of 2 signers")


def test_what_a_signature_without_a_key_proves_is_said_of_who_signed() -> None:
    is_proven, is_not = proven("verified", Kind.COSIGN_KEYLESS, "web", "1.4")
    assert is_proven == ["Who is registered for web signed exactly this image, by the word of the pinned Sigstore."]
    assert any("whoever may run a workflow may sign" in one for one in is_not)
    assert any("newest" in one for one in is_not)
    assert not any("key" in one.lower() for one in is_proven)


def test_without_a_publisher_it_says_what_to_do(viewer: Client) -> None:
    nothing()
    shown = page(viewer, "/trust/")
    assert "No publisher is registered" in shown
    assert "./loadline trust root add NAME --kind cosign --scope &#x27;registry.internal/*&#x27;" in shown
    assert "What ends next" not in shown
    assert ">0%</a>" in shown


def test_a_disabled_publisher_is_as_good_as_none(viewer: Client) -> None:
    enable_root("platform", enabled=False)
    count_all(NOW)
    assert "No publisher is registered" in page(viewer, "/trust/")


def test_without_a_registry_it_says_that_nobody_can_be_asked(viewer: Client) -> None:
    ImageRegistry.objects.all().delete()
    assert "No registry may be asked." in page(viewer, "/trust/")
    ImageRegistry.objects.create(host="other.internal", created_at=NOW)
    shown = page(viewer, "/trust/")
    assert "trust roots speak for images of registry.internal, and nobody <a " in shown
    assert 'href="/trust/registries/">registered the registry</a>' in shown
    assert "not registered</span>" in shown
    assert "docker.io," not in shown  # nobody speaks for it, so nobody misses it


def test_where_nothing_runs_it_says_so(viewer: Client) -> None:
    nothing(hosts=False)
    publisher()
    shown = page(viewer, "/trust/")
    assert "Whose images run" in shown
    assert "No host yet" in shown
    assert "None%" not in shown


def test_what_waits_is_told_with_when_its_turn_comes(viewer: Client) -> None:
    shown = page(viewer, "/trust/")
    assert f'<a href="/trust/images/?state=not-looked-at">1</a> of the {len(EVERY) + 2} images' in shown
    assert "The job begins every 5 minutes" in shown
    assert "1 is due now" in shown


@pytest.mark.parametrize(("hours", "word"), [(30, "Good"), (20, "Ends soon")])
def test_what_ends_soon_is_marked(viewer: Client, hours: int, word: str) -> None:
    found_out(State.VERIFIED, valid_until=NOW + timedelta(hours=hours))
    count_all(NOW)
    (row,) = viewer.get("/trust/").context["trust"]["ends"]
    assert (row.what, row.word) == ("registry.internal/web", word)
    assert "1 verified image by platform" in row.note
    assert ("Ends soon" in page(viewer, "/trust/")) is (word == "Ends soon")


def test_the_rules_of_the_pillar_stay(viewer: Client) -> None:
    shown = page(viewer, "/trust/")
    assert "Services by verdict in this pillar" in shown
    assert shown.index("Whose images run") < shown.index("Services by verdict in this pillar")
