"""Predictions of reach in a swarm of two real engines: overlays over both, and a port of a task."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from fleet.reach import OUTSIDE, Encrypted, Place, Reachable, World, places, reach
from tests.engines.connecting import Beside, Listener, from_container, from_host, from_machine, host_addresses, world_of
from tests.engines.harness import RealEngine
from tests.engines.looking import look
from tests.engines.wires import Switch

pytestmark = [pytest.mark.engine, pytest.mark.slow]

HERE, THERE = "here", "there"
NAMES = ("near", "far", "vault", "lone")
LISTENERS = {name: Listener(name, number) for number, name in enumerate(NAMES, start=1)}
SHOP = Listener("shop", 9)  # a swarm service
ON = {"near": (HERE, "plain"), "far": (THERE, "plain"), "vault": (THERE, "closed"), "lone": (THERE, "alone")}


Seen = dict[Place, set[tuple[str, int]]]


@pytest.fixture(scope="module")
def tried(engines_possible: None) -> Iterator[tuple[World, Seen]]:
    with ExitStack() as stack:
        switch = stack.enter_context(Switch())
        engines = {name: stack.enter_context(RealEngine(name, switch=switch)) for name in (HERE, THERE)}
        outside = stack.enter_context(Beside(switch))
        _populate(engines)
        wanted = list(_tries(engines))
        world = world_of({name: look(engine) for name, engine in engines.items()})
        seen = {OUTSIDE: from_machine(outside, wanted)}
        for name, engine in engines.items():
            seen[places.host(name)] = from_host(engine, wanted)
        for name, (host, _) in ON.items():
            seen[places.container(name, on=host)] = from_container(engines[host], name, wanted)
        yield world, seen


def _populate(engines: dict[str, RealEngine]) -> None:
    here, there = engines[HERE], engines[THERE]
    here.client.swarm.init(advertise_addr=here.address)
    token = here.client.swarm.attrs["JoinTokens"]["Worker"]
    there.client.swarm.join(remote_addrs=[f"{here.address}:2377"], join_token=token, advertise_addr=there.address)
    here.client.networks.create("plain", driver="overlay", attachable=True)
    here.client.networks.create("closed", driver="overlay", attachable=True, internal=True)
    there.client.networks.create("alone")
    for name, (host, network) in ON.items():
        listener = LISTENERS[name]
        ports = {f"{listener.door}/tcp": listener.published} if name == "far" else {}
        # Not by the SDK: an overlay comes to a worker when somebody runs something on it.
        published = [part for inside, outside in ports.items() for part in ("-p", f"{outside}:{inside}")]
        engines[host].import_image()
        engines[host].docker("run", "-d", "--name", name, "--network", network, *published, "busybox:local",
                             *listener.command)  # fmt: skip

    # On every node it cannot be tried: that needs IPVS, which not every kernel has.
    publish = f"mode=host,published={SHOP.published},target={SHOP.door}"
    create = ("service", "create", "-d", "--name", SHOP.name, "--no-resolve-image", "--publish", publish)
    here.docker(*create, "--constraint", f"node.hostname=={THERE}", "busybox:local", *SHOP.command)
    _wait_for_task(there)


def _wait_for_task(engine: RealEngine) -> None:
    deadline = time.monotonic() + 60
    while not engine.client.containers.list(filters={"label": "com.docker.swarm.service.name=shop"}):
        if time.monotonic() > deadline:
            raise TimeoutError("no task of the service shop came up in 60 s")
        time.sleep(0.2)


def _tries(engines: dict[str, RealEngine]) -> Iterator[tuple[str, str, int, int]]:
    for name, (host, network) in ON.items():
        one = LISTENERS[name]
        attrs = engines[host].client.containers.get(name).attrs
        inside = engines[host].docker("exec", name, "ip", "-4", "-o", "addr").split()
        own = {attrs["NetworkSettings"]["Networks"][network]["IPAddress"]}
        own |= {text.partition("/")[0] for text in inside if text.count(".") == 3 and "/" in text}
        for address in own - {"127.0.0.1"}:
            yield name, address, one.door, one.door
            yield name, address, one.hidden, one.hidden
        for engine in engines.values():
            for address in host_addresses(engine):
                yield name, address, one.published, one.door
    for engine in engines.values():
        for address in host_addresses(engine):
            yield SHOP.name, address, SHOP.published, SHOP.door


def test_a_port_that_swarm_publishes_on_the_host_of_its_task(tried: tuple[World, Seen]) -> None:
    world, seen = tried
    said = {str(source): reach(world, source, places.service(SHOP.name)).on(SHOP.door).value for source in seen}
    connects = {
        str(source): "yes" if (SHOP.name, SHOP.door) in connected else "no" for source, connected in seen.items()
    }
    assert said == connects
    assert set(said.values()) == {"yes", "no"}


def test_every_pair(tried: tuple[World, Seen]) -> None:
    world, seen = tried
    wrong, unknown, right = [], [], 0
    for source, connected in seen.items():
        for name, (host, _) in ON.items():
            target = places.container(name, on=host)
            for port in (LISTENERS[name].door, LISTENERS[name].hidden):
                if source == target:
                    continue
                said, connects = reach(world, source, target).on(port), (name, port) in connected
                if said is Reachable.UNKNOWN:
                    unknown.append((source, target, port))
                elif (said is Reachable.YES) is connects:
                    right += 1
                else:
                    wrong.append(f"{source} to {target}:{port}: {said.value}, connects: {connects}")
    assert wrong == []
    assert (right, unknown) == (48, [])


def test_what_is_not_encrypted_is_said(tried: tuple[World, Seen]) -> None:
    answer = reach(tried[0], places.container("near", on=HERE), places.container("far", on=THERE))
    assert Encrypted.NO in {way.encrypted for way in answer.ways}
