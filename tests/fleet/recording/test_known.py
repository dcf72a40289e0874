"""Rows that were just written are handed on, so that nobody has to read them again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

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
