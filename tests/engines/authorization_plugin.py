"""A real authorization plugin for tests: Docker's v1 protocol over a unix socket, and it allows whatever is asked."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from typing import Self


class AuthorizationPlugin:
    """Answers at that socket while it is entered. An engine that was told of it asks before each request it serves."""

    def __init__(self, socket: Path) -> None:
        self._server = ThreadingUnixStreamServer(str(socket), _Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        activating = self.path == "/Plugin.Activate"
        payload = json.dumps({"Implements": ["authz"]} if activating else {"Allow": True}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.docker.plugins.v1+json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_: object) -> None:
        pass

    def address_string(self) -> str:
        return "engine"  # a unix socket's peer has no address to print
