"""Where on the host a path inside a container really lies: writable layer, tmpfs, volume or bind mount."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import lru_cache

from fleet.inventory.container import ContainerFacts, Mount

LAYER = "layer"
TMPFS = "tmpfs"


@dataclass(frozen=True, slots=True)
class Place:
    """`kind` is layer, tmpfs, or the mount's own: volume, bind, …"""

    kind: str
    mount: Mount | None = None


def place_of(container: ContainerFacts, path: str) -> Place | None:
    """What the deepest mount over the path is, as the kernel sees it; None when mounts or tmpfs were not reported."""
    if container.mounts is None or container.tmpfs is None:
        return None
    places = [(mount.destination, Place(mount.kind, mount)) for mount in container.mounts]
    places += [(destination, Place(TMPFS)) for destination in container.tmpfs]
    covering = [entry for entry in places if within(path, entry[0])]
    return max(covering, key=lambda entry: len(entry[0].rstrip("/")))[1] if covering else Place(LAYER)


@lru_cache(maxsize=8192)
def within(path: str, folder: str) -> bool:
    """Whether the path is the folder or lies in it; both are paths inside one container."""
    inner, outer = posixpath.normpath(path), posixpath.normpath(folder)
    return outer in {"/", inner} or inner.startswith(outer + "/")
