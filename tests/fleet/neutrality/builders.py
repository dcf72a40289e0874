"""A container that nothing ties, to start from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fleet.inventory import HealthCheck, RestartPolicy
from fleet.neutrality import Part
from tests.builders import container, image

NO_CHECK = HealthCheck("")


def part(**changes: Any) -> Part:
    """`changes` are of Part (engine, image, networks, swarm, os_type, tables) or of the container's facts."""
    own = {
        key: changes.pop(key) for key in ("engine", "image", "networks", "swarm", "os_type", "tables") if key in changes
    }
    free = {"log_driver": "json-file", "restart_policy": RestartPolicy("on-failure", 5)}
    facts = replace(container(), **{**free, **changes})
    plain = Part(facts=facts, image=image(health_check=NO_CHECK), networks={"app": "bridge", "n" * 64: "bridge"})
    return replace(plain, **own)
