"""A host's subnets."""

from __future__ import annotations

import pytest
from django.test import Client

from fleet.counting import count_all
from fleet.inventory import Subnet
from tests.builders import NOW, network
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon_after")]


def test_a_host_has_room_on_its_networks(viewer: Client) -> None:
    swept(host_row())
    text = viewer.get("/network/ranges/prod-01/").content.decode()
    assert "Of the 31 ranges" in text
    assert "172.20.0.0/16" in text
    assert "/network/ranges/prod-01/" in viewer.get("/hosts/prod-01/").content.decode()


def test_a_host_that_is_not_there_has_none(viewer: Client) -> None:
    assert viewer.get("/network/ranges/gone/").status_code == 404


def test_the_fleet_names_what_meets_and_whose_engine_runs_out(viewer: Client) -> None:
    pools = [network(id=f"n{one}", name=f"n{one}", subnets=(Subnet(f"172.{one}.0.0/16"),)) for one in range(17, 32)]
    pools += [
        network(id=f"m{one}", name=f"m{one}", subnets=(Subnet(f"192.168.{one}.0/20"),)) for one in range(0, 256, 16)
    ]
    swept(host_row("prod-01"), networks=(*pools, network(id="x", name="x", subnets=(Subnet("172.20.5.0/24"),))))
    swept(host_row("prod-02"))
    text = viewer.get("/network/ranges/").content.decode()
    assert "<b>n20 (bridge 172.20.0.0/16)</b>" in text
    assert "x (bridge 172.20.5.0/24)" in text
    assert "On prod-01 packets to these addresses go to the one or the other, not to both." in text
    assert (
        '<td class="name"><a href="/network/ranges/prod-01/">prod-01</a></td><td class="num" data-label="Left">0</td>'
        in text
    )
    assert "/network/ranges/prod-02/" not in text


def test_a_fleet_without_trouble_says_so_and_one_without_hosts_what_to_do(viewer: Client) -> None:
    assert b"No host yet" in viewer.get("/network/ranges/").content
    swept(host_row())
    count_all(NOW)
    text = viewer.get("/network/ranges/").content.decode()
    assert "None: no range of 1 host runs into another" in text
    assert "None: every engine has more than five ranges left." in text
    assert 'href="/network/ranges/"' in viewer.get("/network/").content.decode()
