"""A policy of restarts needs somebody who is there after a reboot."""

from __future__ import annotations

from fleet.neutrality.tie import Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort


class RestartByEngine(Tie):
    """Docker's daemon starts the container again after the host has booted. Podman has no daemon: its restart policy
    holds while the host runs, and after that a unit of systemd has to start what shall run.
    """

    title = "A restart after boot by the daemon"
    effort = Effort.HOST
    elsewhere = "It is not started again after a reboot until the host's supervisor does it."
    change = (
        "Once per host: systemctl enable podman-restart.service. Before Podman 5.8 that starts what says "
        "always, not unless-stopped."
    )
    sources = (
        "https://docs.podman.io/en/latest/markdown/podman-run.1.html#restart-policy",
        "https://github.com/containers/podman/pull/27619",
    )

    def find(self, part: Part) -> Found | None:
        if part.facts.swarm_task is not None:
            return None  # swarm starts it, not the daemon
        policy = known(part.facts.restart_policy, "HostConfig.RestartPolicy").name
        return Found({"HostConfig.RestartPolicy": (policy,)}) if policy in {"always", "unless-stopped"} else None
