"""One HTTP connection to an engine: guarded where its bytes leave, limited where they come in."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from fleet.transport.errors import NotAnEngine, Reset, TransportError, Truncated, quoted
from fleet.transport.guard import admit
from fleet.transport.limits import Allowance
from fleet.transport.sockets import MeteredSocket, MeteredTlsSocket

Dial = Callable[[Allowance], MeteredSocket | MeteredTlsSocket]

_PIECE = 64 * 1024
_FREE_FRAMING = 512 * 1024
_HEADERS = (("Accept", "application/json"), ("Accept-Encoding", "identity"), ("User-Agent", "loadline"))


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


class EngineConnection(http.client.HTTPConnection):
    """Speaks to whatever `dial` opens. There is no way past `putrequest`, and so none past the guard."""

    def __init__(self, host: str, port: int, *, dial: Dial) -> None:
        # A host of "" is a unix socket; HTTP wants some name all the same.
        super().__init__(host or "localhost", port or None)
        self._dial = dial
        self.allowance: Allowance | None = None

    def connect(self) -> None:
        if self.allowance is None:
            raise Reset("This connection was opened outside a request.")
        self.sock = self._dial(self.allowance)

    def putrequest(self, method: str, url: str, *args: Any, **kwargs: Any) -> None:
        admit(method, url)
        super().putrequest(method, url, *args, **kwargs)

    def ask(self, method: str, target: str, allowance: Allowance) -> Reply:
        """Send one request without a body and read its whole answer; the connection is closed after any failure."""
        self.allowance = allowance
        if isinstance(self.sock, MeteredSocket | MeteredTlsSocket):
            self.sock.allowance = allowance
        try:
            return self._exchange(method, target, allowance)
        except http.client.HTTPException as error:
            self.close()
            raise _explain(error, allowance) from error
        except BaseException:
            self.close()
            raise

    def _exchange(self, method: str, target: str, allowance: Allowance) -> Reply:
        self.putrequest(method, target, skip_accept_encoding=True)
        for name, value in _HEADERS:
            self.putheader(name, value)
        self.endheaders()
        response = self.getresponse()
        try:
            return Reply(response.status, response.reason, response.headers, _body(response, allowance))
        finally:
            response.close()


def _body(response: http.client.HTTPResponse, allowance: Allowance) -> bytes:
    allowance.enter_body()
    limit = allowance.limits.reply_bytes
    if response.length is not None and response.length > limit:
        raise allowance.overflow()
    encoding = (response.getheader("Content-Encoding") or "identity").strip().lower()
    if encoding != "identity":
        # A few kilobytes can unfold into gigabytes; engines do not compress, and were asked not to.
        raise NotAnEngine(
            f"{allowance.address} answered {allowance.what} compressed ({quoted(encoding, 40)}) although asked not to, "
            f"which no engine does. Turn compression off in the proxy in between."
        )
    body = bytearray()
    while piece := response.read(_PIECE):
        body += piece
        if len(body) > limit:
            raise allowance.overflow()
        if allowance.received > 2 * len(body) + _FREE_FRAMING:
            # Chunks of one byte would cost seconds of our processor within every other limit.
            raise NotAnEngine(
                f"{allowance.address} cut its answer to {allowance.what} into tiny chunks, which no engine does. "
                f"See what listens there."
            )
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return bytes(body)


def _explain(error: http.client.HTTPException, allowance: Allowance) -> TransportError:
    where, what = allowance.address, allowance.what
    if isinstance(error, http.client.RemoteDisconnected):
        return Reset(f"{where} closed the connection without answering {what}. See the engine's log.")
    if isinstance(error, http.client.IncompleteRead):
        return Truncated(
            f"{where} stopped in the middle of its answer to {what}. See the engine's log, or a proxy in between."
        )
    return NotAnEngine(
        f"{where} does not answer {what} as an engine does ({quoted(str(error) or type(error).__name__, 100)}). "
        f"See what listens there and correct the address."
    )
