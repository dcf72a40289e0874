"""What real engines answered, recorded once (see recorded/), and a client that plays it back."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from fleet.engines import collect
from fleet.inventory import ContainerFacts, Snapshot
from fleet.transport import Endpoint, EngineClient, NotFound, TransportError

NOW = datetime(2026, 11, 24, 2, 20, 6, tzinfo=UTC)
MARK = "MARK-"  # begins every secret that was planted before recording
#: What these engines said was not recorded; they would have answered so on a quiet day.
_EMPTY: dict[str, Any] = {"/events": [], "/system/df": {}}
_FOLDER = Path(__file__).parent / "recorded"

Reply = Any


def recorded(name: str) -> dict[str, Reply]:
    """Replies by path: `docker-20.10` (a swarm manager) or `podman-4.3.1`."""
    return cast("dict[str, Reply]", json.loads((_FOLDER / f"{name}.json").read_text()))


def compact(value: object) -> bytes:
    """JSON as engines write it."""
    return json.dumps(value, separators=(",", ":")).encode()


class Playback:
    """Answers as an EngineClient does. A reply that is an exception is raised; a path without one is not found."""

    def __init__(self, replies: Mapping[str, Reply], *, url: str = "unix:///run/docker.sock") -> None:
        self.replies = replies
        self.endpoint = Endpoint(url, None)
        self.asked: list[str] = []
        self.api_version: str | None = "1.41"

    def get(self, path: str, params: Mapping[str, str] | None = None, timeout: float | None = None) -> Reply:
        self.asked.append(path)
        if path not in self.replies and path in _EMPTY:
            return copy.deepcopy(_EMPTY[path])
        if path not in self.replies:
            raise NotFound(f"{path} is not there")
        reply = self.replies[path]
        if isinstance(reply, TransportError):
            raise reply
        return copy.deepcopy(reply)

    def read(self, path: str, params: Mapping[str, str] | None = None, timeout: float | None = None) -> bytes:
        reply = self.get(path, params, timeout)
        if path == "/events" and isinstance(reply, list):
            return b"".join(compact(one) + b"\n" for one in reply)
        return compact(reply)

    def parsed(self, path: str, body: bytes, *, within: int = 0) -> Reply:
        return [json.loads(line) for line in body.splitlines()] if path == "/events" else json.loads(body)

    def items(self, path: str, body: bytes) -> list[bytes] | None:
        found = json.loads(body)
        return [compact(one) for one in found] if isinstance(found, list) else None

    def assume(self, api_version: str) -> None:
        self.api_version = api_version

    def probe(self) -> int:
        self.asked.append("probe")
        return 404


def snapshot(replies: Mapping[str, Reply], **client: Any) -> Snapshot:
    return collect(cast("EngineClient", Playback(replies, **client)), now=NOW)


def inspect_path(replies: Mapping[str, Reply], name: str) -> str:
    """The path under which that container's inspect reply was recorded."""
    return next(path for path, reply in replies.items() if isinstance(reply, dict) and reply.get("Name") == f"/{name}")


def container(snapshot: Snapshot, name: str) -> ContainerFacts:
    return next(facts for facts in snapshot.containers if facts.name == name)
