"""Address ranges of one host."""

from __future__ import annotations

import pytest

from fleet.inventory import NetworkAttachment, Subnet
from fleet.reaching.ranges import ranges_on
from tests.builders import container, network
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


def net(name: str, cidr: str, **changes: object) -> object:
    return network(**{"id": name * 8, "name": name, "subnets": (Subnet(cidr),), **changes})


def test_room_pools_and_overlaps() -> None:
    shop = net("shop", "10.0.1.0/24", driver="overlay", scope="swarm")
    small = net("small", "172.18.0.0/29")
    boxes = [
        container(id=f"{number:064x}", name=f"web-{number}", networks=(NetworkAttachment("small", "small" * 8),))
        for number in range(4)
    ]
    swept(host_row("b"), networks=(shop,))
    swept(host_row("a"), *boxes, networks=(small, net("mine", "10.0.0.0/16"), shop))
    found = ranges_on("a")
    assert (found.pools.taken, found.pools.others) == (1, 1)
    assert [(room.network, room.left, room.nearly_full) for room in found.rooms][:1] == [("small", 1, True)]
    assert [(one.one.network, one.other.network) for one in found.overlaps] == [("mine", "shop"), ("mine", "shop")]
    assert not found.cut
