"""The line to an engine: connections that are kept, dialled as the endpoint wants it, for one sweep."""

from __future__ import annotations

import time

from fleet.transport.connection import Dial, EngineConnection, Reply
from fleet.transport.dialing import dial_tcp, dial_unix
from fleet.transport.endpoint import Endpoint
from fleet.transport.errors import Reset, SshFailed, Timeout, Truncated
from fleet.transport.limits import Allowance, Limits
from fleet.transport.sockets import MeteredTlsSocket
from fleet.transport.ssh import SshConnections
from fleet.transport.tls import context_for, secure


class Line:
    """Connections to one engine, kept from one request to the next. Its clock starts with it: a sweep has one line."""

    def __init__(self, endpoint: Endpoint, *, limits: Limits) -> None:
        self.endpoint = endpoint
        self.limits = limits
        self.sweep_ends = time.monotonic() + limits.sweep_seconds
        self._ssh = SshConnections(endpoint) if endpoint.scheme == "ssh" else None
        self._dial = self._dialer()
        self._idle: list[EngineConnection] = []
        self._closed = False

    def ask(self, method: str, target: str, *, seconds: float) -> Reply:
        """One request and its whole reply, on a connection that is kept for the next."""
        allowance = Allowance(
            address=str(self.endpoint),
            limits=self.limits,
            sweep_ends=self.sweep_ends,
            what=f"{method} {target.partition('?')[0]}",
            seconds=seconds,
        )
        connection, fresh = self._take()
        reply = None
        try:
            reply = self._ask(connection, method, target, allowance)
        except Reset:
            if fresh or allowance.received:
                raise
        if reply is None:
            # A kept connection may have been closed by the other side just now: ask once more on a new one. Not while
            # its error is handled, which the parser would take for what interrupted it.
            connection = self._new()
            reply = self._ask(connection, method, target, allowance)
        self._keep(connection)
        return reply

    def _ask(self, connection: EngineConnection, method: str, target: str, allowance: Allowance) -> Reply:
        try:
            return connection.ask(method, target, allowance)
        except (Reset, Truncated, Timeout) as error:
            if self._ssh is None:
                raise
            reason = self._ssh.explain(error, allowance)
            raise reason from (None if isinstance(reason, SshFailed) else error.__cause__)

    def close(self) -> None:
        """Ends idle connections and ssh programs."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()
        if self._ssh is not None:
            self._ssh.close()

    def _take(self) -> tuple[EngineConnection, bool]:
        try:
            return self._idle.pop(), False
        except IndexError:
            return self._new(), True

    def _new(self) -> EngineConnection:
        return EngineConnection(self.endpoint.host, self.endpoint.port, dial=self._dial)

    def _keep(self, connection: EngineConnection) -> None:
        if self._closed or not connection.is_open:
            connection.close()
        else:
            self._idle.append(connection)

    def _dialer(self) -> Dial:
        endpoint = self.endpoint
        if self._ssh is not None:
            return self._ssh.dial
        if endpoint.scheme == "unix":
            return lambda allowance: dial_unix(endpoint, allowance)
        if not endpoint.encrypted:
            return lambda allowance: dial_tcp(endpoint, allowance)
        context = context_for(endpoint.tls)
        name = endpoint.host.rstrip(".")

        def dial_tls(allowance: Allowance) -> MeteredTlsSocket:
            return secure(dial_tcp(endpoint, allowance), name=name, context=context)

        return dial_tls
