"""A real volume plugin for tests: Docker's v1 protocol, JSON over a unix socket, with folders for volumes."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from typing import Any, Self

from tests.engines.harness import RealEngine

Reply = dict[str, Any]


class VolumePlugin:
    """The engine shows its volumes as of driver `name` while it is entered; `die` is what a crash looks like."""

    def __init__(self, engine: RealEngine, name: str) -> None:
        self.name = name
        self._socket = engine.plugins / f"{name}.sock"
        self._data = engine.folder / f"volumes-of-{name}"
        self._server: ThreadingUnixStreamServer | None = None
        self._thread: threading.Thread | None = None
        self._volumes: dict[str, Reply] = {}

    def __enter__(self) -> Self:
        calls: dict[str, Callable[[Reply], Reply]] = {
            "/Plugin.Activate": lambda _: {"Implements": ["VolumeDriver"]},
            "/VolumeDriver.Capabilities": lambda _: {"Capabilities": {"Scope": "local"}},
            "/VolumeDriver.Create": self._create,
            "/VolumeDriver.Remove": self._remove,
            "/VolumeDriver.Get": self._get,
            "/VolumeDriver.List": lambda _: {"Volumes": list(self._volumes.values())},
            "/VolumeDriver.Path": self._mount,
            "/VolumeDriver.Mount": self._mount,
            "/VolumeDriver.Unmount": lambda _: {},
        }

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                call = calls.get(self.path)
                reply = call(json.loads(body or b"{}")) if call else {"Err": f"{self.path} is not known here"}
                payload = json.dumps(reply).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/vnd.docker.plugins.v1+json")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *_: object) -> None:
                pass

            def address_string(self) -> str:
                return "engine"  # a unix socket's peer has no address to print

        self._data.mkdir(exist_ok=True)
        self._server = ThreadingUnixStreamServer(str(self._socket), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.die()
        shutil.rmtree(self._data, ignore_errors=True)

    def die(self) -> None:
        """Stop answering and take the socket away; what the engine knows of it stays."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None
        self._socket.unlink(missing_ok=True)

    def _create(self, call: Reply) -> Reply:
        folder = self._data / call["Name"]
        folder.mkdir(exist_ok=True)
        self._volumes[call["Name"]] = {"Name": call["Name"], "Mountpoint": str(folder)}
        return {}

    def _remove(self, call: Reply) -> Reply:
        self._volumes.pop(call["Name"], None)
        return {}

    def _get(self, call: Reply) -> Reply:
        volume = self._volumes.get(call["Name"])
        return {"Volume": volume} if volume else {"Err": f"no volume {call['Name']}"}

    def _mount(self, call: Reply) -> Reply:
        return {"Mountpoint": str(self._data / call["Name"])}


def folder_of(engine: RealEngine, name: str) -> Path:
    """A fresh folder of the host for the engine's containers."""
    folder = engine.folder / name
    folder.mkdir(exist_ok=True)
    return folder
