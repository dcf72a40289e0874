"""Which service a container belongs to, from the labels people already use."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.inventory.container import ContainerFacts
from fleet.inventory.reference import ImageReference

OWN_LABELS = ("loadline.service", "readiness.service")
TEAM_LABELS = ("loadline.team", "team", "owner", "com.loadline.team")
SWARM_LABEL = "com.docker.swarm.service.name"
COMPOSE_PROJECT = "com.docker.compose.project"
COMPOSE_SERVICE = "com.docker.compose.service"


@dataclass(frozen=True, slots=True)
class Identity:
    """`source` says what named it: label, swarm, compose, image or name, or a mapping (fleet.inventory.mapping); `team`
    is None when no label tells, and `team_source` is empty unless a mapping gave it.
    """

    service: str
    source: str
    team: str | None
    team_source: str = ""


def identify(container: ContainerFacts) -> Identity:
    """Own label, then swarm service, then compose project and service, then image name, then the container's name."""
    service, source = _service(container)
    return Identity(service[:200], source, container.label(*TEAM_LABELS))


def _service(container: ContainerFacts) -> tuple[str, str]:
    own = container.label(*OWN_LABELS)
    if own:
        return own, "label"
    swarm = container.label(SWARM_LABEL)
    if swarm:
        return swarm, "swarm"
    project, service = container.label(COMPOSE_PROJECT), container.label(COMPOSE_SERVICE)
    if project and service:
        return (service if project == service else f"{project}/{service}"), "compose"
    reference = ImageReference.parse(container.image_reference)
    if reference:
        return reference.basename, "image"
    return container.name, "name"
