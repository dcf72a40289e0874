"""Questions from one place to another; tests/engines/test_reach.py holds the same answers to real connections."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.reach import OUTSIDE, Answer, Box, Ground, Place, Reachable, World, places, reach
from tests.fleet.reach.worlds import NETWORKS, ask, box, doors, ground, said, world

HOST, WIRE = places.host("one"), places.wire("one")
EVERY, LOOPBACK = "0.0.0.0", "127.0.0.1"


def test_two_bridges_are_kept_apart_and_one_is_not() -> None:
    there = world(box("web", "north"), box("api", "north", "south"), box("db", "south"))
    assert said(there, "web", "db") == "no"
    assert ask(there, "web", "db").because == "They share no network, and it publishes no port."
    assert doors(there, "web", "api") == doors(there, "api", "db") == ["shared-network"]


def test_the_default_bridge_is_a_door_of_its_own() -> None:
    assert doors(world(box("web", "bridge"), box("db", "bridge")), "web", "db") == ["default-bridge"]


def test_a_published_port_leads_out_of_one_bridge_into_another() -> None:
    there = world(box("web", "north"), box("db", "south", published=[(EVERY, 15432, 5432)]))
    answer = ask(there, "web", "db")
    assert (answer.on(5432), answer.on(22)) == (Reachable.YES, Reachable.NO)
    assert [way.door.where for way in answer.ways] == ["0.0.0.0:15432"]
    assert said(there, OUTSIDE, "db") == "yes"


def test_a_port_on_loopback_is_the_hosts_own() -> None:
    there = world(box("web", "north"), box("db", "south", published=[(LOOPBACK, 15432, 5432)]))
    assert said(there, OUTSIDE, "db") == said(there, "web", "db") == "no"
    assert doors(there, HOST, "db") == ["host-side", "published-port"]


def test_an_open_door_of_ipv6_is_not_hidden_by_one_on_loopback() -> None:
    both = world(box("db", "south", published=[(EVERY, 80, 8080), ("::", 80, 8080)]))
    assert [way.door.where for way in ask(both, OUTSIDE, "db").ways] == ["0.0.0.0:80"]
    there = world(box("db", "south", published=[(LOOPBACK, 80, 8080), ("::", 80, 8080)]))
    assert [way.door.where for way in ask(there, OUTSIDE, "db").ways] == ["[::]:80"]


def test_a_port_on_the_address_of_a_bridge_is_not_found_by_other_machines() -> None:
    there = world(box("web", "north"), box("db", "south", published=[("172.17.0.1", 15432, 5432)]))
    assert said(there, OUTSIDE, "db") == "no"
    assert said(there, WIRE, "db") == said(there, "web", "db") == "yes"


def test_traffic_inside_may_be_off() -> None:
    there = world(box("web", "still"), box("db", "still"))
    assert said(there, "web", "db") == "no"
    assert "forbids traffic" in ask(there, "web", "db").because
    assert said(there, HOST, "db") == "yes"
    unfiltered = world(box("web", "still"), box("db", "still"), grounds=[ground(bridge_nf_iptables=False)])
    assert said(unfiltered, "web", "db") == "yes"


def test_a_link_opens_what_is_exposed_where_traffic_is_off() -> None:
    quiet = [
        replace(NETWORKS[0], options={**(NETWORKS[0].options or {}), "com.docker.network.bridge.enable_icc": "false"})
    ]
    db = box("db", "bridge", exposed_ports=("5432/tcp",))
    there = world(box("web", "bridge", links=("/db:/web/db",)), db, grounds=[ground(networks=quiet)])
    answer = ask(there, "web", "db")
    assert (answer.on(5432), answer.on(22)) == (Reachable.YES, Reachable.NO)
    assert said(there, "db", "web") == "no"
    untold = world(box("web", "bridge", links=("db",)), replace_ports(db), grounds=[ground(networks=quiet)])
    assert said(untold, "web", "db") == "unknown"


def replace_ports(one: Box) -> Box:
    return replace(one, facts=replace(one.facts, exposed_ports=None))


def test_host_mode_opens_every_port_to_everybody() -> None:
    there = world(box("agent", network_mode="host"), box("web", "north"), box("vault", "inside"), box("lone", "apart"))
    assert (
        doors(there, OUTSIDE, "agent")
        == doors(there, "web", "agent")
        == doors(there, "vault", "agent")
        == ["host-mode"]
    )
    assert "every port" in ask(there, OUTSIDE, "agent").ways[0].through
    assert said(there, "lone", "agent") == "no"
    assert said(there, "agent", "vault") == "yes"
    assert said(there, "agent", "lone") == "no"


def test_a_shared_namespace_shares_all_doors() -> None:
    there = world(
        box("web", "north", published=[(EVERY, 80, 8080)]),
        box("proxy", network_mode="container:web-one", networks=()),
    )
    assert doors(there, "web", "proxy") == doors(there, "proxy", "web") == ["shared-namespace"]
    assert doors(there, OUTSIDE, "proxy") == ["published-port"]
    gone = world(box("proxy", network_mode="container:gone", networks=()))
    assert said(gone, OUTSIDE, "proxy") == "unknown"
    assert "was not seen" in ask(gone, OUTSIDE, "proxy").because


def test_without_a_network_nothing_comes_in_or_goes_out() -> None:
    there = world(box("island"), box("web", "north"))
    assert {said(there, one, "island") for one in (OUTSIDE, HOST, "web")} == {"no"}
    assert {said(there, "island", one) for one in (OUTSIDE, HOST, "web")} == {"no"}


def test_an_internal_network_reaches_the_host_and_nobody_else() -> None:
    there = world(box("vault", "inside"), box("safe", "inside"), box("web", "north", published=[(EVERY, 80, 8080)]))
    assert said(there, "vault", "safe") == said(there, "vault", HOST) == said(there, HOST, "vault") == "yes"
    assert said(there, "vault", OUTSIDE) == said(there, "vault", "web") == said(there, "web", "vault") == "no"
    newer = world(*there.boxes, grounds=[ground(engine_version="29.0.0")])
    assert said(newer, "vault", "web") == "unknown"  # tried on 20.10 only


def test_beside_the_host_no_rule_is_passed() -> None:
    there = world(box("lan", "wire"), box("lane", "wire"), box("web", "north", published=[(EVERY, 80, 8080)]))
    assert doors(there, OUTSIDE, "lan") == doors(there, "lan", "lane") == ["direct-attachment"]
    assert said(there, HOST, "lan") == said(there, "lan", HOST) == "no"
    assert said(there, "web", "lan") == said(there, "lan", "web") == "unknown"


def test_a_machine_beside_the_host_needs_only_a_route_to_older_engines() -> None:
    boxes = (box("db", "south", published=[(LOOPBACK, 15432, 5432)]), box("cache", "south"))
    old, new = world(*boxes), world(*boxes, grounds=[ground(engine_version="28.0.0")])
    assert ask(old, WIRE, "db").on(5432) is Reachable.YES
    assert said(old, WIRE, "cache") == "unknown"
    assert said(new, WIRE, "db") == said(new, WIRE, "cache") == "no"
    raw = ground(engine_version="28.0.0", warnings=("WARNING: DOCKER_INSECURE_NO_IPTABLES_RAW is set",))
    assert ask(world(*boxes, grounds=[raw]), WIRE, "db").on(5432) is Reachable.YES


def test_gateway_modes() -> None:
    there = world(
        box("open", "unprotected"),
        box("path", "routed", published=[(EVERY, 80, 8080)]),
        grounds=[ground(engine_version="28.0.0")],
    )
    assert said(there, WIRE, "open") == "yes"
    assert said(there, OUTSIDE, "open") == "no"
    assert "routed-bridge" in doors(there, OUTSIDE, "path")


def test_without_rules_of_the_engine_no_wall_stands() -> None:
    boxes = (
        box("web", "north"),
        box("db", "south"),
        box("vault", "inside"),
        box("calm", "still"),
        box("mute", "still"),
    )
    there = world(*boxes, grounds=[ground(labels=("loadline.iptables=off",))])
    assert doors(there, "web", "db") == doors(there, "web", "vault") == doors(there, "vault", "db") == ["no-wall"]
    assert said(there, "calm", "mute") == said(there, WIRE, "vault") == "yes"
    assert said(there, OUTSIDE, "db") == "no"
    assert said(there, "web", OUTSIDE) == "unknown"


def test_without_the_proxy_a_published_port_meets_the_wall() -> None:
    boxes = (
        box("web", "north"), box("db", "south", published=[(EVERY, 15432, 5432)]), box("api", "south")
    )  # fmt: skip
    there = world(*boxes, grounds=[ground(labels=("loadline.userland-proxy=off",))])
    assert said(there, "web", "db") == "no"
    assert "published-port" in doors(there, "api", "db")
    neither = ground(labels=("loadline.userland-proxy=off", "loadline.iptables=off"))
    assert said(world(*boxes, grounds=[neither]), OUTSIDE, "db") == "no"


def test_what_nobody_told_is_unknown() -> None:
    assert said(world(box("web", networks=None, network_mode="north")), OUTSIDE, "web") == "unknown"
    there = world(box("web", "weave"), box("db", "weave"), box("else", "nowhere"), box("other", "nowhere"))
    assert said(there, "web", "db") == said(there, "else", "other") == "unknown"
    six = world(box("web", "six"))
    assert said(six, OUTSIDE, "web") == "unknown"
    assert said(world(*six.boxes, grounds=[ground(engine_version="27.0.0")]), OUTSIDE, "web") == "no"


def test_podman_and_rootless_engines_are_not_taken_for_what_they_are_not() -> None:
    boxes = (box("web", "north"), box("db", "south"))
    assert said(world(*boxes, grounds=[ground(kind="podman")]), "web", "db") == "unknown"
    rootless = ground(security_options=("name=seccomp,profile=default", "name=rootless"))
    assert said(world(*boxes, grounds=[rootless]), HOST, "db") == "unknown"
    mode = world(box("agent", network_mode="host"), grounds=[rootless])
    assert said(mode, OUTSIDE, "agent") == "unknown"


def test_what_does_not_run_is_not_reached() -> None:
    there = world(box("web", "north"), box("db", "north", state="exited"))
    assert said(there, "web", "db") == said(there, "db", "web") == "no"
    assert ask(there, "web", "db").because == "It does not run, so nothing of it listens or connects."


def test_a_silent_host_turns_everything_unknown() -> None:
    there = world(box("web", "north"), box("db", "south"), box("api", "north"), grounds=[ground(fresh=False)])
    assert said(there, "web", "db") == said(there, "web", "api") == said(there, OUTSIDE, "web") == "unknown"
    assert "has not answered" in ask(there, "web", "db").because


def test_a_service_is_all_its_containers() -> None:
    there = world(box("web-1", "north", service="web"), box("web-2", "south", service="web"), box("db", "south"))
    answer = ask(there, "web", "db")
    assert [(way.start.name if way.start else "", way.to.name if way.to else "") for way in answer.ways] == [
        ("web-2", "db")
    ]
    assert ask(there, "nobody", "db").because == "It runs in no container."


def test_a_network_is_where_something_may_be_put() -> None:
    there = world(box("db", "south"), box("web", "north"))
    on_south = places.network("south", on="one")
    assert said(there, on_south, "db") == "yes"
    assert said(there, on_south, "web") == "no"
    with pytest.raises(LookupError, match="no network west was seen on one"):
        ask(there, places.network("west", on="one"), "db")
    with pytest.raises(LookupError, match="where something begins"):
        ask(there, "web", on_south)
    with pytest.raises(LookupError, match="no container gone was seen on one"):
        ask(there, "web", places.container("gone", on="one"))


def test_a_host_is_a_target_of_which_little_is_known() -> None:
    there = world(box("web", "north"))
    assert said(there, OUTSIDE, HOST) == "unknown"
    assert said(there, HOST, HOST) == "no"
    assert doors(there, "web", HOST) == ["gateway"]
    assert doors(there, "web", OUTSIDE) == ["way-out"]


NAMES = [one.name for one in NETWORKS]
_addresses = st.sampled_from([EVERY, LOOPBACK, "::", "10.0.0.5", "172.17.0.1"])
_ports = st.lists(st.tuples(_addresses, st.just(18080), st.sampled_from([8080, 9090])), max_size=3, unique=True)
_grounds = st.builds(
    ground,
    engine_version=st.sampled_from(["20.10.24", "27.3.1", "29.0.0"]),
    labels=st.sets(st.sampled_from(["loadline.iptables=off", "loadline.userland-proxy=off"])).map(tuple),
    ipv4_forwarding=st.booleans(),
    bridge_nf_iptables=st.booleans(),
    kind=st.sampled_from(["docker", "podman"]),
)


@st.composite
def _boxes(draw: st.DrawFn, name: str) -> Box:
    mode = draw(st.sampled_from(["own", "own", "own", "host", "none"]))
    on = draw(st.lists(st.sampled_from(NAMES), max_size=4, unique=True)) if mode == "own" else []
    links = draw(st.sampled_from([(), ("/db:/x/db",)]))
    changes = {"network_mode": mode} if mode != "own" else {}
    return box(name, *on, published=draw(_ports), links=links, **changes)


_RANK = {Reachable.NO: 0, Reachable.UNKNOWN: 1, Reachable.YES: 2}
PLACES = (OUTSIDE, WIRE, HOST, places.service("web"), places.service("db"))


def _answers(there: World) -> list[tuple[Place, Place, Answer]]:
    return [(a, b, reach(there, a, b)) for a in PLACES for b in (HOST, OUTSIDE, *PLACES[3:]) if a != b]


@settings(max_examples=60)
@given(_grounds, _boxes("web"), _boxes("db"), st.data())
def test_taking_a_network_or_a_port_away_never_adds_reach(one: Ground, web: Box, db: Box, data: st.DataObject) -> None:
    facts, networks, ports = db.facts, db.facts.networks or (), db.facts.ports or ()
    taken = [replace(facts, networks=tuple(kept for kept in networks if kept != gone)) for gone in networks]
    taken += [replace(facts, ports=tuple(kept for kept in ports if kept != gone)) for gone in ports]
    if not taken:
        return
    before = world(web, db, grounds=[one])
    after = world(web, replace(db, facts=data.draw(st.sampled_from(taken))), grounds=[one])
    for (source, target, was), (_, _, then) in zip(_answers(before), _answers(after), strict=True):
        assert _RANK[then.verdict] <= _RANK[was.verdict], (source, target)
        for port in (8080, 9090, 1):
            assert _RANK[then.on(port)] <= _RANK[was.on(port)], (source, target, port)
