"""Which mounts are no state of the service although it can write to them: sockets, and what belongs to the host."""

from __future__ import annotations

from functools import lru_cache

from fleet.inventory.paths import is_engine_socket, normalise
from fleet.inventory.places import within

#: Files that say what the host is; programs mount them to have the same time, names and users.
_OF_THE_HOST = (
    "/etc/localtime", "/etc/timezone", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/machine-id",
    "/etc/os-release", "/etc/passwd", "/etc/group", "/etc/ssl/certs", "/etc/pki", "/usr/share/zoneinfo",
)  # fmt: skip
#: What the kernel makes anew with every boot, and modules that come with the kernel.
_OF_THE_KERNEL = ("/proc", "/sys", "/dev", "/run", "/lib/modules", "/usr/lib/modules", "/tmp/.X11-unix")  # noqa: S108
#: Where engines put what they hand to a container from elsewhere.
_HANDED_IN = ("/run/secrets", "/var/run/secrets", "/etc/resolv.conf", "/etc/hostname", "/etc/hosts", "/dev/shm")  # noqa: S108
_SOCKETS = (".sock", ".socket", ".sock.raw")


@lru_cache(maxsize=4096)
def no_state(source: str, destination: str) -> str:
    """Why a bind mount of this source holds no state; empty when it may hold some. Both are absolute paths."""
    if is_engine_socket(source) or source.endswith(_SOCKETS):
        return "It is a socket."
    if any(within(destination, folder) for folder in _HANDED_IN):
        return "It is handed in by the engine: a secret, or the container's own names."
    path = normalise(source)
    if any(within(path, file) for file in _OF_THE_HOST):
        return "It says what the host is, such as its time and its names."
    if any(within(path, folder) for folder in _OF_THE_KERNEL):
        return "The host makes it anew whenever it starts."
    return ""
