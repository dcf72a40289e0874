"""A network of a plugin ends where the plugin is not installed."""

from __future__ import annotations

from fleet.neutrality.shared import NETWORK_DRIVERS
from fleet.neutrality.tie import EITHER, Found, Part, Tie
from fleet.neutrality.vocabulary import Effort


class NetworkPlugin(Tie):
    """The container is on a network of a driver that is no part of the engine: Weave, Calico, a vendor's own. Other
    engines plug networks in by another interface (CNI, netavark), so that the driver cannot be taken along.
    """

    title = "A network of a plugin"
    effort = Effort.REWORK
    engines = EITHER
    elsewhere = "It does not start: no other engine speaks Docker's protocol for network plugins."
    change = (
        "Use bridge networks on each host and reach other hosts by published ports, or a network that the "
        "hosts themselves span (WireGuard, the vendor's own for CNI)."
    )
    sources = (
        "https://docs.docker.com/engine/extend/plugins_network/",
        "https://github.com/containernetworking/cni",
    )

    def find(self, part: Part) -> Found | None:
        foreign = tuple(driver for driver in part.network_drivers if driver not in NETWORK_DRIVERS | {"overlay"})
        return Found({"Network.Driver": foreign}) if foreign else None
