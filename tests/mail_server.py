"""A mail server that really speaks SMTP, keeps what it is given, and misbehaves where a test asks for it."""

from __future__ import annotations

import email
import email.policy
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path


@dataclass
class Mailbox:
    """`says` has what it answers to a command instead of what it should; an empty answer breaks the connection.

    "." is the end of the data: a mail that is answered there with an error was not taken.
    """

    says: dict[str, str] = field(default_factory=dict)
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    port: int = 0
    logins: int = 0
    sealed: int = 0  # connections that were under TLS by the time of a mail
    tls: ssl.SSLContext | None = None
    at_once: bool = False  # TLS from the first byte on
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, address: str) -> list[EmailMessage]:
        return [mail for to, mail in self.mails if to == address]


class _GoneError(Exception):
    pass


class _Talk(socketserver.StreamRequestHandler):
    timeout = 20

    def handle(self) -> None:
        self.box: Mailbox = self.server.box  # type: ignore[attr-defined]
        self.to, self.under_tls = "", False
        try:
            if self.box.at_once:
                self._seal()
            self._answer("GREETING", "220 mail.test ready")
            while line := self.rfile.readline():
                self._command(line.decode().strip())
        except (_GoneError, OSError):
            pass

    def _command(self, line: str) -> None:
        verb = line[:4].upper()
        if verb == "EHLO":
            more = "STARTTLS" if self.box.tls and not self.under_tls else "AUTH PLAIN LOGIN"
            self._answer(verb, f"250-mail.test\r\n250-8BITMIME\r\n250 {more}")
        elif verb == "STAR":
            self._answer(verb, "220 go on")
            self._seal()
        elif verb == "AUTH":
            self._answer(verb, "235 welcome")
            self.box.logins += 1
        elif verb == "RCPT":
            self.to = line.partition("<")[2].partition(">")[0]
            self._answer(verb, "250 yes")
        elif verb == "DATA":
            self._answer(verb, "354 go on")
            self._data()
        elif verb == "QUIT":
            self._answer(verb, "221 bye")
            raise _GoneError
        else:
            self._answer(verb, "250 yes")

    def _data(self) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise _GoneError
            lines.append(line[1:] if line.startswith(b"..") else line)
        told = self.box.says.get(".", "250 taken")
        if told[:1] in {"2", ""}:  # taken, whatever becomes of the answer
            mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
            with self.box.lock:
                self.box.mails.append((self.to, mail))
                self.box.sealed += self.under_tls
        self._answer(".", "250 taken")

    def _answer(self, verb: str, words: str) -> None:
        said = self.box.says.get(verb, words)
        if not said:
            raise _GoneError
        self.wfile.write(f"{said}\r\n".encode())

    def _seal(self) -> None:
        assert self.box.tls is not None
        self.connection = self.box.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
        self.under_tls = True


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


@contextmanager
def mail_server(*, certificate: Path | None = None, at_once: bool = False) -> Iterator[Mailbox]:
    """Listens on a port of its own until the block ends; with a certificate and its key in one file it has TLS."""
    box = Mailbox(at_once=at_once)
    if certificate is not None:
        box.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        box.tls.load_cert_chain(certificate)
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.box = box  # type: ignore[attr-defined]
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield box
        server.shutdown()
        thread.join()
