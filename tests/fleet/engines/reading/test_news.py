"""What is asked of images, networks and volumes when a container is new, or when an event tells of one."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.engines.docker import parse
from fleet.engines.reading import image
from fleet.engines.reading.news import attached
from fleet.transport import Endpoint
from tests.builders import NOW
from tests.fleet.engines.reading.test_fetch import DOCKER, LITTLE, OF_KIND, SWARM, again, known_to, play

FORGOTTEN = [{"Type": "container", "Action": "top", "Actor": {"ID": "x"}, "timeNano": 1}] * 256


def with_another(image: str = "", **detail: Any) -> dict[str, Any]:
    """The engine with one more container, made from the first one's details."""
    first = DOCKER["/containers/json"][0]
    inspected = DOCKER[f"/containers/{first['Id']}/json"]
    one = "f" * 64
    made = {**inspected, "Id": one, "Image": image or inspected["Image"], **detail}
    return DOCKER | {
        "/containers/json": [*DOCKER["/containers/json"], {**first, "Id": one, "ImageID": made["Image"]}],
        f"/containers/{one}/json": made,
    }


KNOWN_IMAGES = dict.fromkeys([one["Id"] for one in DOCKER["/images/json"]], False)
KNOWN = attached([*(one["Id"] for one in DOCKER["/networks"]), *(one["Name"] for one in DOCKER["/volumes"]["Volumes"])])


@pytest.mark.parametrize(
    ("detail", "kinds"),
    [
        ({}, set()),
        ({"NetworkSettings": {"Networks": {"new": {"NetworkID": "e" * 64}}}}, {"networks"}),
        ({"Mounts": [{"Type": "volume", "Name": "new"}]}, {"volumes"}),
    ],
)
def test_of_an_engine_that_forgets_only_what_a_new_container_has_and_nobody_knows_is_asked_for(
    detail: dict[str, Any], kinds: set[str]
) -> None:
    replies = with_another(**detail) | {"/events": FORGOTTEN}
    asked, told = again(replies, known_to(DOCKER, images=KNOWN_IMAGES, attached=KNOWN))
    assert told.things == kinds
    assert asked == LITTLE | SWARM | {f"/containers/{'f' * 64}/json", *(OF_KIND[kind] for kind in kinds)}


IMAGE = "sha256:" + "a" * 64
PULLED = {"Type": "image", "Action": "pull", "Actor": {"ID": "shop/web:2"}, "timeNano": 1}
DELETED = {"Type": "image", "Action": "delete", "Actor": {"ID": "sha256:" + "b" * 64}, "timeNano": 1}
INSPECTED = {"Id": IMAGE, "RepoTags": ["shop/web:2"], "RepoDigests": [], "Size": 1, "Config": {}}


def test_a_new_image_is_inspected_and_the_list_of_images_is_not_asked_for() -> None:
    replies = with_another(IMAGE) | {"/events": [PULLED, DELETED], f"/images/{IMAGE}/json": INSPECTED}
    asked, told = again(replies, known_to(DOCKER, images=KNOWN_IMAGES, attached=KNOWN))
    assert (told.things, told.images_gone) == (set(), {DELETED["Actor"]["ID"]})
    assert "/images/json" not in asked
    assert "/images/shop/web:2/json" not in asked  # known by its id already
    seen = parse(told, now=NOW, seconds=0.1, endpoint=Endpoint("tcp://127.0.0.1:2375"))
    assert [(one.id, one.tags, one.inspected) for one in seen.images_seen] == [(IMAGE, ("shop/web:2",), True)]
    assert (seen.images, seen.images_gone, "images" in seen.told) == (None, {DELETED["Actor"]["ID"]}, False)


@pytest.mark.parametrize(
    "happened",
    [
        {**PULLED, "Actor": {"ID": "../containers"}},
        {**PULLED, "Actor": {"ID": "nobody/knows:1"}},
        {**PULLED, "Actor": {}},
    ],
)
def test_of_what_an_event_names_otherwise_the_list_tells(happened: dict[str, Any]) -> None:
    asked, told = again(DOCKER | {"/events": [happened]}, known_to(DOCKER, images=KNOWN_IMAGES, attached=KNOWN))
    assert "/images/json" in asked
    assert not any(".." in path for path in asked)
    assert (told.things, told.images_gone) == ({"images"}, set())


@pytest.mark.parametrize("detail", [{"RepoTags": None}, {"Id": None}, {"Size": "1"}])
def test_an_inspection_that_tells_less_than_the_list_does_not_stand_for_it(detail: dict[str, Any]) -> None:
    replies = with_another(IMAGE) | {f"/images/{IMAGE}/json": {**INSPECTED, **detail}}
    asked, told = again(replies, known_to(DOCKER, images=KNOWN_IMAGES, attached=KNOWN))
    assert "/images/json" in asked
    assert told.things == {"images"}


def test_a_container_whose_tag_stands_for_another_image_now_has_the_images_listed() -> None:
    first, *others = DOCKER["/containers/json"]
    listed = [{**first, "Image": first["ImageID"]}, *others]
    _, told = again(DOCKER | {"/containers/json": listed}, known_to(DOCKER, images=KNOWN_IMAGES, attached=KNOWN))
    assert told.things == {"images"}


def test_of_a_real_engine_an_inspection_tells_what_the_list_does() -> None:
    _, told = play(DOCKER)
    machine = parse(told, now=NOW, seconds=0.1, endpoint=Endpoint("tcp://127.0.0.1:2375")).host
    listed = {entry["Id"]: entry for entry in DOCKER["/images/json"]}
    assert told.image_details
    for identity, detail in told.image_details.items():
        both = image.from_replies(listed[identity], detail, identity=identity, host=machine)
        assert image.from_replies(detail, detail, identity=identity, host=machine) == both
