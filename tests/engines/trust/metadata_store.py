"""A small server of signed metadata, as a Notary server is to its clients: they publish to it, and read from it.

It keeps what is published by repository, signs timestamps with keys of its own, and can be told to lie.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from tests.fleet.trust.notary_publisher import described, key_entry, signed
from tests.fleet.trust.publishers import Private, new_key

_FILE = re.compile(r"/v2/(?P<gun>.+)/_trust/tuf/(?P<name>[^?]*)")


@dataclass
class Repository:
    """`files` are what was published by role, by role and hash, and roots by version."""

    keys: dict[str, Private] = field(default_factory=lambda: {"timestamp": new_key(), "snapshot": new_key()})
    files: dict[str, bytes] = field(default_factory=dict)
    version: int = 0
    root_version: int = 0

    def publish(self, parts: dict[str, bytes]) -> None:
        for role, body in parts.items():
            self.keep(role, body)
            if role == "root":
                version = int(json.loads(body)["signed"]["version"])
                self.files[f"{version}.root"] = body
                self.root_version = max(self.root_version, version)
        if "snapshot" not in parts:
            self._sign_snapshot()
        self.stamp()

    def keep(self, role: str, body: bytes) -> None:
        self.files[role] = body
        self.files[f"{role}.{hashlib.sha256(body).hexdigest()}"] = body

    def stamp(
        self, *, until: datetime | None = None, snapshot: bytes | None = None, key: Private | None = None
    ) -> None:
        """A new timestamp over the snapshot that is there, or over another one."""
        self.version += 1
        expires = until or datetime.now(UTC) + timedelta(days=14)
        document = {
            "_type": "Timestamp",
            "expires": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "version": self.version,
            "meta": {"snapshot": described(snapshot or self.files["snapshot"])},
        }
        self.keep("timestamp", signed(document, key or self.keys["timestamp"]))

    def _sign_snapshot(self) -> None:
        roles = [
            name for name in self.files if name in {"root", "targets"} or re.fullmatch(r"targets/[-a-z0-9_]+", name)
        ]
        before = json.loads(self.files["snapshot"])["signed"]["version"] if "snapshot" in self.files else 0
        document = {
            "_type": "Snapshot",
            "expires": (datetime.now(UTC) + timedelta(days=1000)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "version": before + 1,
            "meta": {name: described(self.files[name]) for name in roles},
        }
        self.keep("snapshot", signed(document, self.keys["snapshot"]))


@dataclass
class MetadataStore:
    """`lies` may answer in place of the store: (repository, file) to bytes, None for 404, or the honest answer."""

    address: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    lies: Callable[[str, str, bytes | None], bytes | None] | None = None
    asked: list[str] = field(default_factory=list)

    def repository(self, gun: str) -> Repository:
        return self.repositories.setdefault(gun, Repository())

    def read(self, gun: str, name: str) -> bytes | None:
        self.asked.append(name)
        found = self.repositories[gun].files.get(name.removesuffix(".json")) if gun in self.repositories else None
        return self.lies(gun, name.removesuffix(".json"), found) if self.lies else found


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store: ClassVar[MetadataStore]

    def do_GET(self) -> None:
        if self.path == "/v2/":
            self._reply(200, b"{}")
        elif (found := _FILE.fullmatch(self.path)) is None:
            self._reply(404)
        elif found["name"].endswith(".key"):
            self._key(found["gun"], found["name"].removesuffix(".key"))
        else:
            body = self.store.read(found["gun"], found["name"])
            self._reply(404, _NOT_FOUND) if body is None else self._reply(200, body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        found = _FILE.fullmatch(self.path)
        if found is None:
            self._reply(404)
        elif found["name"].endswith(".key"):
            name = found["name"].removesuffix(".key")
            self.store.repository(found["gun"]).keys[name] = new_key()
            self._key(found["gun"], name)
        else:
            self.store.repository(found["gun"]).publish(_parts(self.headers["Content-Type"], body))
            self._reply(200)

    def _key(self, gun: str, role: str) -> None:
        self._reply(200, json.dumps(key_entry(self.store.repository(gun).keys[role])[1]).encode())

    def _reply(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True


@contextmanager
def metadata_store() -> Iterator[MetadataStore]:
    store = MetadataStore()
    httpd = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"store": store}))
    store.address = f"http://127.0.0.1:{httpd.server_address[1]}"
    threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield store
    finally:
        httpd.shutdown()
        httpd.server_close()


_NOT_FOUND = json.dumps(
    {"errors": [{"code": "METADATA_NOT_FOUND", "message": "You have requested metadata that does not exist."}]}
).encode()


def _parts(content_type: str, body: bytes) -> dict[str, bytes]:
    """Role to document, of what a client sends as a form."""
    message = email.message_from_bytes(
        b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body, policy=email.policy.HTTP
    )
    found = {}
    for part in message.iter_parts():
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        found[str(part.get_filename())] = payload
    return found
