"""Predictions of reach against real connections: every yes connects, every no does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_network

import pytest

from fleet.reach import OUTSIDE, Place, PlaceKind, Reachable, World, places, reach
from fleet.reach.namespaces import Map
from tests.engines.connecting import (
    Beside,
    Listener,
    from_container,
    from_host,
    from_machine,
    host_addresses,
    listen_in,
    tries,
    world_of,
)
from tests.engines.harness import RealEngine
from tests.engines.looking import look
from tests.engines.wires import Switch

pytestmark = [pytest.mark.engine, pytest.mark.slow]

HOST = "ground"
NAMES = (
    *("web", "db", "front", "back", "both", "vault", "safe", "quiet", "calm", "hosty", "twin", "sidecar", "island"),
    *("inner", "linked", "quietly"),
)
LISTENERS = {name: Listener(name, number) for number, name in enumerate(NAMES, start=1)}
#: Places that try at the same time; mostly they wait for what is dropped.
AT_ONCE = 6
OUTWARD = 7000

Seen = Mapping[Place, set[tuple[str, int]]]


@dataclass(frozen=True)
class Tried:
    """What was predicted of an engine and what really connected, by the place that it began in."""

    world: World
    seen: Seen

    def compared(self) -> Iterator[tuple[Place, str, int, Reachable, bool]]:
        at = Map(self.world)
        for source, connected in self.seen.items():
            for name, listener in LISTENERS.items():
                if source == places.container(name, on=HOST):
                    continue
                answer = reach(at, source, places.container(name, on=HOST))
                for port in (listener.door, listener.hidden):
                    yield source, name, port, answer.on(port), (name, port) in connected
            if source.kind is PlaceKind.CONTAINER:
                for name, target in (("outside", OUTSIDE), (HOST, places.host(HOST))):
                    yield source, name, OUTWARD, reach(at, source, target).verdict, (name, OUTWARD) in connected

    def wrong(self) -> list[str]:
        return [
            f"{source} to {name}:{port} was predicted {said.value}, and it {'connects' if connects else 'does not'}"
            for source, name, port, said, connects in self.compared()
            if said is not Reachable.UNKNOWN and (said is Reachable.YES) is not connects
        ]

    def unknown(self) -> list[tuple[str, str, int]]:
        return [
            (str(source), name, port) for source, name, port, said, _ in self.compared() if said is Reachable.UNKNOWN
        ]

    def opened(self) -> int:
        return sum(1 for *_, connects in self.compared() if connects)


def populate(engine: RealEngine) -> None:
    """One container for each way in which a container hangs on networks."""
    networks = engine.client.networks
    for name in ("north", "south"):
        networks.create(name)
    networks.create("inside", internal=True)
    networks.create("still", options={"com.docker.network.bridge.enable_icc": "false"})
    every, loopback, one = None, "127.0.0.1", engine.address

    def run(name: str, address: str | None = "", **options: object) -> None:
        listener = LISTENERS[name]
        if address != "":
            there = listener.published if address is None else (address, listener.published)
            options["ports"] = {f"{listener.door}/tcp": there}
        engine.run(name, command=listener.command, **options)

    run("web", every)
    run("db")
    run("linked", links={"db": "db"})
    run("front", loopback, network="north")
    run("back", network="south")
    run("both", one, network="north")
    networks.get("south").connect("both")
    run("vault", every, network="inside")  # a port that an internal network does not publish
    run("safe", network="inside")
    run("quiet", every, network="still")
    run("calm", network="still")
    run("quietly", loopback, network="still")
    run("hosty", network_mode="host")
    run("twin", network_mode="host")
    run("sidecar", network_mode="container:back")
    run("island", network_mode="none")
    run("inner", bridge_address(engine), network="south")


def bridge_address(engine: RealEngine) -> str:
    """Of docker0; the engine of these tests does not tell it."""
    subnet = engine.client.networks.get("bridge").attrs["IPAM"]["Config"][0]["Subnet"]
    return str(next(ip_network(subnet).hosts()))


def try_all(*arguments: str) -> Tried:
    """Every ordered pair on an engine with these arguments, and from the host, beside it, and the outside."""
    with ExitStack() as stack:
        switch = stack.enter_context(Switch())
        engine = stack.enter_context(RealEngine(HOST, switch=switch, arguments=arguments))
        outside, wire = stack.enter_context(Beside(switch)), stack.enter_context(Beside(switch))
        populate(engine)
        for network in engine.client.networks.list():
            for config in (network.attrs["IPAM"] or {}).get("Config") or ():
                wire.route(config["Subnet"], engine.address)
        outside.listen("outside", OUTWARD)
        server = listen_in(engine.process_id, HOST, OUTWARD)
        stack.callback(server.kill)
        world, wanted = world_of({HOST: look(engine)}), tries(engine, LISTENERS)
        wanted.append(("outside", outside.address, OUTWARD, OUTWARD))
        wanted += [(HOST, address, OUTWARD, OUTWARD) for address in host_addresses(engine)]
        asked: dict[Place, Callable[[], set[tuple[str, int]]]] = {
            OUTSIDE: lambda: from_machine(outside, wanted),
            places.wire(HOST): lambda: from_machine(wire, wanted),
            places.host(HOST): lambda: from_host(engine, wanted),
        }
        for name in LISTENERS:
            asked[places.container(name, on=HOST)] = partial(from_container, engine, name, wanted)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            seen = {place: told.result() for place, told in {p: threads.submit(a) for p, a in asked.items()}.items()}
    return Tried(world, seen)


@pytest.mark.parametrize(
    ("arguments", "unknowns"),
    [
        ((), 0),
        (("--icc=false",), 0),
        (("--userland-proxy=false", "--label", "loadline.userland-proxy=off"), 0),
        (("--iptables=false", "--label", "loadline.iptables=off"), 0),
    ],
    ids=["defaults", "icc-off", "without-proxy", "without-firewall"],
)
def test_every_pair(engines_possible: None, arguments: tuple[str, ...], unknowns: int) -> None:
    tried = try_all(*arguments)
    print(len(list(tried.compared())), tried.opened(), len(tried.unknown()), tried.unknown())
    print("\n".join(tried.wrong()))
    assert tried.wrong() == []
    beside = {source for source, *_ in tried.unknown()}
    assert beside <= {str(places.wire(HOST))}
