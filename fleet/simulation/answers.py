"""One simulated engine's answer to one request, worked out without any I/O."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from fleet.simulation.filters import BadFilterError, read_filters
from fleet.simulation.herd import Herd
from fleet.simulation.plan import Engine, Swarm
from fleet.simulation.replies import about, images, resources, shape, swarm
from fleet.simulation.replies.mounts import volumes_of
from fleet.simulation.spec import Container

_PREFIX = re.compile(r"^/v(\d+)\.(\d+)(/.*)$")
_ARCHIVE = re.compile(r"/containers/([^/]+)/archive")
_encode = msgspec.json.encode
_PLAIN_ERRORS_BELOW = 24
_NOT_A_MANAGER = ('This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this '
                  "node to swarm and try again.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes over the wire; `streams_events` asks the server to write events until the caller has enough."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    content_type: str = "application/json"
    streams_events: EventWish | None = None


@dataclass(frozen=True, slots=True)
class EventWish:
    """Since and until of one /events call, epoch seconds; `until` None is for ever."""

    since: float | None
    until: float | None
    api: int


@dataclass(frozen=True, slots=True)
class Request:
    """One GET, its path without the version."""

    path: str
    query: Mapping[str, str]
    api: int
    now: float

    def flag(self, name: str) -> bool:
        return self.query.get(name, "").lower() not in {"", "0", "false", "no", "none"}


class RefusedError(Exception):
    """The engine says no, with this status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class EngineAnswers:
    """Precomputes what does not change, so that a thousand engines fit into one process."""

    engine: Engine
    began: float
    dice: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.herd = Herd(self.engine, began=self.began, dice=self.dice)
        self.headers = about.headers(self.engine)
        self._ping_headers = {**self.headers, **about.ping_headers(self.engine)}
        self._still: dict[tuple[str, int], bytes] = {}
        self._fixed: dict[str, Callable[[Request], bytes]] = {
            "/version": self._version,
            "/info": self._info,
            "/containers/json": self._containers,
            "/images/json": self._image_list,
            "/networks": self._network_list,
            "/volumes": self._volume_list,
            "/plugins": self._plugins,
            "/services": self._services,
            "/tasks": self._tasks,
            "/nodes": self._nodes,
            "/system/df": self._usage,
        }

    def answer(self, method: str, target: str, query: Mapping[str, str], *, now: float) -> Answer:
        """`target` is the path as it came, decoded."""
        api, path = self.engine.release.api, target
        if versioned := _PREFIX.match(target):
            api, path = int(versioned[2]) + 100 * (int(versioned[1]) - 1), versioned[3]
            if refused := self._refuse_version(api, f"{versioned[1]}.{versioned[2]}"):
                return refused
        if path == "/_ping" and method in {"GET", "HEAD"}:
            return Answer(200, b"OK", self._ping_headers, "text/plain")
        if self.herd.advance(now):
            self._still.clear()
        if path == "/events" and method == "GET":
            return self._events(Request(path, query, api, now))
        if method == "HEAD" and (wanted := _ARCHIVE.fullmatch(path)):
            # Loadline asks so whether a proxy filters; this engine has no files to hand out.
            return self._error(404, f"No such container: {wanted[1]}")
        body = None
        try:
            if method == "GET":
                body = self._body(Request(path, query, api, now))
        except (RefusedError, BadFilterError) as refusal:
            return self._error(refusal.status, str(refusal))
        return _no_such_page() if body is None else Answer(200, body + b"\n", self.headers)

    def change(self, kind: str, *, now: float, place: int = 0) -> tuple[str, Container]:
        """Makes one change at once: no engine has a request for it. Its id and itself; see Population.change."""
        changed = self.herd.change(kind, now=now, place=place)
        self._still.clear()
        return changed

    # Routes

    def _body(self, request: Request) -> bytes | None:
        fixed = self._fixed.get(request.path)
        if fixed:
            return fixed(request)
        parts = request.path.split("/")
        last = parts[-1]
        if request.path.startswith("/containers/") and last == "json" and len(parts) == 4:  # noqa: PLR2004
            return self._container(request, parts[2])
        if request.path.startswith("/images/") and last == "json":
            return self._image(request, "/".join(parts[2:-1]))
        if request.path.startswith("/networks/"):
            return self._network(request, "/".join(parts[2:]))
        if request.path.startswith("/volumes/"):
            return self._volume("/".join(parts[2:]))
        return None

    def _refuse_version(self, api: int, asked: str) -> Answer | None:
        release = self.engine.release
        if api > release.api:
            newest = f"Maximum supported API version is 1.{release.api}"
            return self._error(400, f"client version {asked} is too new. {newest}")
        if api >= release.oldest_api:
            return None
        message = (
            f"client version {asked} is too old. Minimum supported API version is 1.{release.oldest_api}, "
            "please upgrade your client to a newer version"
        )
        if api < _PLAIN_ERRORS_BELOW:
            return Answer(400, message.encode() + b"\n", self.headers, "text/plain")
        return self._error(400, message)

    def _error(self, status: int, message: str) -> Answer:
        return Answer(status, _encode({"message": message}) + b"\n", self.headers)

    # The engine

    def _version(self, request: Request) -> bytes:
        return self._once(request, lambda: about.version(self.engine))

    def _info(self, request: Request) -> bytes:
        reply = about.info(
            self.engine,
            states=self.herd.states(request.now),
            images=len(self.herd.images),
            began=self.began,
            now=request.now,
        )
        return _encode(shape.info(reply, request.api, cgroup=self.engine.system.cgroup))

    def _events(self, request: Request) -> Answer:
        wish = EventWish(
            since=_epoch(request.query.get("since")), until=_epoch(request.query.get("until")), api=request.api
        )
        return Answer(200, b"", self.headers, streams_events=wish)

    # Containers

    def _containers(self, request: Request) -> bytes:
        filters = read_filters(request.query.get("filters"))
        limit = request.query.get("limit", "")
        entries = self.herd.entries(
            now=request.now,
            everything=request.flag("all"),
            filters=filters,
            limit=int(limit) if limit.isdigit() else 0,
            size=request.flag("size"),
            with_health=request.api >= 52,  # noqa: PLR2004
        )
        return b"[" + b",".join(entries) + b"]"

    def _container(self, request: Request, name: str) -> bytes:
        reply = self.herd.inspect(name, now=request.now, size=request.flag("size"))
        if reply is None:
            raise RefusedError(404, f"No such container: {name}")
        return _encode(shape.container(reply, request.api))

    # Images

    def _image_entries(self, api: int) -> list[dict[str, Any]]:
        users = self.herd.users_of_images()
        return [
            shape.image_entry(
                images.entry(image, self.engine, began=self.began), api, used_by=users.get(image.reference, 0)
            )
            for image in self.herd.images.values()
        ]

    def _image_list(self, request: Request) -> bytes:
        return self._once(request, lambda: self._image_entries(request.api))

    def _image(self, request: Request, name: str) -> bytes:
        image = images.matching(self.herd.images, name)
        if image is None:
            full = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
            before = f"no such image: {name}: " if self.engine.release.api < 42 else ""  # noqa: PLR2004
            raise RefusedError(404, f"{before}No such image: {full}")
        return _encode(shape.image(images.inspect(image, self.engine, began=self.began), request.api))

    # Networks, volumes, plugins

    def _network_list(self, request: Request) -> bytes:
        board = self.herd.board
        return self._once(
            request,
            lambda: [
                shape.network(resources.network(found, board, began=self.began), request.api)
                for found in board.networks.values()
            ],
        )

    def _network(self, request: Request, name: str) -> bytes:
        board = self.herd.board
        found = next((n for n in board.networks.values() if name in {n.name, board.ids[n.name]}), None)
        if found is None:
            raise RefusedError(404, f"network {name} not found")
        attached = self.herd.attached_to(found.name, now=request.now)
        reply = resources.network_inspect(found, board, attached, began=self.began)
        return _encode(shape.network(reply, request.api))

    def _volume_list(self, request: Request) -> bytes:
        return self._once(request, lambda: resources.volumes(self.engine, began=self.began))

    def _volume(self, name: str) -> bytes:
        for found in volumes_of(self.engine):
            if found.name == name:
                return _encode(resources.volume(found, began=self.began))
        raise RefusedError(404, f"get {name}: no such volume")

    def _plugins(self, request: Request) -> bytes:
        return self._once(request, lambda: [resources.plugin(found) for found in self.engine.plugins])

    def _usage(self, request: Request) -> bytes:
        raw = self.herd.entries(now=request.now, everything=True, filters={}, size=True, with_health=False)
        containers = [msgspec.json.decode(entry) for entry in raw]
        entries = self._image_entries(request.api)
        reply = resources.usage(self.engine, entries, containers, began=self.began)
        return _encode(shape.usage(reply, request.api, verbose=request.flag("verbose")))

    # Swarm

    def _services(self, request: Request) -> bytes:
        return _encode(swarm.services(self._managed(), began=self.began, with_status=request.flag("status")))

    def _tasks(self, request: Request) -> bytes:
        managed = self._managed()
        return self._once(request, lambda: swarm.tasks(managed, began=self.began))

    def _nodes(self, request: Request) -> bytes:
        managed = self._managed()
        return self._once(request, lambda: swarm.nodes(managed, self.engine.release.engine, began=self.began))

    def _managed(self) -> Swarm:
        node = self.engine.node
        if node is None or not node.manager or self.engine.swarm is None:
            raise RefusedError(503, _NOT_A_MANAGER)
        return self.engine.swarm

    def _once(self, request: Request, build: Callable[[], Any]) -> bytes:
        """Replies that stay the same as long as nothing on the engine changes."""
        key = (request.path, request.api)
        if key not in self._still:
            self._still[key] = _encode(build())
        return self._still[key]


def _no_such_page() -> Answer:
    return Answer(404, b'{"message":"page not found"}\n', {})


def _epoch(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
