"""Reading a host path by its name: which ones hold an engine's socket, and which hand over the host."""

from __future__ import annotations

import posixpath
import re

#: Paths that are links or re-exports of another one on every current distribution and on Docker Desktop.
_ALIASES = {
    "/var/run": "/run",
    "/var/lock": "/run/lock",
    "/bin": "/usr/bin",
    "/sbin": "/usr/sbin",
    "/run/desktop/mnt/host": "/host_mnt",  # Docker Desktop on WSL: the user's own drives, nothing of the engine's host
}
_SOCKET_NAME = re.compile(r"(docker|dockerd|containerd|crio|podman)(\.proxy)?\.sock(\.raw)?$")
_SOCKETS = (
    "/run/docker.sock",
    "/run/docker/containerd/containerd.sock",
    "/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/podman/podman.sock",
)
#: What the operating system itself is made of; the CIS benchmark counts these and the root.
_SYSTEM = ("/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/sys", "/usr")
_SENSITIVE = (
    *_SYSTEM,
    "/root",
    "/home",
    "/var/lib/docker",
    "/var/lib/containerd",
    "/run",
)
_HARMLESS = ("/etc/localtime", "/dev/shm")  # noqa: S108 - a mount's source, not a file that is written
_HARMLESS_READ_ONLY = ("/etc/timezone", "/etc/ssl/certs", "/usr/share/zoneinfo")


def normalise(path: str) -> str:
    """Without doubled slashes, dots and well-known links, so that `/var/run/` and `/run` are one path."""
    plain = posixpath.normpath("/" + path.lstrip("/"))
    for alias, target in _ALIASES.items():
        if _within(plain, alias):
            return target + plain[len(alias) :]
    return plain


def is_engine_socket(source: str) -> bool:
    """Whether the source is itself a container engine's socket (or, on Windows, its named pipe)."""
    return bool(_SOCKET_NAME.search(source)) or source.replace("/", "\\").lower() == r"\\.\pipe\docker_engine"


def exposed_socket(source: str) -> str | None:
    """The engine's socket that a mount of this source shows: the source itself or one in the folder. None: none."""
    if is_engine_socket(source):
        return source
    folder = normalise(source)
    return next((socket for socket in _SOCKETS if _within(socket, folder)), None)


def sensitive_area(source: str, *, writable: bool = True, root_dir: str | None = None) -> str | None:
    """The sensitive host path that the source is, lies in or holds; None when it has to do with none of them.

    `root_dir` is where this engine keeps its data, when that is not `/var/lib/docker`.
    """
    path = normalise(source)
    harmless = _HARMLESS if writable else _HARMLESS + _HARMLESS_READ_ONLY
    if any(_within(path, allowed) for allowed in harmless):
        return None
    if path == "/":
        return "/"
    areas = (*_SENSITIVE, normalise(root_dir)) if root_dir else _SENSITIVE
    return next((area for area in areas if _within(path, area) or _within(area, path)), None)


def is_system_area(area: str) -> bool:
    """Whether what `sensitive_area` gave belongs to the operating system, and not to people or to the engine."""
    return area == "/" or area in _SYSTEM


def _within(path: str, folder: str) -> bool:
    return folder in {"/", path} or path.startswith(folder + "/")
