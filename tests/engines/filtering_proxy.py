"""A proxy before a real engine that lets through GET for the paths of one expression, and nothing else."""

from __future__ import annotations

import http.client
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@contextmanager
def filtering_proxy(engine: Path, allowed: str, *, methods: tuple[str, ...] = ("GET",)) -> Iterator[str]:
    """Its URL. It refuses as wollomatic/socket-proxy does: 405 for a method, 403 for a path."""

    class Handler(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            if self.command not in methods:
                self.send_error(405)
            elif not re.fullmatch(allowed, self.path.partition("?")[0]):
                self.send_error(403)
            else:
                self._ask()

        do_GET = do_HEAD = do_POST = _pass_on  # noqa: N815 (the names that http.server calls)

        def _ask(self) -> None:
            connection = _EngineConnection(str(engine))
            connection.request(self.command, self.path)
            reply = connection.getresponse()
            body = reply.read()
            connection.close()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.headers["Content-Type"])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"tcp://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _EngineConnection(http.client.HTTPConnection):
    def __init__(self, path: str, **more: Any) -> None:
        super().__init__("engine", **more)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)
