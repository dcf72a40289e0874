"""Places by what people type."""

from __future__ import annotations

import pytest

from fleet.models import Container
from fleet.reach import OUTSIDE, places
from fleet.reaching.finding import find, is_there, key_of, suggest
from tests.builders import OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fleet() -> None:
    swept(host_row(), container(labels={**OWNED, "loadline.service": "shop/web"}))


def test_what_people_type() -> None:
    assert find("Outside").place == OUTSIDE
    for typed in (" shop/web ", "shop-web", "service:shop/web"):
        assert find(typed).place == places.service("shop/web")
    assert find("prod-01").place == places.host("prod-01")
    assert find("wire:prod-01").place == places.wire("prod-01")
    assert find("").place is find("  ").place is None


def test_a_container_goes_by_its_key() -> None:
    row = Container.objects.get()
    found = find(f"container:{row.pk}")
    assert found.place == places.container("web", on="prod-01")
    assert find("container:0").place is find("container:x").place is find("container:" + "9" * 30).place is None


def test_a_part_of_a_name_is_answered_with_what_it_may_mean() -> None:
    assert find("sho").choices == (("service:shop/web", "service shop/web"),)
    assert suggest("host:prod").choices == (("host:prod-01", "host prod-01"),)
    assert find("nothing").choices == ()


def test_what_is_named_may_not_be_there() -> None:
    assert is_there(places.service("shop/web"))
    assert is_there(places.host("prod-01"))
    assert is_there(OUTSIDE)
    assert not is_there(places.service("gone"))
    assert not is_there(places.wire("gone"))


def test_every_place_has_a_key_that_finds_it() -> None:
    for place in (OUTSIDE, places.service("shop/web"), places.host("prod-01"), places.wire("prod-01")):
        assert find(key_of(place)).place == place
