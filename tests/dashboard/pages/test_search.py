from __future__ import annotations

import pytest
from django.test import Client

from fleet.models import Container
from tests.builders import container
from tests.mixed_fleet import mixed_fleet, one
from tests.pages import read
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]


def words(viewer: Client, q: str) -> str:
    response = viewer.get("/search/", {"q": q})
    assert response.status_code == 200
    return response.content.decode()


def test_nothing_typed_says_what_can_be_found(viewer: Client) -> None:
    assert "What are you looking for?" in words(viewer, "  ")


def test_a_part_of_a_name_finds_services_hosts_and_containers(viewer: Client) -> None:
    mixed_fleet()
    page = read(words(viewer, "o"))
    found = {link.href: link.number for link in page.links if "?q=o" in link.href}
    assert found == {"/services/?q=o": 3, "/hosts/?q=o": 5, "/containers/?q=o": 6}


def test_a_name_that_one_thing_bears_leads_to_it(viewer: Client) -> None:
    mixed_fleet()
    assert viewer.get("/search/?q=Prod-01")["Location"] == "/hosts/prod-01/"
    assert viewer.get("/search/?q=ledger+%26+co")["Location"] == "/services/ledger-co/"


def test_a_name_that_two_things_bear_is_listed(viewer: Client) -> None:
    swept(host_row("web"), one("web", 1))
    assert "Services" in words(viewer, "web")


def test_the_beginning_of_an_id_leads_to_its_container(viewer: Client) -> None:
    swept(host_row(), container(id="ab12cd34ef56" + "0" * 52))
    assert viewer.get("/search/?q=AB12CD34EF56")["Location"] == f"/containers/{Container.objects.get().pk}/"


def test_a_container_that_is_gone_is_not_found(viewer: Client) -> None:
    host = swept(host_row(), one("old", 1), one("new", 2))
    swept(host, one("new", 2))
    assert "Nothing found" in words(viewer, "old")


@pytest.mark.parametrize("q", ["\x00", "<b>", "%", "'", "☃" * 300])
def test_odd_words_are_no_error(viewer: Client, q: str) -> None:
    assert "<b><b></b>" not in words(viewer, q)


def test_the_box_keeps_what_was_typed(viewer: Client) -> None:
    assert 'value="nobody &amp; nothing"' in words(viewer, "nobody & nothing")
