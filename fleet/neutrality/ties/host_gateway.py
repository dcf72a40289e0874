"""A name for the host that each engine spells in its own way."""

from __future__ import annotations

from fleet.neutrality.tie import Found, Part, Tie, known
from fleet.neutrality.vocabulary import Effort


class HostGateway(Tie):
    """The container reaches its host by a name that Docker resolves: host.docker.internal, or any name that was given
    the word host-gateway for an address.
    """

    title = "A name of Docker's for the host"
    effort = Effort.DROP_IN
    elsewhere = "Podman 4 starts it with a line in /etc/hosts that names nothing; from 5 on it knows name and word."
    change = "Use host.containers.internal on Podman, or give the host's own name or address."
    sources = (
        "https://github.com/containers/common/pull/1592",
        "https://docs.podman.io/en/latest/markdown/podman-run.1.html#add-host-hostname-hostname-ip",
    )

    def find(self, part: Part) -> Found | None:
        told = known(part.facts.extra_hosts, "HostConfig.ExtraHosts")
        found = tuple(one for one in told if "docker.internal" in one or one.endswith("host-gateway"))
        return Found({"HostConfig.ExtraHosts": found}) if found else None
