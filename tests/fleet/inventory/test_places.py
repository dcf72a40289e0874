from __future__ import annotations

import pytest

from fleet.inventory.places import LAYER, TMPFS, place_of, within
from tests.builders import bind_mount, container, volume_mount


@pytest.mark.parametrize("changes", [{"mounts": None}, {"tmpfs": None}])
def test_unreported_mounts_make_the_place_none(changes: dict[str, None]) -> None:
    assert place_of(container(**changes), "/data") is None


@pytest.mark.parametrize("destination", ["/database", "/data/sub", "/dat"])
def test_a_mount_elsewhere_does_not_cover(destination: str) -> None:
    place = place_of(container(mounts=(volume_mount(destination=destination),)), "/data")
    assert place is not None
    assert place.kind == LAYER


@pytest.mark.parametrize("destination", ["/data", "/data/", "/", "/var/.."])
def test_a_mount_on_the_path_or_above_it_covers(destination: str) -> None:
    place = place_of(container(mounts=(volume_mount(destination=destination),)), "/data")
    assert place is not None
    assert place.kind == "volume"


def test_the_deepest_mount_decides() -> None:
    facts = container(mounts=(bind_mount("/srv", "/var/lib/db/data"),), tmpfs=("/var/lib",))
    inner, outer = place_of(facts, "/var/lib/db/data/base"), place_of(facts, "/var/lib/db")
    assert inner is not None
    assert outer is not None
    assert (inner.kind, outer.kind) == ("bind", TMPFS)


def test_within_does_not_match_half_a_name() -> None:
    assert not within("/database", "/data")
    assert within("/data/base", "/data")
