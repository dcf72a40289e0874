"""Podman maps users for each container; Docker for the whole engine."""

from __future__ import annotations

from fleet.neutrality.tie import PODMAN, Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort


class PodmanUsers(Tie):
    """The container has a user namespace of its own making (keep-id, auto, nomap). Docker maps users for all of its
    containers alike, or for none.
    """

    title = "User namespaces for one container"
    effort = Effort.CONFIGURATION
    engines = PODMAN
    elsewhere = "It is refused: Docker takes host and nothing else."
    change = "Map users for the whole engine (userns-remap in daemon.json) and give the files to the mapped user."
    sources = (
        "https://docs.podman.io/en/latest/markdown/podman-run.1.html#userns-mode",
        "https://docs.docker.com/engine/security/userns-remap/",
    )

    def find(self, part: Part) -> Found | None:
        mode = known(part.facts.userns_mode, "HostConfig.UsernsMode")
        found = mode.startswith(("keep-id", "auto", "nomap", "private"))
        return Found({"HostConfig.UsernsMode": (mode,)}) if found else None
