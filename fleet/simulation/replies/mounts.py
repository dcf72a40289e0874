"""Mounts of a container, in the list's way and in the inspect's way."""

from __future__ import annotations

from typing import Any

from fleet.simulation.identifiers import hex_id
from fleet.simulation.plan import Engine
from fleet.simulation.spec import Container, Mount, Volume

ROOT = "/var/lib/docker"


def volume_name(container: Container, mount: Mount, engine: Engine) -> str:
    return mount.source or hex_id(engine.name, "anonymous", container.name, mount.destination)


def volumes_of(engine: Engine) -> tuple[Volume, ...]:
    """Declared ones, those that a container names without declaring them, and the anonymous ones."""
    found = {volume.name: volume for volume in engine.volumes}
    anonymous = {"com.docker.volume.anonymous": ""} if engine.release.api >= 42 else {}  # noqa: PLR2004
    for container in engine.containers:
        for mount in container.mounts:
            if mount.kind == "volume":
                name = volume_name(container, mount, engine)
                labels = {} if mount.source else anonymous
                found.setdefault(name, Volume(name, labels=labels, age=container.life.age))
    return tuple(found.values())


def mount_points(container: Container, engine: Engine, *, listed: bool) -> list[dict[str, Any]]:
    """Mounts[]. The list leaves the source of an anonymous volume empty, the inspect does not."""
    drivers = {volume.name: volume.driver for volume in engine.volumes}
    return [_mount_point(container, mount, engine, drivers, listed=listed) for mount in container.mounts]


def _mount_point(
    container: Container, mount: Mount, engine: Engine, drivers: dict[str, str], *, listed: bool
) -> dict[str, Any]:
    if mount.kind == "tmpfs":
        return {"Type": "tmpfs", "Source": "", "Destination": mount.destination, "Mode": "", "RW": True,
                "Propagation": ""}  # fmt: skip
    if mount.kind == "bind":
        mode = "" if mount.writable or container.task else "ro"
        return {"Type": "bind", "Source": mount.source, "Destination": mount.destination, "Mode": mode,
                "RW": mount.writable, "Propagation": "rprivate"}  # fmt: skip
    name = volume_name(container, mount, engine)
    source = "" if listed and not mount.source else f"{ROOT}/volumes/{name}/_data"
    mode = ("z" if mount.writable else "ro") if mount.source else ""
    return {
        "Type": "volume",
        "Name": name,
        "Source": source,
        "Destination": mount.destination,
        "Driver": drivers.get(name, "local"),
        "Mode": mode,
        "RW": mount.writable,
        "Propagation": "",
    }


def binds(container: Container) -> list[str] | None:
    """HostConfig.Binds: what `-v` gave. A swarm task's mounts are not here."""
    if container.task:
        return None
    given = [mount for mount in container.mounts if mount.kind != "tmpfs" and mount.source]
    return [f"{m.source}:{m.destination}{'' if m.writable else ':ro'}" for m in given] or None


def long_mounts(container: Container) -> list[dict[str, Any]]:
    """HostConfig.Mounts: what `--mount` gave; the engine leaves the key out when there is none."""
    return [
        {"Type": mount.kind}
        | ({"Source": mount.source} if mount.source else {})
        | {"Target": mount.destination}
        | ({} if mount.writable else {"ReadOnly": True})
        for mount in container.mounts
        if container.task or mount.kind == "tmpfs"
    ]
