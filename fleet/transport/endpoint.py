"""Where an engine listens, and the keys to it: read once, refused early, with the remedy in the sentence."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from fleet.transport.errors import BadEndpoint, quoted

_SCHEMES = ("unix", "tcp", "https", "http", "ssh")
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?\.?")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
# The path reaches a shell on the other side of ssh, so it may hold nothing that a shell reads.
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9._-]+)*/?")
# The kernel's limit for the path of a unix socket, less the closing zero.
_LONGEST_SOCKET_PATH = 107
_EXAMPLES = "unix:///var/run/docker.sock, tcp://host:2376 with certificates, or ssh://user@host"


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """PEM texts, never paths, and never shown."""

    ca: str | None = field(default=None, repr=False)
    certificate: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An engine's address: unix://, tcp://, https://, ssh://, or http:// as another word for tcp://."""

    url: str
    tls: TlsMaterial | None = None
    scheme: str = field(init=False, repr=False, compare=False)
    host: str = field(init=False, repr=False, compare=False)
    port: int = field(init=False, repr=False, compare=False)
    path: str = field(init=False, repr=False, compare=False)
    user: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = _split(self.url)
        scheme = parts.scheme
        if scheme == "unix":
            host, port, path = "", 0, _socket_path(parts)
        else:
            host, port = _authority(parts, secured=self.tls is not None)
            path = _remote_path(parts)
        _refuse_misplaced_material(scheme, self.tls)
        for name, value in (
            ("scheme", scheme),
            ("host", host),
            ("port", port),
            ("path", path),
            ("user", _user(parts)),
        ):
            object.__setattr__(self, name, value)

    def __str__(self) -> str:
        return self.url.strip()

    @property
    def encrypted(self) -> bool:
        """Whether TLS is spoken."""
        return self.scheme == "https" or (self.scheme == "tcp" and self.tls is not None)

    @property
    def loopback(self) -> bool:
        """Whether the engine is on this very machine, so that plain tcp leaves no wire."""
        if self.scheme == "unix" or self.host.rstrip(".").lower() == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def _split(url: str) -> SplitResult:
    text = url.strip()
    if not text:
        raise BadEndpoint(f"The address is empty; give one such as {_EXAMPLES}.")
    if not text.isprintable() or " " in text:
        raise BadEndpoint(f"The address {quoted(text)!r} holds a space or a character that does not print; remove it.")
    try:
        parts = urlsplit(text)
        password = parts.password
    except ValueError:
        raise BadEndpoint(f"The address is not a URL; give one such as {_EXAMPLES}.") from None
    if password is not None:
        # The sentence must not repeat the address: it holds a secret.
        raise BadEndpoint("The address holds a password, which would be shown in lists; use a key or certificates.")
    if parts.scheme not in _SCHEMES or "://" not in text:
        raise BadEndpoint(f"{quoted(text)!r} starts with none of unix, tcp, https or ssh; write {_EXAMPLES}.")
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise BadEndpoint(f"{quoted(text)!r} has a part after ? or #, which an engine's address never has; remove it.")
    return parts


def _socket_path(parts: SplitResult) -> str:
    if parts.netloc or not parts.path.strip("/"):
        raise BadEndpoint("A unix address needs the socket's full path after three slashes: unix:///run/docker.sock.")
    if len(parts.path.encode()) > _LONGEST_SOCKET_PATH:
        raise BadEndpoint(f"The socket's path is longer than {_LONGEST_SOCKET_PATH} bytes; use a shorter one.")
    return parts.path


def _authority(parts: SplitResult, *, secured: bool) -> tuple[str, int]:
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadEndpoint(f"{quoted(parts.netloc)!r} has a port that is not a number from 1 to 65535.") from None
    if port == 0:
        raise BadEndpoint("Port 0 cannot be connected to; give the engine's port, usually 2376 with TLS.")
    if not _is_address(host) and not _NAME.fullmatch(host):
        raise BadEndpoint(f"{quoted(parts.netloc)!r} names no host; write {parts.scheme}://name:port.")
    usual = {"tcp": 2376 if secured else 2375, "https": 443, "http": 80, "ssh": 0}
    return host, port if port is not None else usual[parts.scheme]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _remote_path(parts: SplitResult) -> str:
    if parts.scheme == "ssh":
        if not _PLAIN_PATH.fullmatch(parts.path) or ".." in parts.path:
            raise BadEndpoint("The socket's path after the ssh host may hold only letters, digits, dots and dashes.")
        return parts.path.rstrip("/")
    if parts.path.strip("/"):
        raise BadEndpoint(
            f"{parts.scheme}://{parts.netloc} must not be followed by a path: remove {quoted(parts.path)!r}."
        )
    return ""


def _user(parts: SplitResult) -> str:
    user = parts.username or ""
    if user and parts.scheme != "ssh":
        raise BadEndpoint(f"A {parts.scheme} address takes no user name; only ssh://user@host does.")
    if user and not _USER.fullmatch(user):
        raise BadEndpoint(f"{quoted(user)!r} is not a user name that ssh can be given.")
    return user


def _refuse_misplaced_material(scheme: str, tls: TlsMaterial | None) -> None:
    if tls is None:
        return
    if scheme not in ("tcp", "https"):
        raise BadEndpoint(f"Certificates were given for a {scheme} address; they need tcp:// or https://.")
    if bool(tls.certificate) != bool(tls.key):
        present, missing = ("certificate", "key") if tls.certificate else ("key", "certificate")
        raise BadEndpoint(f"A client {present} was given without its {missing}; give both (cert.pem and key.pem).")
