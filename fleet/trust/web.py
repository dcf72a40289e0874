"""HTTP with servers that may be hostile: no redirects, no proxies, capped in bytes and time, addresses judged."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from fleet.trust.addresses import literal_refusal, refusal
from fleet.trust.errors import Malformed, NotFound, Refused, TooLarge, Unreachable

CONNECT_SECONDS: Final = 5.0
SILENCE_SECONDS: Final = 10.0
WHOLE_SECONDS: Final = 30.0
_CHUNK: Final = 64 * 1024
_LONGEST_WAIT: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` by their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Web:
    """One server's session. `private` says whether it may be at an address that is not on the internet.

    `ca` is a PEM text of certificates to trust instead of the system's. Not for several threads at once.
    """

    def __init__(self, *, private: bool = False, ca: str | None = None, whole_seconds: float = WHOLE_SECONDS) -> None:
        self._open: set[socket.socket] = set()
        self._refused: list[str] = []
        self._whole = whole_seconds
        self._session = requests.Session()
        self._session.trust_env = False  # neither proxies nor .netrc
        self._session.headers.clear()
        adapter = _Guarded(self, private=private, ca=ca)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def get(self, url: str, *, most: int, headers: Mapping[str, str] | None = None, head: bool = False) -> Answer:
        """One request, one answer, whatever its status. Raises Refused, Unreachable, TooLarge, Malformed."""
        wanted = {"Accept-Encoding": "identity", "User-Agent": "loadline", **(headers or {})}
        self._refused.clear()
        host = urlsplit(url).hostname or ""
        if literal_refusal(
            host
        ):  # the kernel connects 0.0.0.0 to the machine itself, and the socket tells that address
            raise Refused(literal_refusal(host))
        with self._ended_in_time() as is_over:
            try:
                with self._session.request(
                    "HEAD" if head else "GET",
                    url,
                    headers=wanted,
                    allow_redirects=False,
                    stream=True,
                    timeout=(CONNECT_SECONDS, SILENCE_SECONDS),
                ) as response:
                    body = b"" if head else _body(response, most)
                    found = Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                self._raise(error, timed_out=is_over())
            if is_over():  # a head that was cut off reads like one that ended
                raise Unreachable(self._too_slow)
            return found

    @property
    def _too_slow(self) -> str:
        return f"the answer was not whole after {self._whole:.0f} seconds"

    def close(self) -> None:
        self._session.close()

    def _raise(self, error: Exception, *, timed_out: bool) -> NoReturn:
        if self._refused:
            raise Refused(self._refused[0]) from error
        if timed_out:
            raise Unreachable(self._too_slow) from error
        raise Unreachable(f"the server could not be asked: {_short(error)}") from error

    @contextmanager
    def _ended_in_time(self) -> Iterator[Callable[[], bool]]:
        """A server that sends a byte now and then is ended, too: its sockets are shut from outside."""
        over = threading.Event()

        def end() -> None:
            over.set()
            for one in list(self._open):
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

        timer = threading.Timer(self._whole, end)
        timer.daemon = True
        timer.start()
        try:
            yield over.is_set
        finally:
            timer.cancel()

    def opened(self, connection: socket.socket, *, private: bool) -> socket.socket:
        """Called with each socket before anything is sent over it. Raises OSError for an address that is refused."""
        why = refusal(str(connection.getpeername()[0]), private=private)
        if why:
            connection.close()
            self._refused.append(why)
            raise OSError(why)
        self._open = {one for one in self._open if one.fileno() >= 0}
        self._open.add(connection)
        return connection


class _Guarded(HTTPAdapter):
    def __init__(self, web: Web, *, private: bool, ca: str | None) -> None:
        self._web, self._private, self._ca = web, private, ca
        super().__init__(max_retries=Retry(total=0, redirect=0))

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        context = ssl.create_default_context(cadata=self._ca) if self._ca else ssl.create_default_context()
        super().init_poolmanager(*args, ssl_context=context, **kwargs)
        web, private = self._web, self._private

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return web.opened(super()._new_conn(), private=private)

        class Sealed(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return web.opened(super()._new_conn(), private=private)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SealedPool(HTTPSConnectionPool):
            ConnectionCls = Sealed

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SealedPool}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """The context decides alone; requests would put its own bundle beside it."""
        if str(url).lower().startswith("https"):
            conn.cert_reqs = "CERT_REQUIRED"


def _body(response: requests.Response, most: int) -> bytes:
    """Not one byte more than `most`, whatever the length says; nothing that would grow when it is unpacked."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Malformed("it came packed, though that was not asked for")
    parts, size = [], 0
    for part in response.raw.stream(_CHUNK, decode_content=False):
        size += len(part)
        if size > most:
            raise TooLarge(f"more than {most} bytes came")
        parts.append(part)
    return b"".join(parts)


def must_be_ok(answer: Answer, what: str) -> Answer:
    """Raises NotFound for 404, and Unreachable for whatever else says nothing of what was asked."""
    if answer.status == requests.codes.ok:
        return answer
    if answer.status == requests.codes.not_found:
        raise NotFound(f"{what}: the server has none")
    if 300 <= answer.status < 400:  # noqa: PLR2004 - the class of redirects
        raise Unreachable(f"{what}: the server sends us elsewhere, where we do not go")
    words = {401: "wants other credentials", 403: "does not let us read it", 429: "asks us to wait"}
    says = words.get(answer.status, f"answered {answer.status}")
    raise Unreachable(f"{what}: the server {says}", retry_after=retry_after(answer))


def retry_after(answer: Answer) -> timedelta | None:
    """As a number of seconds or a moment; six hours at most, as a registry may not silence us for ever."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), _LONGEST_WAIT)
    try:
        moment, sent = parsedate_to_datetime(text), parsedate_to_datetime(answer.headers.get("date", ""))
        return min(max(moment - sent, timedelta()), _LONGEST_WAIT)
    except (ValueError, TypeError):
        return None


def _short(error: Exception) -> str:
    """What went wrong without addresses of objects in memory, which exceptions of libraries are full of."""
    reasons = {
        requests.exceptions.SSLError: "its certificate is not trusted",
        requests.exceptions.ConnectTimeout: "it did not take the connection in time",
        requests.exceptions.ReadTimeout: "it fell silent",
        requests.exceptions.ConnectionError: "no connection",
    }
    return next((words for kind, words in reasons.items() if isinstance(error, kind)), type(error).__name__)
