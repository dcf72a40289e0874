"""One HTTP connection to an engine: guarded where its bytes leave, limited where they come in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from fleet.transport.errors import NotAnEngine, quoted
from fleet.transport.guard import admit
from fleet.transport.limits import Allowance
from fleet.transport.sockets import MeteredSocket, MeteredTlsSocket
from fleet.transport.wire import Answer

Dial = Callable[[Allowance], MeteredSocket | MeteredTlsSocket]

_HEAD: Final = "Accept: application/json\r\nAccept-Encoding: identity\r\nUser-Agent: loadline\r\n\r\n"


class Headers(Protocol):
    """Header fields by name in any case."""

    def get(self, name: str, /) -> str | None: ...

    def items(self) -> Iterable[tuple[str, str]]: ...

    def __contains__(self, name: str, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class Reply:
    """One complete answer, within its limits."""

    status: int
    reason: str
    headers: Headers
    body: bytes


class EngineConnection:
    """Speaks to whatever `dial` opens. Bytes leave in one place, behind the guard."""

    def __init__(self, host: str, port: int, *, dial: Dial) -> None:
        # A host of "" is a unix socket; HTTP wants some name all the same. A zone means something on this machine only.
        name = host.partition("%")[0] or "localhost"
        name = f"[{name}]" if ":" in name else name
        self._head = f" HTTP/1.1\r\nHost: {name}{f':{port}' if port else ''}\r\n{_HEAD}"
        self._dial = dial
        self._sock: MeteredSocket | MeteredTlsSocket | None = None

    @property
    def is_open(self) -> bool:
        return self._sock is not None

    def close(self) -> None:
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def ask(self, method: str, target: str, allowance: Allowance) -> Reply:
        """Send one request without a body and read its whole answer; the connection is closed after any failure."""
        try:
            admit(method, target)
            sock = self._connected(allowance)
            sock.sendall(f"{method} {target}{self._head}".encode("ascii"))
            answer = Answer(sock, allowance, bodiless=method == "HEAD")
            answer.read_head()
            allowance.enter_body()
            _refuse_compressed(answer, allowance)
            body = answer.read_body()
        except BaseException:
            self.close()
            raise
        if not answer.keeps:
            self.close()
        return Reply(answer.status, answer.reason, answer.fields, body)

    def _connected(self, allowance: Allowance) -> MeteredSocket | MeteredTlsSocket:
        if self._sock is None:
            self._sock = self._dial(allowance)
        self._sock.allowance = allowance
        return self._sock


def _refuse_compressed(answer: Answer, allowance: Allowance) -> None:
    """A few kilobytes can unfold into gigabytes; engines do not compress, and were asked not to."""
    encoding = (answer.fields.get("Content-Encoding") or "identity").strip().lower()
    if encoding != "identity":
        raise NotAnEngine(
            f"{allowance.address} answered {allowance.what} compressed ({quoted(encoding, 40)}) although asked not to, "
            f"which no engine does. Turn compression off in the proxy in between."
        )
