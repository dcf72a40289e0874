"""From one host to another."""

from __future__ import annotations

from dataclasses import replace

from fleet.reach import OUTSIDE, Encrypted, IngressPort, places
from tests.fleet.reach.worlds import NETWORKS, ask, box, doors, ground, in_swarm, said, world

TWO = (ground("one"), ground("two"))
EVERY = "0.0.0.0"


def test_bridges_of_one_name_on_two_hosts_are_two() -> None:
    there = world(box("web", "north"), box("db", "north", host="two"), grounds=TWO)
    assert said(there, "web", "db") == "no"


def test_an_overlay_spans_hosts_and_says_whether_it_is_encrypted() -> None:
    there = world(
        box("web", "plain", "sealed"), box("db", "plain", host="two"), box("vault", "sealed", host="two"), grounds=TWO
    )
    (plain,), (sealed,) = ask(there, "web", "db").ways, ask(there, "web", "vault").ways
    assert (plain.door.kind.value, plain.encrypted) == ("overlay", Encrypted.NO)
    assert (sealed.door.kind.value, sealed.encrypted) == ("overlay", Encrypted.YES)


def test_on_one_host_an_overlay_needs_no_encryption() -> None:
    (way,) = ask(world(box("web", "plain"), box("db", "plain")), "web", "db").ways
    assert way.encrypted is Encrypted.NOT_NEEDED


def test_a_network_of_a_plugin_is_the_plugins() -> None:
    there = world(box("web", "weave"), box("db", "weave", host="two"), grounds=TWO)
    assert said(there, "web", "db") == "unknown"


def test_what_another_host_shows_is_reached_by_who_can_get_out() -> None:
    db = box("db", "south", host="two", published=[(EVERY, 15432, 5432)])
    there = world(box("web", "north"), box("vault", "inside"), box("shut", "closed"), db, grounds=TWO)
    (way,) = ask(there, "web", "db").ways
    assert (way.port, way.encrypted) == (5432, Encrypted.UNKNOWN)
    assert said(there, "vault", "db") == said(there, "shut", "db") == "no"
    assert said(there, places.host("one"), "db") == "yes"
    still = world(*there.boxes, grounds=(ground("one", ipv4_forwarding=False), ground("two")))
    assert said(still, "web", "db") == "no"


def test_swarm_publishes_on_every_node() -> None:
    cluster = (ground("one", swarm=in_swarm()), ground("two", swarm=in_swarm()), ground("three"))
    label = {"com.docker.swarm.service.name": "shop"}
    boxes = box("shop.1", "plain", service="shop", labels=label), box("web", "north"), box("far", "north", host="three")
    there = world(*boxes, grounds=cluster, ingress=[IngressPort("shop", "c1", 80, 8080, "tcp")])
    for source in (OUTSIDE, "web", "far", places.host("two"), places.host("one")):
        assert "swarm-ingress" in doors(there, source, "shop")
    other = world(*boxes, grounds=cluster, ingress=[IngressPort("shop", "c2", 80, 8080, "tcp")])
    assert said(other, OUTSIDE, "shop") == "no"


def test_ingress_itself_is_no_way_between_containers() -> None:
    networks = [replace(one, ingress=True) if one.name == "plain" else one for one in NETWORKS]
    grounds = (ground("one", networks=networks), ground("two", networks=networks))
    there = world(box("web", "plain"), box("db", "plain", host="two"), box("api", "plain"), grounds=grounds)
    assert said(there, "web", "db") == said(there, "web", "api") == "no"
