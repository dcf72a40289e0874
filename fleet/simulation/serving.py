"""Real HTTP servers on loopback, one port for each simulated engine, in one thread of this process."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from aiohttp import web

from fleet.simulation.answers import EngineAnswers
from fleet.simulation.plan import SimulatedFleet
from fleet.simulation.wire import EngineOnTheWire

LOOPBACK = "127.0.0.1"
_SPARE_FILES = 256
_STOP_SECONDS = 5.0


class PortTakenError(Exception):
    """Another program listens where an engine should."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__(f"port {port} on {LOOPBACK}, which {name} would use, is taken; choose others with --base-port")
        self.port = port


class TooManyEnginesError(Exception):
    """This system lets one process open fewer files than the fleet needs."""


@dataclass(frozen=True, slots=True)
class SimulatedHost:
    """A host that answers now."""

    name: str
    url: str
    environment: str
    team: str


@dataclass
class Running:
    """Servers that run until `stop`, which may be called twice."""

    hosts: tuple[SimulatedHost, ...]
    _loop: asyncio.AbstractEventLoop = field(repr=False)
    _thread: threading.Thread = field(repr=False)
    _ending: asyncio.Event = field(repr=False)

    def stop(self) -> None:
        if self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # the loop may have ended in between
                self._loop.call_soon_threadsafe(self._ending.set)
            self._thread.join(_STOP_SECONDS * 2)


def serve(fleet: SimulatedFleet, *, base_port: int = 0, clock: Callable[[], float] = time.time) -> Running:
    """Start every engine: engine N listens on `base_port` + N, or on any free port when that is 0.

    Raises PortTakenError or TooManyEnginesError before anything answers.
    """
    _allow_files(2 * len(fleet.engines) + _SPARE_FILES)
    sockets = _listen(fleet, base_port)
    hosts = tuple(
        SimulatedHost(engine.name, f"tcp://{LOOPBACK}:{bound.getsockname()[1]}", engine.environment, engine.team)
        for engine, bound in zip(fleet.engines, sockets, strict=True)
    )
    loop, ending, ready = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    work = _run(fleet, sockets, ready=ready, ending=ending, clock=clock)
    thread = threading.Thread(target=_thread, args=(loop, work), name="simulated engines", daemon=True)
    thread.start()
    ready.wait()
    return Running(hosts, loop, thread, ending)


@contextlib.contextmanager
def running(fleet: SimulatedFleet, *, base_port: int = 0) -> Iterator[tuple[SimulatedHost, ...]]:
    """The fleet's hosts, for as long as the block lasts."""
    handle = serve(fleet, base_port=base_port)
    try:
        yield handle.hosts
    finally:
        handle.stop()


def _thread(loop: asyncio.AbstractEventLoop, work: object) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(work)  # type: ignore[arg-type]


async def _run(
    fleet: SimulatedFleet,
    sockets: list[socket.socket],
    *,
    ready: threading.Event,
    ending: asyncio.Event,
    clock: Callable[[], float],
) -> None:
    loop, began = asyncio.get_running_loop(), clock()
    protocols: list[web.Server] = []
    servers: list[asyncio.Server] = []
    for engine, bound in zip(fleet.engines, sockets, strict=True):
        wire = EngineOnTheWire(EngineAnswers(engine, began=began), clock=clock)
        protocols.append(web.Server(wire.handle, access_log=None, keepalive_timeout=75))
        servers.append(await loop.create_server(protocols[-1], sock=bound))
    ready.set()
    await ending.wait()
    for server in servers:
        server.close()
    # Hanging and dripping answers are waiting on purpose: they are cancelled, not waited for.
    await asyncio.gather(*(protocol.shutdown(0.1) for protocol in protocols))


def _listen(fleet: SimulatedFleet, base_port: int) -> list[socket.socket]:
    bound: list[socket.socket] = []
    try:
        for host in fleet.hosts:
            port = base_port + host.port_offset if base_port else 0
            bound.append(_bind(port, host.name))
    except BaseException:
        for listener in bound:
            listener.close()
        raise
    return bound


def _bind(port: int, name: str) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(128)
        listener.setblocking(False)  # noqa: FBT003
    except (OSError, OverflowError) as error:
        listener.close()
        raise PortTakenError(port, name) from error
    return listener


def _allow_files(wanted: int) -> None:
    """Raise the soft limit of open files as far as needed; only an administrator can raise the hard one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted or soft == resource.RLIM_INFINITY:
        return
    if hard not in (resource.RLIM_INFINITY,) and hard < wanted:
        raise TooManyEnginesError(
            f"this many engines need {wanted} open files and this system allows {hard}; raise it with ulimit -n"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
