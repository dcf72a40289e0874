"""How the company runs a container when it takes care, and when it does not."""

from __future__ import annotations

from typing import Any

from fleet.simulation.identifiers import hex_id
from fleet.simulation.plan import Service
from fleet.simulation.spec import DAY, MIB, Container, Image, Life, Port

_CAREFUL: dict[str, Any] = {
    "memory": 512 * MIB,
    "memory_reservation": 256 * MIB,
    "nano_cpus": 1_000_000_000,
    "pids_limit": 200,
    "cap_drop": ("ALL",),
    "security_options": ("no-new-privileges:true",),
    "read_only": True,
    "tmpfs": {"/tmp": "size=64m"},  # noqa: S108  (a path in a container)
    "init": True,
    "log_driver": "local",
    "log_options": {"max-size": "10m", "max-file": "3"},
    "ulimits": {"nofile": 65536},
    "stop_timeout": 30,
}


def compose(project: str, service: str, *, number: int = 1) -> dict[str, str]:
    """The labels that docker compose writes."""
    return {
        "com.docker.compose.config-hash": hex_id(project, service),
        "com.docker.compose.container-number": str(number),
        "com.docker.compose.oneoff": "False",
        "com.docker.compose.project": project,
        "com.docker.compose.service": service,
        "com.docker.compose.version": "2.40.3",
    }


def named(service: str, team: str) -> dict[str, str]:
    """The company's own labels; they win over everything else."""
    return {"loadline.service": service, "loadline.team": team}


def careful(name: str, image: Image, *, team: str, service: str = "", **more: Any) -> Container:
    """Pinned, limited, restarted and confined; `more` is what this one needs besides, or does wrong."""
    labels = {**named(service or name, team), **more.pop("labels", {})}
    given = {"name": name, "image": image, "reference": image.pinned, "labels": labels, "restart": "unless-stopped"}
    return Container(**{**_CAREFUL, **given, **more})


def careless(name: str, image: Image, **more: Any) -> Container:
    """`docker run -d` and nothing else."""
    return Container(name=name, image=image, **more)


def swarm_service(name: str, image: Image, *, team: str, replicas: int, **more: Any) -> Service:
    """A swarm service whose tasks are run with care."""
    ports: tuple[Port, ...] = more.pop("published", ())
    networks: tuple[str, ...] = more.pop("networks", ("backplane",))
    template = careful(name, image, team=team, networks=networks, life=Life(age=11 * DAY), **more)
    return Service(name=name, template=template, replicas=replicas, ports=ports, labels=named(name, team))
