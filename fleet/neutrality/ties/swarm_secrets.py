"""Secrets and configs of swarm come from its managers."""

from __future__ import annotations

from fleet.neutrality.tie import Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort


class SwarmSecrets(Tie):
    """The service gets secrets or configuration files from swarm, which keeps them in its managers' log and shows them
    as files in the container.
    """

    title = "Secrets and configs kept by swarm"
    effort = Effort.CONFIGURATION
    elsewhere = "The files are not there."
    change = (
        "Make the same secrets where it is to run (podman secret create, a vault), and keep their paths "
        "under /run/secrets; mount configuration from files."
    )
    sources = (
        "https://docs.docker.com/engine/swarm/secrets/",
        "https://docs.podman.io/en/latest/markdown/podman-secret-create.1.html",
    )

    def find(self, part: Part) -> Found | None:
        if part.facts.swarm_task is None or part.swarm is None:
            return None  # that it is a swarm service weighs more than anything a manager could tell
        told = {
            "ContainerSpec.Secrets": known(part.swarm.secrets, "ContainerSpec.Secrets"),
            "ContainerSpec.Configs": known(part.swarm.configs, "ContainerSpec.Configs"),
        }
        found = {name: (str(number),) for name, number in told.items() if number}
        return Found(found) if found else None
