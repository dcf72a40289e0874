"""Registries on real sockets that answer as a test wants: honest, slow, or after a password."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Asked:
    """One request that came in."""

    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class HostileServer:
    """`answer` makes a reply of a request, or takes the connection over and returns None."""

    host: str
    answer: Callable[[Asked, Any], Reply | None]
    asked: list[Asked] = field(default_factory=list)

    @property
    def secrets(self) -> list[str]:
        """Every Authorization that it got."""
        return [one.headers["authorization"] for one in self.asked if "authorization" in one.headers]


@contextmanager
def serving(
    answer: Callable[[Asked, Any], Reply | None], *, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1"
) -> Iterator[HostileServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()})
            server.asked.append(asked)
            reply = server.answer(asked, self)
            if reply is None:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        do_HEAD = do_GET  # noqa: N815 - as the base class wants it

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that hung up is what most of these tests are about."""

    httpd = Server((address, 0), Handler)
    if tls is not None:
        httpd.socket = tls.wrap_socket(httpd.socket, server_side=True)
    server = HostileServer(f"{address}:{httpd.server_address[1]}", answer)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()


def as_json(document: object, **headers: str) -> Reply:
    return Reply(body=json.dumps(document).encode(), headers=headers)


def unused_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
