"""Opens a connection to an engine within what a request has left, and says what stood in the way."""

from __future__ import annotations

import queue
import socket
import threading
from typing import Any

from fleet.transport.endpoint import Endpoint
from fleet.transport.errors import (
    NameNotFound,
    NoPermission,
    NoSocket,
    Refused,
    Timeout,
    TransportError,
    Unreachable,
)
from fleet.transport.limits import Allowance
from fleet.transport.sockets import MeteredSocket

Address = tuple[int, Any]


def dial_unix(endpoint: Endpoint, allowance: Allowance) -> MeteredSocket:
    """A connection to the engine's socket on this machine."""
    return _connect((socket.AF_UNIX, endpoint.path), allowance)


def dial_tcp(endpoint: Endpoint, allowance: Allowance) -> MeteredSocket:
    """A connection to the first of the host's addresses that takes one."""
    failure: TransportError | None = None
    for address in resolve(endpoint, allowance):
        try:
            sock = _connect(address, allowance)
        except (Refused, Unreachable, Timeout) as error:
            failure = failure or error
            continue
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock
    raise failure or _no_address(endpoint, allowance, "the name has no address")


def resolve(endpoint: Endpoint, allowance: Allowance) -> list[Address]:
    """The host's addresses. An address in digits is taken as it is."""
    try:
        # Digits need no name server, so this cannot wait.
        return _lookup(endpoint, socket.AI_NUMERICHOST)
    except OSError:
        pass
    # The system's resolver knows no time limit of ours (three dead name servers take half a minute), so it gets a
    # thread that may be left behind; it ends when the resolver does.
    answers: queue.SimpleQueue[list[Address] | OSError | UnicodeError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(_lookup(endpoint, 0))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name=f"resolve {endpoint.host}", daemon=True).start()
    try:
        answer = answers.get(timeout=min(allowance.left, allowance.limits.connect_seconds))
    except queue.Empty:
        raise _no_address(endpoint, allowance, "no name server answered in time") from None
    if isinstance(answer, Exception):
        reason = answer.strerror if isinstance(answer, OSError) else "the name is malformed"
        raise _no_address(endpoint, allowance, str(reason)) from answer
    return answer


def _lookup(endpoint: Endpoint, flags: int) -> list[Address]:
    found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM, flags=flags)
    return [(family, address) for family, _, _, _, address in found]


def _connect(address: Address, allowance: Allowance) -> MeteredSocket:
    family, target = address
    sock = MeteredSocket(family, socket.SOCK_STREAM)
    sock.allowance = allowance
    try:
        sock.settimeout(min(allowance.left, allowance.limits.connect_seconds))
        sock.connect(target)
    except OSError as error:
        sock.close()
        raise _explain(error, address, allowance) from error
    except BaseException:
        sock.close()
        raise
    return sock


def _explain(error: OSError, address: Address, allowance: Allowance) -> TransportError:
    local, where = address[0] == socket.AF_UNIX, allowance.address
    kind: type[TransportError] = Unreachable
    if isinstance(error, TimeoutError):
        kind, flaw = Timeout, f"accepted no connection within {allowance.limits.connect_seconds:g} s"
        remedy = "See that the machine is up and that no firewall drops packets to this port"
    elif isinstance(error, FileNotFoundError | NotADirectoryError):
        kind, flaw, remedy = NoSocket, "does not exist", "See that the engine runs, or correct the path"
    elif isinstance(error, PermissionError):
        kind, flaw = NoPermission, "may not be opened by the user that Loadline runs as"
        remedy = "Add that user to the socket's group, usually `docker`, and restart Loadline"
        if not local:
            flaw, remedy = "may not be connected to from this machine", "See this machine's own firewall"
    elif isinstance(error, ConnectionRefusedError):
        kind, flaw = Refused, "refused the connection"
        remedy = f"See that the engine runs{'' if local else ' and listens on this port'}"
    elif isinstance(error, BlockingIOError):
        kind, flaw, remedy = Refused, "takes no more connections, its queue is full", "See whether the engine hangs"
    else:
        flaw, remedy = f"cannot be reached ({error.strerror or error})", "See the address and the routes to it"
    return kind(f"{where} {flaw}. {remedy}.")


def _no_address(endpoint: Endpoint, allowance: Allowance, reason: str) -> NameNotFound:
    return NameNotFound(
        f"The name {endpoint.host} of {allowance.address} could not be resolved ({reason}). "
        f"Correct the name, or see this machine's name servers."
    )
