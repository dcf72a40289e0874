"""An overlay is spanned by swarm's own managers."""

from __future__ import annotations

from fleet.neutrality.tie import Found, Part, Tie
from fleet.neutrality.vocabulary import Effort


class OverlayNetwork(Tie):
    """The container is on an overlay network, by which it finds others on other hosts by name. Swarm's managers keep
    it; no other engine can join it.
    """

    title = "An overlay network across hosts"
    effort = Effort.REWORK
    elsewhere = "It does not start: the driver is not there."
    change = (
        "On one host a bridge network does the same. Across hosts publish the ports and find them by DNS or "
        "a proxy, or move to an orchestrator with a network of its own."
    )
    sources = ("https://docs.docker.com/engine/network/drivers/overlay/",)

    def find(self, part: Part) -> Found | None:
        return Found({"Network.Driver": ("overlay",)}) if "overlay" in part.network_drivers else None
