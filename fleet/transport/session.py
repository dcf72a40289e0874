"""The docker package's client on our own connections: whatever is called on it meets the guard and the limits."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NoReturn

import docker
import requests
from docker.auth import AuthConfig
from docker.utils.proxy import ProxyConfig
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from fleet.transport.connection import Reply
from fleet.transport.errors import RefusedByGuard
from fleet.transport.line import Line

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
    """Carries requests over a `Line`. Takes nothing of a request but its method, its target and its time."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self.line = line

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
        seconds = timeout if isinstance(timeout, int | float) else self.line.limits.request_seconds
        reply = self.line.ask(request.method or "", request.path_url, seconds=seconds)
        return _response(reply, request)

    def close(self) -> None:
        """As the line's."""
        self.line.close()


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
