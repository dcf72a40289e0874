"""Real HTTP servers on loopback, one port for each simulated engine, in one thread of this process."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from aiohttp import web

from fleet.simulation.answers import EngineAnswers
from fleet.simulation.control import Control, Usage, usage
from fleet.simulation.plan import SimulatedFleet
from fleet.simulation.wire import EngineOnTheWire

LOOPBACK = "127.0.0.1"
_SPARE_FILES = 256
_STOP_SECONDS = 10.0

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class PortTakenError(Exception):
    """Another program listens where an engine should."""

    def __init__(self, port: int, name: str, option: str) -> None:
        super().__init__(f"port {port} on {LOOPBACK}, which {name} would use, is taken; choose others with {option}")
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


class Running:
    """Servers that run in a thread of their own until `stop`, which may be called twice."""

    def __init__(self, hosts: tuple[SimulatedHost, ...], wires: Sequence[EngineOnTheWire]) -> None:
        self.hosts, self._wires = hosts, wires
        self._started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread: threading.Thread | None = None

    def start(self, sockets: Sequence[socket.socket], control: tuple[Control, socket.socket] | None) -> None:
        """Returns when every engine answers; raises what kept them from it."""
        handlers = [wire.handle for wire in self._wires]
        if control:
            handlers, sockets = [*handlers, control[0].handle], [*sockets, control[1]]
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(handlers, sockets)), name="simulated engines", daemon=True
        )
        self._thread.start()
        self._started.result()

    def stop(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            loop, ending = self._started.result()
            with contextlib.suppress(RuntimeError):  # the loop may have ended in between
                loop.call_soon_threadsafe(ending.set)
            self._thread.join(_STOP_SECONDS)

    def usage(self) -> Usage:
        return usage(self._wires)

    async def _serve(self, handlers: Sequence[Handler], sockets: Sequence[socket.socket]) -> None:
        loop, ending = asyncio.get_running_loop(), asyncio.Event()
        protocols = [web.Server(handle, access_log=None, keepalive_timeout=75) for handle in handlers]
        servers: list[asyncio.Server] = []
        try:
            for protocol, bound in zip(protocols, sockets, strict=True):
                servers.append(await loop.create_server(protocol, sock=bound))
        except BaseException as error:
            self._started.set_exception(error)
            raise
        self._started.set_result((loop, ending))
        await ending.wait()
        for server in servers:
            server.close()
        # Hanging and dripping answers wait on purpose: they are cancelled, not waited for.
        await asyncio.gather(*(protocol.shutdown(0.1) for protocol in protocols))


def serve(
    fleet: SimulatedFleet, *, base_port: int = 0, control_port: int = 0, clock: Callable[[], float] = time.time
) -> Running:
    """Start every engine: engine N listens on `base_port` + N, or on any free port when that is 0.

    With a `control_port` there is a door for benchmarks on it; see Control.
    Raises PortTakenError or TooManyEnginesError before anything answers.
    """
    _allow_files(2 * len(fleet.engines) + _SPARE_FILES)
    began = clock()
    wires = [EngineOnTheWire(EngineAnswers(engine, began=began), clock=clock) for engine in fleet.engines]
    sockets = _listen(fleet, base_port)
    control = (Control(wires, clock=clock), _bind_control(control_port, sockets)) if control_port else None
    hosts = tuple(
        SimulatedHost(engine.name, f"tcp://{LOOPBACK}:{bound.getsockname()[1]}", engine.environment, engine.team)
        for engine, bound in zip(fleet.engines, sockets, strict=True)
    )
    handle = Running(hosts, wires)
    handle.start(sockets, control)
    return handle


@contextlib.contextmanager
def running(fleet: SimulatedFleet, *, base_port: int = 0) -> Iterator[tuple[SimulatedHost, ...]]:
    """The fleet's hosts, for as long as the block lasts."""
    handle = serve(fleet, base_port=base_port)
    try:
        yield handle.hosts
    finally:
        handle.stop()


def _listen(fleet: SimulatedFleet, base_port: int) -> list[socket.socket]:
    bound: list[socket.socket] = []
    with _closing_on_error(bound):
        for host in fleet.hosts:
            port = base_port + host.port_offset if base_port else 0
            bound.append(_bind(port, host.name))
    return bound


def _bind_control(port: int, others: Sequence[socket.socket]) -> socket.socket:
    with _closing_on_error(others):
        return _bind(port, "control", option="--control-port")


@contextlib.contextmanager
def _closing_on_error(bound: Sequence[socket.socket]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        for listener in bound:
            listener.close()
        raise


def _bind(port: int, name: str, *, option: str = "--base-port") -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(128)
        listener.setblocking(False)  # noqa: FBT003
    except (OSError, OverflowError) as error:
        listener.close()
        raise PortTakenError(port, name, option) from error
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
