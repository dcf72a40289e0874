from __future__ import annotations

import re

import pytest
from django.test import Client

from dashboard import lists
from dashboard.pages import containers as page
from fleet.counting import count_all
from fleet.models import Container, named
from tests.builders import NOW, container
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]


def names(viewer: Client, query: str) -> set[str]:
    response = viewer.get(f"/containers/?{query}")
    assert response.status_code == 200
    return set(re.findall(r'href="/containers/\d+/">([^<]+)</a>', response.content.decode()))


def fleet(*references: str) -> None:
    rows = [
        container(id=f"{n:02x}" + "ab" * 31, name=f"c{n}", image_reference=reference)
        for n, reference in enumerate(references)
    ]
    swept(host_row(), *rows)


def test_an_image_is_found_however_its_references_are_written_and_no_other_is(viewer: Client) -> None:
    hub = ("nginx", "nginx:1.27", "library/nginx:1", "docker.io/nginx:2", f"docker.io/library/nginx@sha256:{'a' * 64}")
    fleet(*hub, "nginx-exporter:1", "acme/nginx:1", "quay.io/nginx:1", "quay.io/acme/web:1", "quay.io/acme/web2:1")
    assert names(viewer, "image=docker.io/library/nginx") == {"c0", "c1", "c2", "c3", "c4"}
    assert names(viewer, "image=docker.io/acme/nginx") == {"c6"}
    assert names(viewer, "image=quay.io/acme/web") == {"c8"}
    assert names(viewer, "image=quay.io/acme") == set()


def test_as_many_are_of_an_image_as_were_counted_of_it(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet("nginx", "nginx:1.27", "docker.io/library/nginx:1", "acme/nginx:1")
    count_all(NOW)
    monkeypatch.setattr(lists, "MOST", 2)
    found = viewer.get("/containers/?image=docker.io/library/nginx").context
    assert (found["count"], found["open_ended"], found["total"]) == (3, False, 4)


def test_what_is_known_by_its_id_only_is_found_by_the_beginning_of_it(viewer: Client) -> None:
    fleet(f"sha256:{'ab' * 32}", f"sha256:{'cd' * 32}")
    assert names(viewer, f"image=sha256:{'ab' * 6}") == {"c0"}


@pytest.mark.parametrize(("words", "found"), [("00ab", {"c0"}), ("01AB", {"c1"}), ("ab", set()), ("zz", set())])
def test_the_beginning_of_an_id_finds_its_container(viewer: Client, words: str, found: set[str]) -> None:
    fleet("one", "two")
    assert names(viewer, f"q={words}") == found


def test_of_a_word_that_many_bear_a_large_fleet_says_more_than(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in ((named, "FEW", 3), (page, "FEW", 3), (lists, "LARGE", 1), (lists, "MOST_IN_LARGE", 3)):
        monkeypatch.setattr(module, name, value)
    fleet("web", "web", "web", "web", "one")
    assert Container.objects.all().keys_with("web") is None
    assert "more than 3" in re.sub("<[^>]*>", "", viewer.get("/containers/?q=web").content.decode())
    assert "more than" not in viewer.get("/containers/?q=one").content.decode()
    assert names(viewer, "q=one") == {"c4"}
