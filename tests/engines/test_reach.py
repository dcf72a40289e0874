"""Predictions of reach against real connections: every yes connects, every no does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_network

import docker.types
import pytest

from fleet.reach import OUTSIDE, Place, PlaceKind, Reachable, World, places, reach
from fleet.reach.namespaces import Map
from tests.engines.connecting import (
    Beside,
    Listener,
    Tries,
    from_container,
    from_host,
    from_machine,
    host_addresses,
    listening,
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
    *("inner", "linked", "quietly", "lan", "lane"),
)
LISTENERS = {name: Listener(name, number) for number, name in enumerate(NAMES, start=1)}
#: Places that try at the same time; mostly they wait for what is dropped.
AT_ONCE = 4
OUTWARD = 7000
MANY = 150
INSIDE, BESIDE = ("vault", "safe"), ("lan", "lane")
BRIDGED = [name for name in NAMES if name not in {"hosty", "twin", "island", *INSIDE, *BESIDE}]


def at_host(name: str) -> str:
    return str(places.container(name, on=HOST))


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

    macvlan(engine)
    run("lan", network="wire")
    run("lane", network="wire")


def macvlan(engine: RealEngine) -> None:
    """Containers on it have addresses of the wire that the engine itself is on."""
    subnet = engine.address.rpartition(".")[0]
    pool = docker.types.IPAMPool(subnet=f"{subnet}.0/24", iprange=f"{subnet}.192/26", gateway=f"{subnet}.1")
    engine.client.networks.create(
        "wire", driver="macvlan", options={"parent": "eth0"}, ipam=docker.types.IPAMConfig(pool_configs=[pool])
    )


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
            for config in [] if network.name == "wire" else (network.attrs["IPAM"] or {}).get("Config") or ():
                wire.route(config["Subnet"], engine.address)
        stack.enter_context(listening(outside.process_id, "outside", OUTWARD))
        stack.enter_context(listening(engine.process_id, HOST, OUTWARD))
        world, wanted = world_of({HOST: look(engine)}), tries(engine, LISTENERS)
        wanted.append(("outside", outside.address, OUTWARD, OUTWARD))
        wanted += [(HOST, address, OUTWARD, OUTWARD) for address in host_addresses(engine)]
        ask: dict[Place, Callable[[Tries], set[tuple[str, int]]]] = {
            OUTSIDE: partial(from_machine, outside),
            places.wire(HOST): partial(from_machine, wire),
            places.host(HOST): partial(from_host, engine),
            **{places.container(name, on=HOST): partial(from_container, engine, name) for name in LISTENERS},
        }
        with ThreadPoolExecutor(AT_ONCE) as threads:
            told = {place: threads.submit(asker, wanted) for place, asker in ask.items()}
        seen = {place: one.result() for place, one in told.items()}
        # What a busy machine was too slow for is tried once more; a connection that is refused stays so.
        for source, name, port, said, connects in list(Tried(world, seen).compared()):
            if said is Reachable.YES and not connects:
                again = [one for one in wanted if (one[0], one[3]) == (name, port)]
                seen[source] |= ask[source](again)
    return Tried(world, seen)


#: What nobody can tell of, by the place that it begins in; everything else is predicted and tried.
FROM_BESIDE = Counter({str(places.wire(HOST)): 16})  # ports that are not published, on engines before 28
SIDEWAYS = Counter(dict.fromkeys(map(at_host, [*BRIDGED, *BESIDE]), 4))  # from a bridge to beside the host, and back
TO_OTHERS = Counter(dict.fromkeys(map(at_host, [*BRIDGED, *INSIDE]), 1))  # nobody knows of a route back


@pytest.mark.parametrize(
    ("arguments", "unknown"),
    [
        ((), FROM_BESIDE + SIDEWAYS),
        (("--icc=false",), FROM_BESIDE + SIDEWAYS),
        (("--userland-proxy=false", "--label", "loadline.userland-proxy=off"), FROM_BESIDE + SIDEWAYS),
        (("--iptables=false", "--label", "loadline.iptables=off"), TO_OTHERS + SIDEWAYS),
    ],
    ids=["defaults", "icc-off", "without-proxy", "without-firewall"],
)
def test_every_pair(engines_possible: None, arguments: tuple[str, ...], unknown: Counter[str]) -> None:
    tried = try_all(*arguments)
    assert tried.wrong() == []
    assert Counter(source for source, *_ in tried.unknown()) == unknown
    assert tried.opened() > MANY  # else nothing was listening
