"""Who holds the engine's socket gives it orders, and the orders are in its tongue."""

from __future__ import annotations

from fleet.inventory.paths import is_engine_socket, normalise
from fleet.neutrality.tie import EITHER, Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort

#: Folders that are mounted for the socket in them. That the whole root shows one as well is no sign of its use.
_FOLDERS = ("/run", "/run/docker", "/run/containerd", "/run/podman", "/run/crio")


class EngineSocket(Tie):
    """The container talks to the engine of its host through a socket that lies elsewhere with another engine, or
    that another engine does not have at all.
    """

    title = "Use of the engine's socket"
    effort = Effort.CONFIGURATION
    engines = EITHER
    elsewhere = "It starts with an empty folder where the socket was, or not at all."
    change = (
        "Do without, or turn on the other engine's socket (systemctl enable --now podman.socket) and mount "
        "/run/podman/podman.sock in its place: it answers the same API, swarm and plugins left out."
    )
    sources = (
        "https://docs.podman.io/en/latest/markdown/podman-system-service.1.html",
        "https://docs.docker.com/engine/security/#docker-daemon-attack-surface",
    )

    def find(self, part: Part) -> Found | None:
        found = []
        for mount in known(part.facts.mounts, "Mounts"):
            if mount.kind in {"bind", "npipe"}:
                source = known(mount.source, "Mounts[].Source")
                if is_engine_socket(source) or normalise(source) in _FOLDERS:
                    found.append(f"{source}:{mount.destination}")
        return Found({"Mounts[].Source": tuple(sorted(found))}) if found else None
