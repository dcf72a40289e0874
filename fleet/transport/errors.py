"""What can go wrong between here and an engine, each with a sentence that an admin can act on."""

# ruff: noqa: N818 - these names are read as what happened: "except Refused", "except NotAnEngine"

from __future__ import annotations

import re
from enum import StrEnum
from typing import ClassVar

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\s]+")
_LONGEST_QUOTE = 300


class Code(StrEnum):
    """Stable names for the kinds of failure, for the database, the API and filters."""

    BAD_ENDPOINT = "bad-endpoint"
    REFUSED_BY_GUARD = "refused-by-guard"
    DNS = "dns"
    NO_SOCKET = "no-socket"
    PERMISSION = "permission"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    SSH = "ssh"
    TLS = "tls"
    CERTIFICATE = "certificate"
    TIMEOUT = "timeout"
    RESET = "reset"
    TRUNCATED = "truncated"
    TOO_LARGE = "too-large"
    BAD_JSON = "bad-json"
    NOT_AN_ENGINE = "not-an-engine"
    API_TOO_OLD = "api-too-old"
    API_TOO_NEW = "api-too-new"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    NOT_AVAILABLE = "not-available"
    HTTP_ERROR = "http-error"


class TransportError(Exception):
    """Base of all: `str(error)` is the sentence, `code` its kind."""

    code: ClassVar[Code]


class BadEndpoint(TransportError):
    code = Code.BAD_ENDPOINT


class RefusedByGuard(TransportError):
    """Loadline itself wanted to send what it must never send; nothing left this machine."""

    code = Code.REFUSED_BY_GUARD


class NameNotFound(TransportError):
    code = Code.DNS


class NoSocket(TransportError):
    code = Code.NO_SOCKET


class NoPermission(TransportError):
    code = Code.PERMISSION


class Refused(TransportError):
    code = Code.REFUSED


class Unreachable(TransportError):
    code = Code.UNREACHABLE


class SshFailed(TransportError):
    code = Code.SSH


class TlsFailed(TransportError):
    code = Code.TLS


class BadCertificate(TransportError):
    """Either side's certificate did not convince the other."""

    code = Code.CERTIFICATE


class CertificateRefused(BadCertificate):
    """The engine was not convinced by ours, or was shown none."""


class Timeout(TransportError):
    code = Code.TIMEOUT


class Reset(TransportError):
    code = Code.RESET


class Truncated(TransportError):
    code = Code.TRUNCATED


class TooLarge(TransportError):
    code = Code.TOO_LARGE


class BadJson(TransportError):
    code = Code.BAD_JSON


class NotAnEngine(TransportError):
    code = Code.NOT_AN_ENGINE


class ApiTooOld(TransportError):
    code = Code.API_TOO_OLD


class ApiTooNew(TransportError):
    code = Code.API_TOO_NEW


class HttpError(TransportError):
    """The engine answered with an error; `status` is its number."""

    code = Code.HTTP_ERROR

    def __init__(self, sentence: str, *, status: int = 0) -> None:
        super().__init__(sentence)
        self.status = status


class Forbidden(HttpError):
    code = Code.FORBIDDEN


class NotFound(HttpError):
    code = Code.NOT_FOUND


class NotAvailable(HttpError):
    """What swarm endpoints answer on a plain engine: not an error of the host."""

    code = Code.NOT_AVAILABLE


def quoted(text: str, longest: int = _LONGEST_QUOTE) -> str:
    """A peer's words made safe to show and to log: one line, no control characters, no text reversal, not long."""
    # Cut first: a peer may send megabytes.
    line = _CONTROL.sub(" ", text[: longest * 4]).strip()
    return line if len(line) <= longest else line[: longest - 1] + "…"
