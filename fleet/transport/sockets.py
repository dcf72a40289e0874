"""Sockets that count time and bytes themselves, so that no layer above them can forget a limit.

A socket's own time-out starts anew with every byte received; here each wait gets only what the request has left.
The C code under `recv`, `send`, `connect` and the TLS handshake holds one time-out across all its retries.
"""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

from fleet.transport.errors import Reset, TransportError
from fleet.transport.limits import Allowance
from fleet.transport.tls_errors import explain_tls

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


_ALERT_SECONDS = 0.2


class MeteredSocket(socket.socket):
    """A plain stream socket: TCP, unix, or one end of a pair whose other end is a program."""

    allowance: Allowance

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0) -> int:
        self.settimeout(self.allowance.left)
        try:
            count = super().recv_into(buffer, nbytes, flags)
        except OSError as error:
            raise explain(error, self.allowance) from error
        self.allowance.spend(count)
        return count

    def sendall(self, data: ReadableBuffer, flags: int = 0) -> None:
        self.settimeout(self.allowance.left)
        try:
            super().sendall(data, flags)
        except OSError as error:
            raise explain(error, self.allowance) from error


class MeteredTlsSocket(ssl.SSLSocket):
    """The same inside TLS."""

    allowance: Allowance

    def recv_into(self, buffer: WriteableBuffer, nbytes: int | None = None, flags: int = 0) -> int:
        self.settimeout(self.allowance.left)
        try:
            count = super().recv_into(buffer, nbytes, flags)
        except OSError as error:
            raise explain(error, self.allowance) from error
        self.allowance.spend(count)
        return count

    def sendall(self, data: ReadableBuffer, flags: int = 0) -> None:
        self.settimeout(self.allowance.left)
        try:
            super().sendall(data, flags)
        except OSError as error:
            reason = self._last_alert() or error
            raise explain(reason, self.allowance) from error

    def _last_alert(self) -> OSError | None:
        """With TLS 1.3 an engine refuses our certificate after the handshake, and may hang up before we have written.

        Its reason waits to be read all the same.
        """
        try:
            self.settimeout(min(self.allowance.left, _ALERT_SECONDS))
            super().recv_into(bytearray(1))
        except ssl.SSLError as alert:
            return alert
        except OSError:
            return None
        return None


def explain(error: OSError, allowance: Allowance) -> TransportError:
    """The typed error for what broke a connection that was open."""
    if isinstance(error, TimeoutError):
        return allowance.exhausted()
    if isinstance(error, ssl.SSLError):
        return explain_tls(error, allowance.address)
    return Reset(
        f"{allowance.address} broke the connection during {allowance.what} ({error.strerror or error}). "
        f"See the engine's log; a proxy or a firewall in between may do this as well."
    )
