"""Trust by the API: the counts, the images, and one with its chain."""

from __future__ import annotations

import pytest
from django.test import Client

from fleet.counting import count_all
from fleet.trust.states import State
from tests.builders import IMAGE_ID, NOW, OWNED, container, image
from tests.rows import host_row, swept
from tests.trust_rows import WEB, found_out, publisher

pytestmark = pytest.mark.django_db
ONE = f"/api/v1/trust/images/{IMAGE_ID}"
API = "registry.internal/api:2"


@pytest.fixture(autouse=True)
def _fleet(_the_clock_stands: None) -> None:
    containers = [
        container(
            id=f"{n:064x}", name=f"c{n}", image_reference=reference, labels={**OWNED, "loadline.service": f"s{n}"}
        )
        for n, reference in enumerate((WEB, WEB, API, "redis:7"))
    ]
    swept(host_row(team="ops"), *containers, images=(image(),))
    publisher()
    found_out(State.VERIFIED)
    found_out(State.UNSIGNED, API)
    count_all(NOW)


def test_the_counts_add_up(viewer: Client) -> None:
    told = viewer.get("/api/v1/trust").json()
    assert (told["images"], told["containers"]) == (3, 4)
    assert (told["verified_images"], told["verified_containers"]) == (1, 2)
    assert told["states"] == {"verified": [1, 2], "unsigned": [1, 1], "no-policy": [1, 1]}
    assert {row["name"]: (row["registered"], row["images"]) for row in told["registries"]} == {
        "registry.internal": (True, 2),
        "docker.io": (False, 1),
    }
    assert [(row["name"], row["verified_images"], row["images"]) for row in told["roots"]] == [("platform", 1, 2)]
    assert told["at"] == "2026-11-24T12:00:00Z"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["docker.io/library/redis:7", API, WEB]),
        ({"state": "unsigned"}, [API]),
        ({"group": "not-proven"}, [API]),
        ({"registry": "docker.io"}, ["docker.io/library/redis:7"]),
        ({"root": "platform", "q": "web"}, [WEB]),
        ({"q": IMAGE_ID[:20], "state": "verified"}, [WEB]),
        ({"team": "nobody"}, []),
    ],
)
def test_images_are_listed_by_what_they_prove(viewer: Client, query: dict[str, str], names: list[str]) -> None:
    told = viewer.get("/api/v1/trust/images", query).json()
    assert ([one["name"] for one in told["items"]], told["next_cursor"]) == (names, None)


def test_a_listed_image_has_its_state_and_its_containers(viewer: Client) -> None:
    (one,) = viewer.get("/api/v1/trust/images", {"state": "verified"}).json()["items"]
    assert one["due_at"] > "2026-11-25"
    del one["due_at"]
    assert one == {
        "name": WEB,
        "image_id": IMAGE_ID,
        "registry": "registry.internal",
        "state": "verified",
        "root": "platform",
        "containers": 2,
        "teams": one["teams"],
        "checked_at": "2026-11-24T12:00:00Z",
        "valid_until": None,
    }
    assert sum(one["teams"].values()) == 2


def test_a_cursor_leads_through_all_of_them_once(viewer: Client) -> None:
    names, cursor = [], ""
    for _ in range(3):
        told = viewer.get("/api/v1/trust/images", {"limit": "1", **({"cursor": cursor} if cursor else {})}).json()
        names += [one["name"] for one in told["items"]]
        cursor = told["next_cursor"]
    assert (names, cursor) == (["docker.io/library/redis:7", API, WEB], None)


@pytest.mark.parametrize("cursor", ["x", "WzEsMl0", "AAAA", "W10", "bm9uc2Vuc2U", "é"])
def test_a_cursor_that_is_none_is_refused(viewer: Client, cursor: str) -> None:
    reply = viewer.get("/api/v1/trust/images", {"cursor": cursor})
    assert (reply.status_code, reply.json()["error"]["field"]) == (422, "cursor")


@pytest.mark.parametrize(("name", "value"), [("state", "green"), ("group", "green"), ("stat", "verified")])
def test_a_filter_that_is_none_is_refused(viewer: Client, name: str, value: str) -> None:
    assert viewer.get("/api/v1/trust/images", {name: value}).status_code == 422


def test_one_image_has_its_chain(viewer: Client) -> None:
    told = viewer.get(ONE, {"name": WEB}).json()
    assert (told["state"], told["verified"], told["fresh"], told["root"]) == ("verified", True, True, "platform")
    assert [(link["what"], link["state"]) for link in told["chain"]] == [
        (what, "holds") for what in ("containers", "image", "manifest", "index", "signature", "key", "root", "person")
    ]
    assert told["chain"][-1]["value"] == "ann"
    assert any("newest" in line for line in told["not_proven"])
    (result,) = told["results"]
    assert (result["root"], result["version"], result["in_force"]) == ("platform", 1, True)
    assert ([one["name"] for one in told["containers"]], told["more_containers"]) == (["c0", "c1"], False)


def test_a_broken_chain_says_where(viewer: Client) -> None:
    told = viewer.get(ONE, {"name": API}).json()
    assert (told["state"], told["verified"]) == ("unsigned", False)
    assert [link["what"] for link in told["chain"] if link["state"] == "broke"] == ["signature"]


def test_what_no_root_speaks_for_is_told_without_a_result(viewer: Client) -> None:
    told = viewer.get(ONE, {"name": "redis:7"}).json()
    assert (told["state"], told["name"], told["results"]) == ("no-policy", "docker.io/library/redis:7", [])


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        (ONE, {}, 422),
        (ONE, {"name": "none/such:1"}, 404),
        ("/api/v1/trust/images/nonsense", {"name": WEB}, 404),
        (ONE, {"name": "a\x00b"}, 422),
    ],
)
def test_what_is_not_there_is_refused(viewer: Client, path: str, query: dict[str, str], status: int) -> None:
    assert viewer.get(path, query).status_code == status
