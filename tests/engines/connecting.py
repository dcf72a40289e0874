"""Really opening connections between everything on a real engine, to hold predictions of reach to."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from fleet.inventory import Snapshot
from fleet.inventory.identity import identify
from fleet.reach import Box, Ground, IngressPort, World
from fleet.reach.world import ingress_of
from tests.engines import connector
from tests.engines.harness import RealEngine
from tests.engines.namespaces import die_with_me
from tests.engines.wires import Switch, ip, wait_for_namespace

#: What to try: (name, address, port to try, port inside that it stands for).
Tries = list[tuple[str, str, int, int]]


@dataclass(frozen=True)
class Listener:
    """A container that says its name on two ports of its own: `door`, which may be published, and `hidden`."""

    name: str
    number: int

    @property
    def door(self) -> int:
        return 8000 + self.number

    @property
    def hidden(self) -> int:
        return 9000 + self.number

    @property
    def published(self) -> int:
        """The port of the host that leads to `door`, where it is published."""
        return 18000 + self.number

    @property
    def command(self) -> list[str]:
        say = " & ".join(f"nc -ll -p {port} -e echo {self.name}" for port in (self.door, self.hidden))
        return ["sh", "-c", f"{say} & wait"]


@dataclass
class Beside:
    """A machine on the same wire as the engine: a namespace that dies with the test run."""

    switch: Switch
    _process: subprocess.Popen[bytes] | None = None
    address: str = field(default="")

    def __enter__(self) -> Beside:
        self._process = subprocess.Popen(die_with_me("unshare", "--net", "sleep", "infinity"))
        wait_for_namespace(self._process.pid)
        self.address = self.switch.reserve()
        self.switch.plug(self._process.pid, address=self.address)
        ip("link", "set", "lo", "up", namespace=self._process.pid)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def process_id(self) -> int:
        if self._process is None:
            raise RuntimeError("the machine is not on: use it as a context manager")
        return self._process.pid

    def route(self, subnet: str, via: str) -> None:
        ip("route", "add", subnet, "via", via, namespace=self.process_id)


@contextmanager
def listening(process_id: int, name: str, port: int) -> Iterator[None]:
    """A server in the network of that process says that name to whoever connects."""
    server = subprocess.Popen(
        die_with_me(*_entering(process_id), "busybox", "nc", "-ll", "-p", str(port), "-e", "echo", name)
    )
    try:
        yield
    finally:
        server.kill()
        server.wait()


def tries(engine: RealEngine, listeners: Mapping[str, Listener]) -> Tries:
    """Every address that somebody may be at."""
    addresses = host_addresses(engine)
    found = []
    for name, one in listeners.items():
        attrs = engine.client.containers.get(name).attrs
        owner = attrs
        mode = attrs["HostConfig"]["NetworkMode"]
        if mode.startswith("container:"):
            owner = engine.client.containers.get(mode.partition(":")[2]).attrs
        own = [settings["IPAddress"] for settings in owner["NetworkSettings"]["Networks"].values()]
        at_host = addresses if mode == "host" else []
        for address in {*filter(None, own), *at_host, "127.0.0.1"}:
            found += [(name, address, one.door, one.door), (name, address, one.hidden, one.hidden)]
        found += [(name, address, one.published, one.door) for address in addresses]
    return found


def host_addresses(engine: RealEngine) -> list[str]:
    links = json.loads(ip("-json", "-4", "addr", namespace=engine.process_id))
    return [address["local"] for link in links for address in link.get("addr_info", ())]


def from_container(engine: RealEngine, name: str, wanted: Tries) -> set[tuple[str, int]]:
    """From inside its network. Its process ID is one of the engine's namespaces, which only the engine's /proc has."""
    inside = int(engine.client.containers.get(name).attrs["State"]["Pid"])
    return _answered(["nsenter", f"--mount=/proc/{engine.process_id}/ns/mnt", *_entering(inside)], wanted)


def from_host(engine: RealEngine, wanted: Tries) -> set[tuple[str, int]]:
    return _answered(_entering(engine.process_id), wanted)


def from_machine(machine: Beside, wanted: Tries) -> set[tuple[str, int]]:
    return _answered(_entering(machine.process_id), wanted)


def _entering(process_id: int) -> list[str]:
    return ["nsenter", f"--net=/proc/{process_id}/ns/net"]


def _answered(enter: list[str], wanted: Tries) -> set[tuple[str, int]]:
    """(name, port inside) of each try that was answered by whom it was meant for."""
    command = [*enter, sys.executable, "-I", "-S", connector.__file__]
    done = subprocess.run(command, input=json.dumps(wanted), capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} said: {done.stderr.strip()}")
    return {(name, port) for name, port in json.loads(done.stdout)}


def world_of(snapshots: Mapping[str, Snapshot]) -> World:
    """By name of the host, as stored rows would make it."""
    grounds = {
        name: Ground(
            name=name,
            engine=seen.host,
            networks=None
            if seen.networks is None
            else {key: one for one in seen.networks for key in (one.id, one.name)},
        )
        for name, seen in snapshots.items()
    }
    boxes = tuple(
        Box(facts=facts, host=name, service=identify(facts).service)
        for name, seen in snapshots.items()
        for facts in seen.containers
    )
    return World(grounds=grounds, boxes=boxes, ingress=tuple(_ingress(snapshots)))


def _ingress(snapshots: Mapping[str, Snapshot]) -> Iterator[IngressPort]:
    for seen in snapshots.values():
        cluster = (seen.host.swarm.cluster_id if seen.host.swarm else None) or ""
        for service in seen.services or ():
            yield from ingress_of(service, cluster)
