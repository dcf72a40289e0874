"""The docker package's client on our own connections: whatever is called on it meets the guard and the limits."""

from __future__ import annotations

import time
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NoReturn

import docker
import requests
from docker.auth import AuthConfig
from docker.utils.proxy import ProxyConfig
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from fleet.transport.connection import Dial, EngineConnection, Reply
from fleet.transport.dialing import dial_tcp, dial_unix
from fleet.transport.endpoint import Endpoint
from fleet.transport.errors import RefusedByGuard, Reset, SshFailed, Timeout, Truncated
from fleet.transport.limits import Allowance, Limits
from fleet.transport.sockets import MeteredTlsSocket
from fleet.transport.ssh import SshConnections
from fleet.transport.tls import context_for, secure

_BASE_URL = "http+docker://engine"


class EngineSession(docker.APIClient):  # type: ignore[misc] # the docker package has no types
    """`docker.APIClient` without what it takes from this machine: configuration file, credentials, proxies, cookies."""

    def __init__(self, adapter: GuardedAdapter, *, version: str, timeout: float) -> None:
        # Not APIClient's own constructor: that one reads ~/.docker/config.json and mounts adapters without a guard.
        requests.Session.__init__(self)
        self.base_url = _BASE_URL
        self.timeout = timeout
        self.credstore_env = None
        self._version = version
        self._general_configs: dict[str, Any] = {}
        self._auth_configs = AuthConfig({})
        self._proxy_configs = ProxyConfig()
        self._custom_adapter = adapter
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.adapters.clear()
        self.mount("", adapter)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """An engine never redirects; following one would carry us to a host that nobody registered."""

    def _create_websocket_connection(self, url: str) -> NoReturn:
        raise RefusedByGuard("Loadline refused to open a websocket to a container. Nothing was sent.")


class GuardedAdapter(BaseAdapter):
    """Carries requests over `EngineConnection`s. Takes nothing of a request but its method, its target and its time."""

    def __init__(self, endpoint: Endpoint, *, limits: Limits) -> None:
        super().__init__()
        self.endpoint = endpoint
        self.limits = limits
        self.sweep_ends = time.monotonic() + limits.sweep_seconds
        self._ssh = SshConnections(endpoint) if endpoint.scheme == "ssh" else None
        self._dial = self._dialer()
        self._idle: list[EngineConnection] = []
        self._closed = False

    def send(  # noqa: PLR0917 (the shape of requests' adapters)
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002
        timeout: Any = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        if request.body is not None:
            # Behind a wrong Content-Length a body could pass as a second request.
            raise RefusedByGuard(f"Loadline refused to send a body with {request.method}. Nothing was sent.")
        seconds = timeout if isinstance(timeout, int | float) else self.limits.request_seconds
        reply = self.ask(request.method or "", request.path_url, seconds=seconds)
        return _response(reply, request)

    def ask(self, method: str, target: str, *, seconds: float) -> Reply:
        """One request and its whole reply, on a connection that is kept for the next."""
        allowance = Allowance(
            address=str(self.endpoint),
            limits=self.limits,
            sweep_ends=self.sweep_ends,
            what=f"{method} {target.partition('?')[0]}",
            seconds=seconds,
        )
        connection, fresh = self._take()
        try:
            reply = self._ask(connection, method, target, allowance)
        except Reset:
            # A kept connection may have been closed by the other side just now: ask once more on a new one.
            if fresh or allowance.received:
                raise
            connection = self._new()
            reply = self._ask(connection, method, target, allowance)
        self._keep(connection)
        return reply

    def _ask(self, connection: EngineConnection, method: str, target: str, allowance: Allowance) -> Reply:
        try:
            return connection.ask(method, target, allowance)
        except (Reset, Truncated, Timeout) as error:
            if self._ssh is None:
                raise
            reason = self._ssh.explain(error, allowance)
            raise reason from (None if isinstance(reason, SshFailed) else error.__cause__)

    def close(self) -> None:
        """Ends idle connections and ssh programs."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()
        if self._ssh is not None:
            self._ssh.close()

    def _take(self) -> tuple[EngineConnection, bool]:
        try:
            return self._idle.pop(), False
        except IndexError:
            return self._new(), True

    def _new(self) -> EngineConnection:
        return EngineConnection(self.endpoint.host, self.endpoint.port, dial=self._dial)

    def _keep(self, connection: EngineConnection) -> None:
        if self._closed or connection.sock is None:
            connection.close()
        else:
            self._idle.append(connection)

    def _dialer(self) -> Dial:
        endpoint = self.endpoint
        if self._ssh is not None:
            return self._ssh.dial
        if endpoint.scheme == "unix":
            return lambda allowance: dial_unix(endpoint, allowance)
        if not endpoint.encrypted:
            return lambda allowance: dial_tcp(endpoint, allowance)
        context = context_for(endpoint.tls)
        name = endpoint.host.rstrip(".")

        def dial_tls(allowance: Allowance) -> MeteredTlsSocket:
            return secure(dial_tcp(endpoint, allowance), name=name, context=context)

        return dial_tls


def _response(reply: Reply, request: requests.PreparedRequest) -> requests.Response:
    response = requests.Response()
    response.status_code = reply.status
    response.reason = reply.reason
    response.headers = CaseInsensitiveDict(reply.headers.items())
    response.encoding = "utf-8"
    response.url = request.url or ""
    response.request = request
    response._content = reply.body  # noqa: SLF001 (as requests does itself once a body is read)
    response._content_consumed = True  # type: ignore[attr-defined] # noqa: SLF001
    return response
