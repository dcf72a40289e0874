"""/images/json and /images/{name}/json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fleet.simulation.identifiers import content_id, hex_id, moment
from fleet.simulation.plan import Engine
from fleet.simulation.replies.inspect import graph_driver, health_config
from fleet.simulation.spec import Container, Image

_EMPTY_LISTS = 43  # engine 24 says [] where older ones said null


def images_of(engine: Engine, containers: Iterable[Container]) -> tuple[Image, ...]:
    """Those pulled and those that containers need, each once."""
    needed = (container.image for container in containers)
    return tuple({image.reference: image for image in (*engine.images, *needed)}.values())


def identity(image: Image) -> str:
    return content_id("image", image.reference, image.digest)


def entry(image: Image, engine: Engine, *, began: float) -> dict[str, Any]:
    none: list[str] | None = [] if engine.release.api >= _EMPTY_LISTS else None
    return {
        "Containers": -1,
        "Created": int(began - image.age),
        "Id": identity(image),
        "Labels": dict(image.labels) or None,
        "ParentId": "",
        "RepoDigests": _digests(image) or none,
        "RepoTags": [image.reference],
        "SharedSize": -1,
        "Size": image.size,
        "VirtualSize": image.size,
    }


def inspect(image: Image, engine: Engine, *, began: float) -> dict[str, Any]:
    layer = hex_id(image.reference, "layer")
    store = {"Descriptor": _descriptor(image)} if image.media_type else {}
    return store | {
        "Id": identity(image),
        "RepoTags": [image.reference],
        "RepoDigests": _digests(image),
        "Parent": "",
        "Comment": image.comment,
        "Created": moment(began - image.age),
        "Container": "",
        "ContainerConfig": _config(Image("", environment=(), command=())),
        "DockerVersion": engine.release.engine,
        "Author": "",
        "Config": _config(image),
        "Architecture": "amd64",
        "Os": "linux",
        "Size": image.size,
        "VirtualSize": image.size,
        "GraphDriver": graph_driver(engine, layer),
        "RootFS": {"Type": "layers", "Layers": [content_id(image.reference, "rootfs")]},
        "Metadata": {"LastTagTime": moment(began - image.age + 60)},
    }


def matching(images: Mapping[str, Image], name: str) -> Image | None:
    """By reference, digest, id or the start of an id, as the engine looks one up."""
    plain = name.removeprefix("sha256:")
    for image in images.values():
        own = identity(image)
        if name in {image.reference, own, f"{image.repository}@{image.digest}", image.pinned}:
            return image
        if image.reference == f"{name}:latest" or own.removeprefix("sha256:").startswith(plain):
            return image
    return None


def _descriptor(image: Image) -> dict[str, Any]:
    return {"mediaType": image.media_type, "digest": image.digest or identity(image), "size": 1024}


def _digests(image: Image) -> list[str]:
    return [f"{image.repository}@{image.digest}"] if image.digest else []


def _config(image: Image) -> dict[str, Any]:
    found: dict[str, Any] = {"Hostname": "", "Domainname": "", "User": image.user}
    found |= dict.fromkeys(("AttachStdin", "AttachStdout", "AttachStderr"), False)
    if image.exposed:
        found["ExposedPorts"] = {port: {} for port in image.exposed}
    found |= dict.fromkeys(("Tty", "OpenStdin", "StdinOnce"), False)
    found |= {"Env": list(image.environment) or None, "Cmd": list(image.command) or None}
    if image.health_check:
        found["Healthcheck"] = health_config(image.health_check)
    return found | {
        "Image": "",
        "Volumes": {path: {} for path in image.volumes} or None,
        "WorkingDir": "",
        "Entrypoint": list(image.entrypoint) if image.entrypoint else None,
        "OnBuild": None,
        "Labels": dict(image.labels) or None,
    }
