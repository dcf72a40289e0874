"""Rows that were just written are handed on, so that nobody has to read them again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from fleet.engines import attached
from fleet.models import Container, Host, Image, Network, Volume
from fleet.models.seen import Seen
from fleet.recording import record
from tests.builders import NOW, container, image, network, snapshot, volume
from tests.rows import host_row

pytestmark = pytest.mark.django_db

WEB, SHOP = container(), container(id="d" * 64, name="shop")
THINGS = {"images": (image(),), "networks": (network(),), "volumes": (volume(),)}


@pytest.fixture
def prod_01() -> Host:
    return host_row()


def as_stored(value: object) -> object:
    """A tuple comes back as a list."""
    return msgspec.json.decode(msgspec.json.encode(value)) if isinstance(value, dict | list) else value


def stored(model: type[Seen]) -> dict[str, int]:
    rows = model._default_manager.filter(gone_at__isnull=True)
    return dict(rows.values_list("engine_id", "pk"))


def test_what_is_there_is_handed_on_with_its_keys_and_facts(prod_01: Host) -> None:
    recorded = record(prod_01.pk, snapshot(WEB, SHOP, **THINGS), now=NOW)
    for model in (Container, Image, Network, Volume):
        rows = recorded.there[model]
        assert {row.engine_id: row.pk for row in rows} == stored(model)
        for row in rows:
            again = model._default_manager.get(pk=row.pk)
            values = [field.attname for field in model._meta.concrete_fields]
            assert [as_stored(getattr(row, name)) for name in values] == [getattr(again, name) for name in values]
            assert row.read_facts() == again.read_facts()  # type: ignore[attr-defined]


def test_what_went_is_not_among_it(prod_01: Host) -> None:
    record(prod_01.pk, snapshot(WEB, SHOP, **THINGS), now=NOW)
    later = NOW + timedelta(minutes=1)
    recorded = record(prod_01.pk, snapshot(WEB, **(THINGS | {"images": ()})), now=later)
    assert [row.name for row in recorded.there[Container]] == ["web"]
    assert list(recorded.there[Image]) == []


def test_of_what_was_not_looked_at_only_what_is_short_is_handed_on(prod_01: Host) -> None:
    record(prod_01.pk, snapshot(WEB, SHOP, **THINGS), now=NOW)
    seen = replace(snapshot(WEB), unchanged=frozenset({SHOP.id}), images=None, networks=None, volumes=None)
    there = record(prod_01.pk, seen, now=NOW + timedelta(minutes=1)).there
    assert list(there) == [Container]
    assert {row.name: "facts" in row.__dict__ for row in there[Container]} == {"web": True, "shop": False}


def test_facts_that_were_set_anew_are_read_anew() -> None:
    row = Container()
    row.keep_facts({"id": "a"}, WEB)
    assert row.read_facts() is WEB
    row.facts = {"id": "b", "name": "other", "inspected": True}
    assert row.read_facts().name == "other"


def test_some_images_are_stored_beside_those_that_were_not_asked_for(prod_01: Host) -> None:
    old, other, new = image(), image(id="sha256:" + "b" * 64), image(id="sha256:" + "c" * 64)
    record(prod_01.pk, snapshot(WEB, SHOP, **(THINGS | {"images": (old, other)})), now=NOW)
    changed = replace(old, tags=("shop/web:2",))
    later = replace(
        snapshot(WEB, SHOP, images=None, networks=None, volumes=None),
        images_seen=(changed, new), images_gone=frozenset({other.id}), told=frozenset(),
    )  # fmt: skip
    recorded = record(prod_01.pk, later, now=NOW + timedelta(minutes=1))
    assert (recorded.changed, recorded.gone, Image in recorded.there) == (3, True, False)
    rows = {row.engine_id: row for row in Image.objects.all()}
    assert [rows[one.id].gone_at is None for one in (old, other, new)] == [True, False, True]
    assert rows[old.id].read_facts() == changed
    prod_01.refresh_from_db()
    assert prod_01.images_inspected == sorted([old.id, new.id])
    # And where all of them are asked for, what is not among them went.
    record(prod_01.pk, snapshot(WEB, SHOP, **(THINGS | {"images": (new,)})), now=NOW + timedelta(minutes=2))
    assert [row.engine_id for row in Image.objects.filter(gone_at=None)] == [new.id]


def test_networks_and_volumes_of_a_host_are_known_afterwards(prod_01: Host) -> None:
    record(prod_01.pk, snapshot(WEB, **THINGS), now=NOW)
    prod_01.refresh_from_db()
    assert set(prod_01.attached) == attached([network().id, volume().name])
    other = volume(name="other")
    record(prod_01.pk, snapshot(WEB, images=None, networks=None, volumes=(other,)), now=NOW)
    prod_01.refresh_from_db()
    assert set(prod_01.attached) == attached([network().id, volume().name, other.name])
    record(prod_01.pk, snapshot(WEB, networks=(network(),), volumes=(other,)), now=NOW)
    prod_01.refresh_from_db()
    assert set(prod_01.attached) == attached([network().id, other.name])
