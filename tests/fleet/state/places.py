"""Containers with something to keep, for tests about state."""

from __future__ import annotations

from typing import Any

from fleet.inventory import ContainerFacts, ImageFacts, Mount, PluginFacts, VolumeFacts
from fleet.state import Holding, StateMember, holdings_of
from fleet.tables import Tables
from tests.builders import container, image, volume, volume_mount

TABLES = Tables.shipped()
DATA = "/var/lib/postgresql/data"
RING = "/var/lib/cassandra"


def member(
    *mounts: Mount,
    volumes: tuple[VolumeFacts, ...] = (),
    host: str = "prod-01",
    image_facts: ImageFacts | None = None,
    warnings: tuple[str, ...] | None = (),
    plugins: tuple[PluginFacts, ...] | None = (),
    node: str | None = None,
    **changes: Any,
) -> StateMember:
    """A web server that keeps nothing, with these mounts; `changes` are of the container's facts."""
    facts: ContainerFacts = container(mounts=mounts, **changes)
    return StateMember(
        facts=facts,
        host=host,
        node_id=node,
        image=image_facts or image(),
        volumes={one.name: one for one in volumes},
        plugins=plugins,
        volume_warnings=warnings,
    )


def with_volume(driver: str = "local", options: dict[str, str] | None = None, **changes: Any) -> StateMember:
    """One that writes into the volume `data`; `changes` are as of `member`."""
    scope = changes.pop("scope", "local")
    told = volume(driver=driver, options=options, scope=scope)
    return member(volume_mount(driver=driver), volumes=(told,), **changes)


def postgres(*mounts: Mount, **changes: Any) -> StateMember:
    told = image(tags=("postgres:16",), declared_volumes=(DATA,))
    given = {"image_reference": "postgres:16", "exposed_ports": ("5432/tcp",), "declared_volumes": (DATA,), **changes}
    return member(*mounts, image_facts=given.pop("image_facts", told), **given)


def ring_member(number: int, *, host: str | None = None, name: str | None = None, **changes: Any) -> StateMember:
    """One member of Cassandra on a host and a volume of its own."""
    called = name or f"ring-{number}"
    told = image(tags=("cassandra:5",), declared_volumes=(RING,))
    given: dict[str, Any] = {
        "id": f"{number:064x}",
        "name": f"cassandra-{number}",
        "image_reference": "cassandra:5",
        "exposed_ports": ("9042/tcp",),
        "declared_volumes": (RING,),
        "volumes": (volume(name=called),),
        "image_facts": told,
        **changes,
    }
    mounts = given.pop("mounts", (volume_mount(called, RING),))
    return member(*mounts, host=host or f"prod-{number:02}", **given)


def only(found: StateMember, destination: str = "/data") -> Holding:
    """What it holds at that path."""
    (one,) = [one for one in holdings_of(found, tables=TABLES) if one.destination == destination]
    return one
