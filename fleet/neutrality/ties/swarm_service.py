"""What swarm does for a service, no engine does by itself."""

from __future__ import annotations

from fleet.inventory.identity import SWARM_LABEL
from fleet.neutrality.tie import Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort


class SwarmService(Tie):
    """The container is a task of a swarm service: Docker places it, replaces it when it dies, rolls new versions out
    and spreads its ports over all nodes. Swarm is a part of Docker's engine and of no other.
    """

    title = "Being a swarm service"
    effort = Effort.REWORK
    elsewhere = "Nothing places it, starts it again on another host, or spreads its ports."
    change = (
        "Hand placement, rollout and discovery to an orchestrator that takes any OCI engine (Kubernetes, "
        "Nomad), or pin each replica to a host as a unit of systemd behind a proxy."
    )
    sources = (
        "https://docs.docker.com/engine/swarm/key-concepts/",
        "https://docs.podman.io/en/latest/markdown/podman-systemd.unit.5.html",
    )

    def find(self, part: Part) -> Found | None:
        known(part.facts.labels, "Config.Labels")
        if part.facts.swarm_task is None:
            return None
        return Found({SWARM_LABEL: (part.facts.label(SWARM_LABEL) or "",)})
