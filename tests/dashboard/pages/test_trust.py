"""What pages say of images: lists of them by what is proven, and one with its chain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoDbBlocker

from dashboard import queueing
from fleet.counting import count_all
from fleet.models import Container, RunningTag, TrustRoot
from fleet.proving import edit_root
from fleet.trust.states import State
from fleet.trust.terms import read as read_terms
from tests.builders import IMAGE_ID, NOW
from tests.pages import read
from tests.rows import shared_rows
from tests.trust_rows import EVERY, WEB, every_state, found_out, publisher

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]
OTHER = "sha256:" + "b" * 64


@pytest.fixture(scope="module", autouse=True)
def _fleet(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False), shared_rows(django_db_blocker, every_state):
        yield


def page(viewer: Client, path: str, **query: str) -> str:
    response = viewer.get(path, query)
    assert response.status_code == 200, path
    return response.content.decode()


def of(viewer: Client, reference: str = WEB, image_id: str = IMAGE_ID, **query: str) -> str:
    return page(viewer, f"/trust/images/{image_id}/", name=reference, **query)


def steps(shown: str) -> list[tuple[str, str]]:
    """(state, title) of each step of the chain."""
    drawn = shown.partition('<ol class="chain">')[2].partition("</ol>")[0]
    return re.findall(r'<li class="(\w+)">.*?<h3>([\w ]+?)(?: <small>| ?</h3>)', drawn)


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(User.objects.create_user("boss", is_staff=True))
    return client


# The list.


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"state": "invalid"}, ["registry.internal/of-invalid:1"]),
        ({"group": "disproved"}, ["registry.internal/of-invalid:1", "registry.internal/of-mismatch:1"]),
        ({"registry": "docker.io"}, ["docker.io/library/redis:7"]),
        ({"q": "WAITS"}, ["registry.internal/waits:1"]),
        ({"q": "sha256:bbbb"}, []),
        ({"root": "nobody"}, []),
        ({"team": "payments", "state": "verified"}, [WEB]),
        ({"team": "nobody"}, []),
    ],
)
def test_images_are_listed_by(viewer: Client, query: dict[str, str], names: list[str]) -> None:
    listed = viewer.get("/trust/images/", query).context["table"].data
    assert [one.name for one in listed] == names


def test_the_list_begins_with_the_worst_and_leads_to_image_and_containers(viewer: Client) -> None:
    shown = page(viewer, "/trust/images/")
    assert shown.index("of-invalid") < shown.index("of-unsigned") < shown.index("redis:7") < shown.index("web:1.4")
    assert f'href="/trust/images/{IMAGE_ID}/?name=registry.internal%2Fof-invalid%3A1"' in shown
    for link in read(shown).links:
        if link.href.startswith("/containers/?named="):
            assert read(page(viewer, link.href)).count == (1, len(EVERY) + 3)


@pytest.mark.parametrize("sort", ["state", "-state", "name", "-containers", "root", "nonsense"])
def test_the_list_is_sorted_by(viewer: Client, sort: str) -> None:
    assert "of-invalid" in page(viewer, "/trust/images/", sort=sort)


def test_the_list_is_a_sheet_too(viewer: Client) -> None:
    lines = viewer.get("/trust/images/?format=csv&state=unsigned").content.decode().splitlines()
    assert lines[0] == "Image,What is proven,Trust root,Teams,Containers,Found out"
    assert lines[1].startswith("registry.internal/of-unsigned:1,unsigned,platform,payments,1,")
    assert len(lines) == 2


def test_a_filter_that_is_none_shows_nothing_and_says_why(viewer: Client) -> None:
    shown = page(viewer, "/trust/images/", state="green")
    assert "is not one of the available choices" in shown
    assert read(shown).count == (0, len(EVERY) + 3)


# One image.


def test_a_verified_image_shows_its_chain_up_to_who_registered_the_key(viewer: Client) -> None:
    shown = of(viewer)
    assert steps(shown) == [
        ("holds", title)
        for title in (
            "Containers", "Image ID", "Manifest", "Index", "Signature", "Key", "Trust root", "Registered by",
        )
    ]  # fmt: skip
    assert "made version 1" in shown
    assert f'data-whole="{IMAGE_ID}"' in shown
    assert "signed exactly this image" in shown
    assert "That it is the newest: the signature binds neither a tag nor a date" in shown
    assert not re.search(
        r"\bcurrent\b", shown.partition("<main")[2].partition("</main>")[0].replace("aria-current", "")
    )


@pytest.mark.parametrize(
    ("state", "broke", "at"),
    [
        ("unsigned", "broke", "Signature"),
        ("invalid", "broke", "Signature"),
        ("mismatch", "broke", "Signature"),
        ("superseded", "broke", "Signature"),
        ("other-tag", "broke", "Signature"),
        ("expired", "broke", "Signature"),
        ("unknown-publisher", "broke", "Key"),
        ("local", "broke", "Manifest"),
        ("unsupported", "open", "Signature"),
        ("unreachable", "open", "Manifest"),
    ],
)
def test_a_broken_chain_shows_where(viewer: Client, state: str, broke: str, at: str) -> None:
    shown = of(viewer, f"registry.internal/of-{state}:1")
    found = steps(shown)
    place = found.index((broke, at))
    # Of a signature by an unknown key nobody can tell what it is worth.
    assert {told for told, title in found[:place] if (state, title) != ("unknown-publisher", "Signature")} == {"holds"}
    assert {told for told, _ in found[place + 1 :]} == {"missing"}
    assert found[-1][1] == "Registered by"
    assert f"It is {state}." in shown


def test_what_stands_behind_invalid_is_said(viewer: Client) -> None:
    assert "An older set was shown than was seen before." in of(viewer, "registry.internal/of-invalid:1")


def test_what_was_not_looked_at_is_no_verdict(viewer: Client) -> None:
    shown = of(viewer, "registry.internal/waits:1")
    assert "It has not been looked at yet." in shown
    assert steps(shown)[2] == ("open", "Manifest")
    assert "When it was looked at" not in shown


def test_an_image_of_nobody_says_how_to_register_its_publisher(viewer: Client) -> None:
    shown = of(viewer, "redis:7")
    assert steps(shown) == [
        ("holds", "Containers"), ("holds", "Image ID"), ("open", "Trust root"), ("missing", "Registered by"),
    ]  # fmt: skip
    assert "--scope &#x27;docker.io/library/redis&#x27;" in shown
    assert "Verify now" not in shown


def test_a_verdict_that_could_not_be_looked_at_again_says_why_and_of_when_it_is(viewer: Client) -> None:
    found_out(State.UNREACHABLE, now=NOW + timedelta(seconds=5), sentence="registry.internal did not answer.")
    shown = of(viewer)
    assert "Not asked again" in shown
    assert "registry.internal did not answer." in shown
    assert ("holds", "Key") in steps(shown)
    assert "1 try in a row came to nothing" in shown


def test_it_says_since_when_and_when_it_was_looked_at(viewer: Client) -> None:
    found_out(State.VERIFIED, now=NOW + timedelta(seconds=5))
    shown = re.sub(r"<[^>]*>", "", of(viewer))
    assert re.search(rf"Verified\s+since {NOW:%-d %b %Y %H:%M} UTC, looked at", shown)


def test_what_is_overdue_says_so_and_changes_lead_to_who_edits_publishers(viewer: Client) -> None:
    found_out(State.INVALID, "registry.internal/of-invalid:1", now=NOW - timedelta(hours=1))
    assert "; when its turn comes" in of(viewer, "registry.internal/of-invalid:1")
    assert "; when its turn comes" not in of(viewer)
    assert 'href="/trust/roots/#who"' in page(viewer, "/changes/")
    assert 'id="who"' in page(viewer, "/trust/roots/")


def tag_says(reference: str, *, same: bool, digest: str = "") -> None:
    told = {"same": same, "digest": digest, "checked_at": NOW, "asked_at": NOW, "due_at": NOW}
    RunningTag.objects.create(name=reference, image_id=IMAGE_ID, **told)


SIGNED = "registry.internal/of-unsigned:1"


def test_a_tag_that_moved_stands_beside_verified_and_nothing_calls_the_image_current(viewer: Client) -> None:
    """Attack 17: the tag was pointed to another image that is signed, too; what runs was left behind."""
    found_out(State.VERIFIED, SIGNED)
    assert "Tag moved" not in of(viewer, SIGNED)
    tag_says(SIGNED, same=False, digest=OTHER)
    shown = of(viewer, SIGNED).partition("<main")[2].partition("</main>")[0]
    assert ("holds", "Key") in steps(shown)
    assert "Tag moved" in shown
    assert f'data-whole="{OTHER}"' in shown
    assert "no word on whether it is the newest" in shown
    proof = shown.partition('id="trust-said"')[2].partition('id="trust-users"')[0]
    assert "Tag moved" in proof
    assert not re.search(r"\b(current|up to date|latest)\b", re.sub(r"<[^>]*>", " ", proof))
    told = viewer.get(f"/trust/images/{IMAGE_ID}/", {"name": SIGNED}).context["known"]
    assert (told.state, told.tag.same) == ("verified", False)


@pytest.mark.parametrize(("same", "digest", "said"), [(True, OTHER, "means this very image"), (False, "", "Tag gone")])
def test_what_the_registry_says_of_a_tag_is_told(viewer: Client, same: bool, digest: str, said: str) -> None:
    tag_says(SIGNED, same=same, digest=digest)
    assert said in of(viewer, SIGNED)


def test_warnings_are_shown(viewer: Client) -> None:
    found_out(State.VERIFIED, warnings=("Its certificate ends in 3 days.",))
    assert "Its certificate ends in 3 days." in of(viewer)


def test_what_was_said_under_an_older_version_is_history(viewer: Client) -> None:
    terms = read_terms(TrustRoot.objects.get().versions.all()[0].document)
    changed = {**terms.document(), "scopes": ["registry.internal/*", "docker.io/*"]}
    edit_root("platform", read_terms(changed), author=None, author_name="bo", now=NOW)
    shown = of(viewer)
    assert "What was said before" in shown
    assert "platform, version 1" in shown
    assert ("holds", "Key") not in steps(shown)


def test_each_root_that_speaks_is_told(viewer: Client) -> None:
    publisher("other")
    found_out(State.UNKNOWN_PUBLISHER, root="other")
    shown = of(viewer)
    assert "What each trust root says" in shown
    assert "It is unknown-publisher." in shown


def test_it_names_who_runs_it_and_what_rules_say(viewer: Client) -> None:
    shown = of(viewer)
    assert f'href="/containers/{Container.objects.get(name="web").pk}/"' in shown
    assert 'href="/services/web/"' in shown
    assert "What rules say of it" in shown


def test_an_image_without_its_name_is_found_by_what_runs(viewer: Client) -> None:
    Container.objects.exclude(name="web").delete()
    count_all(NOW)
    reply = viewer.get(f"/trust/images/{IMAGE_ID}/")
    assert (reply.status_code, reply["Location"]) == (302, f"/trust/images/{IMAGE_ID}/?name={quote(WEB, safe='')}")


def test_an_image_of_several_names_asks_which(viewer: Client) -> None:
    shown = page(viewer, f"/trust/images/{IMAGE_ID}/")
    assert "It runs by several names" in shown
    assert "of-unsigned" in shown


@pytest.mark.parametrize(("image_id", "name"), [(OTHER, WEB), (OTHER, ""), ("nonsense", WEB), (IMAGE_ID, "none/such")])
def test_what_nobody_knows_is_not_there(viewer: Client, image_id: str, name: str) -> None:
    assert viewer.get(f"/trust/images/{image_id}/", {"name": name} if name else {}).status_code == 404


def test_a_container_its_service_and_lists_lead_to_it(viewer: Client) -> None:
    web = Container.objects.get(name="web")
    address = f"/trust/images/{IMAGE_ID}/?name={quote(WEB, safe='')}"
    assert address in page(viewer, f"/containers/{web.pk}/")
    assert f"/trust/images/?q={quote(WEB, safe='')}" in page(viewer, "/services/web/")
    assert f"/trust/images/?q={quote('docker.io/library/redis:7', safe='')}" in page(viewer, "/containers/")


# Verify now.


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    asked: list[Any] = []
    monkeypatch.setattr(queueing.prove_image, "apply_async", lambda **told: asked.append(told))
    return asked


def test_verify_now_asks_a_worker_and_shows_that_it_is_under_way(operator: Client, sent: list[Any]) -> None:
    reply = operator.post(f"/trust/images/{IMAGE_ID}/verify/", {"name": WEB})
    assert [(one["kwargs"], one["queue"]) for one in sent] == [({"reference": WEB, "image_id": IMAGE_ID}, "long")]
    shown = operator.get(reply["Location"]).content.decode()
    assert "Verifying" in shown
    found_out(State.VERIFIED, now=NOW + timedelta(seconds=11))
    assert "Verifying" not in operator.get(reply["Location"]).content.decode()


def test_a_wish_that_nobody_took_is_given_up(operator: Client) -> None:
    later = int((NOW + timedelta(seconds=1)).timestamp())
    assert "No worker has begun" not in of(operator, asked=str(later))
    TrustRoot.objects.all().delete()
    assert "No worker has begun with it" in of(operator, "redis:7", asked=str(later - 3600))
    for odd in ("x", "9" * 30, "-1", ""):
        assert of(operator, "redis:7", asked=odd)


def test_nobody_is_asked_where_no_root_speaks(operator: Client, sent: list[Any]) -> None:
    shown = operator.post(f"/trust/images/{IMAGE_ID}/verify/", {"name": "redis:7"}, follow=True)
    assert "there is nobody to ask" in shown.content.decode()
    assert sent == []


def test_without_a_queue_it_waits_for_its_turn(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:

    def away(**_told: Any) -> None:
        raise OSError

    monkeypatch.setattr(queueing.prove_image, "apply_async", away)
    shown = operator.post(f"/trust/images/{IMAGE_ID}/verify/", {"name": WEB}, follow=True).content.decode()
    assert "The queue does not answer" in shown


def test_a_viewer_has_no_button(viewer: Client) -> None:
    assert "Verify now" not in of(viewer)
