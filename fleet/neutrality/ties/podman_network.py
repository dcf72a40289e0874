"""Podman without root has networks of its own."""

from __future__ import annotations

from fleet.neutrality.tie import PODMAN, Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort


class PodmanNetwork(Tie):
    """The container's network is one of Podman without root (pasta, slirp4netns), which other engines do not know."""

    title = "A network mode that only Podman has"
    effort = Effort.DROP_IN
    engines = PODMAN
    elsewhere = "It is refused: there is no network of that name."
    change = "Use a bridge network, which both engines have."
    sources = ("https://docs.podman.io/en/latest/markdown/podman-run.1.html#network-mode-net",)

    def find(self, part: Part) -> Found | None:
        mode = known(part.facts.network_mode, "HostConfig.NetworkMode")
        return Found({"HostConfig.NetworkMode": (mode,)}) if mode.startswith(("pasta", "slirp4netns")) else None
