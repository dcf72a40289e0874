"""One engine, asked for one sweep: the only thing other packages need of the transport."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from fleet.transport.allow_list import NOBODY
from fleet.transport.connection import Reply
from fleet.transport.endpoint import Endpoint
from fleet.transport.errors import ApiTooNew, ApiTooOld, NotAnEngine, quoted
from fleet.transport.limits import Limits
from fleet.transport.line import Line
from fleet.transport.replies import check_status, decode, is_page, items, page

if TYPE_CHECKING:
    import requests

    from fleet.transport.session import EngineSession

OLDEST_API: Final = (1, 41)  # Docker Engine 20.10, podman 3
NEWEST_API: Final = (1, 55)  # the newest that the engine modules know; a newer engine speaks this one too
_VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})")
#: What sweeps ask for. The docker package takes 0.3 ms of processor time to prepare a request and wrap its reply, a
#: tenth of what a quiet host costs in all, so these go past it, over the same connection, guard and limits.
_OFTEN: Final = (
    "/info", "/version", "/events", "/containers/", "/images/", "/networks", "/volumes", "/plugins", "/services",
    "/tasks", "/nodes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ping:
    """What an engine says of itself in headers; None where it did not say."""

    kind: str
    server: str | None
    api_version: str | None
    os_type: str | None


class EngineClient:
    """The sweep's clock starts here; every request ends by its own limit or by what the sweep has left."""

    def __init__(self, endpoint: Endpoint, *, limits: Limits | None = None) -> None:
        self.endpoint = endpoint
        self.limits = limits or Limits()
        self.api_version: str | None = None
        self._address = str(endpoint)
        self._line = Line(endpoint, limits=self.limits)

    def __enter__(self) -> EngineClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @cached_property
    def _session(self) -> EngineSession:
        """Made, and its package loaded, when it is first needed, which a sweep that finds nothing new never does."""
        from fleet.transport.session import EngineSession, GuardedAdapter

        return EngineSession(GuardedAdapter(self._line), version=_text(NEWEST_API), timeout=self.limits.request_seconds)

    def get(self, path: str, *, params: Mapping[str, str] | None = None, timeout: float | None = None) -> object:
        """The parsed JSON of an unversioned path such as `/containers/json`; a list of events for `/events`.

        `timeout` replaces the request limit for a call that is known to be slow; the sweep's limit still holds.
        Reading `/version` settles the API version for the requests that follow.
        """
        value = self.parsed(path, self.read(path, params=params, timeout=timeout))
        if path == "/version":
            self._settle(value)
        return value

    def read(self, path: str, *, params: Mapping[str, str] | None = None, timeout: float | None = None) -> bytes:
        """The same as it came, for who can tell from the bytes alone that they need not be parsed."""
        reply = self._ask(path, params=params, timeout=timeout)
        check_status(reply, address=self._address, what=f"GET {path}")
        return reply.body

    def parsed(self, path: str, body: bytes, *, within: int = 0) -> object:
        """What `get` makes of a body that was read from the path, or of a part `within` it so deep. Raises BadJson."""
        return decode(
            body,
            address=self._address,
            what=f"GET {path}",
            depth=self.limits.json_depth - within,
            lines=path == "/events",
        )

    def items(self, path: str, body: bytes) -> list[bytes] | None:
        """The items of a list that was read from the path, each as it came; None for no list. Raises BadJson.

        What an item holds too deep, or of numbers too large, is found when it is `parsed`.
        """
        return items(body, address=self._address, what=f"GET {path}")

    def assume(self, api_version: str) -> None:
        """Speaks the version that an earlier sweep settled; an engine that is too old for it answers with an error."""
        self.api_version = api_version

    def ping(self) -> Ping:
        """Who answers; NotAnEngine for a peer that talks HTTP and is none."""
        reply = self._ask("/_ping")
        check_status(reply, address=self._address, what="GET /_ping")
        server, api = reply.headers.get("Server"), reply.headers.get("Api-Version")
        if is_page(reply):
            raise page(self._address, "GET /_ping")
        if api is None and reply.body.strip() != b"OK":
            said = quoted(reply.body[:400].decode(errors="replace"), 60)
            raise NotAnEngine(
                f"{self._address} answered GET /_ping with {said!r} where an engine says OK. "
                f"See what listens there and correct the address."
            )
        podman = (server or "").startswith("Libpod") or "Libpod-Api-Version" in reply.headers
        return Ping(
            kind="podman" if podman else "docker",
            server=quoted(server, 100) if server else None,
            api_version=quoted(api, 20) if api else None,
            os_type=quoted(os_type, 20) if (os_type := reply.headers.get("Ostype")) else None,
        )

    def probe(self) -> int:
        """The status of a question no engine has an answer to: 404 from an engine, 403 from a filtering proxy."""
        prefix = f"/v{self.api_version}" if self.api_version else ""
        reply: requests.Response = self._session.head(
            f"{self._session.base_url}{prefix}/containers/{NOBODY}/archive",
            params={"path": "/"},
            timeout=self.limits.request_seconds,
            allow_redirects=False,
        )
        return reply.status_code

    def negotiate(self) -> str:
        """The newest API version that both sides speak; asks `/version` unless that is known."""
        if self.api_version is None:
            self.get("/version")
        return self.api_version or _text(NEWEST_API)

    def close(self) -> None:
        """Ends connections and ssh programs; a client can be closed twice."""
        self._line.close()

    def _ask(self, path: str, *, params: Mapping[str, str] | None = None, timeout: float | None = None) -> Reply:
        # /_ping and /version answer whatever version is asked for, and come before it is known.
        prefix = f"/v{self.api_version}" if self.api_version and path not in ("/_ping", "/version") else ""
        seconds = timeout or self.limits.request_seconds
        if path.startswith(_OFTEN):
            query = f"?{urlencode(params)}" if params else ""
            return self._line.ask("GET", f"{prefix}{path}{query}", seconds=seconds)
        reply: requests.Response = self._session.get(
            f"{self._session.base_url}{prefix}{path}", params=params, timeout=seconds, allow_redirects=False
        )
        return Reply(reply.status_code, reply.reason, reply.headers, reply.content)

    def _settle(self, version: object) -> None:
        newest = _parsed(version, "ApiVersion")
        if newest is None:
            raise NotAnEngine(
                f"{self._address} answered GET /version without an ApiVersion, so it is no engine. Correct the address."
            )
        if newest < OLDEST_API:
            raise ApiTooOld(
                f"{self._address} speaks API {_text(newest)} at most; Loadline needs {_text(OLDEST_API)}, which Docker "
                f"Engine 20.10 brought. Update the engine."
            )
        oldest = _parsed(version, "MinAPIVersion") or OLDEST_API
        if oldest > NEWEST_API:
            raise ApiTooNew(
                f"{self._address} speaks API {_text(oldest)} at least; this Loadline speaks {_text(NEWEST_API)} "
                f"at most. Update Loadline."
            )
        self.api_version = _text(min(newest, NEWEST_API))


def kind_and_version(version: object) -> tuple[str | None, str | None]:
    """ "docker" or "podman", and its number, out of a reply to `/version`."""
    if not isinstance(version, dict):
        return None, None
    components = version.get("Components")
    parts = components if isinstance(components, list) else []
    names = [part.get("Name") for part in parts if isinstance(part, dict)]
    number = version.get("Version")
    kind = "podman" if "Podman Engine" in names else "docker" if "ApiVersion" in version else None
    return kind, quoted(number, 60) if isinstance(number, str) and number else None


def _parsed(version: object, name: str) -> tuple[int, int] | None:
    said = version.get(name) if isinstance(version, dict) else None
    match = _VERSION.fullmatch(said) if isinstance(said, str) else None
    return (int(match[1]), int(match[2])) if match else None


def _text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
