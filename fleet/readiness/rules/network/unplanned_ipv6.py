"""A port published without an address is published twice, and the second time nobody looks."""

from __future__ import annotations

from ipaddress import IPv6Network, ip_network

from fleet.inventory import NetworkFacts
from fleet.inventory.doors import binding, open_doors
from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_PRIVATE = IPv6Network("fc00::/7")
_LINK_LOCAL = IPv6Network("fe80::/10")


class UnplannedIpv6(ContainerRule):
    """The container can be reached over IPv6, which nobody declared for its service.

    What it looks at:
    Doors of NetworkSettings.Ports that open on ::, and networks of the container with EnableIPv6 and a subnet in
    IPAM.Config that is reachable from anywhere. A plain -p 8080:80 opens 0.0.0.0 and :: both.

    Why it matters:
    Firewalls, allow lists and scanners are often written for IPv4 only. A host with an IPv6 address from its router
    then offers the port to the whole internet while every list says that it is closed.

    How to fix:
    Publish on an IPv4 address by name, or turn IPv6 off for the network. Where IPv6 is meant, label the container
    loadline.role=ipv6.

    What the fix may break:
    Clients that reach the service by its IPv6 address, also those that prefer it where both exist.

    References:
    - Goes further than CIS Docker 5.14
    - https://docs.docker.com/engine/daemon/ipv6/
    """

    title = "Reachable over IPv6 without a plan"
    good = "It is not reachable over IPv6."
    catalogue = "NET-012"
    severity = Severity.MEDIUM
    facts = ("NetworkSettings.Ports", "EnableIPv6", "IPAM.Config")
    linux_only = True
    remedy = Remedy(docker="docker run -p 127.0.0.1:8080:80 …", compose='ports: ["127.0.0.1:8080:80"]')

    def judge(self, subject: ContainerSubject) -> Outcome:
        if "ipv6" in subject.roles:
            return not_applicable("Its role says that IPv6 is meant.")
        ports = known(subject.facts.ports, "NetworkSettings.Ports")
        evidence: dict[str, Json] = {}
        doors = open_doors(subject.facts, subject.around.networks) if ports else []
        wide = [
            (port, address) for port, address in doors if address.strip("[]") == "::" and "edge" not in subject.roles
        ]
        if wide:
            evidence["NetworkSettings.Ports"] = {
                f"{port.container_port}/{port.protocol}": binding(address, port.host_port) for port, address in wide
            }
        networks = subject.around.networks or {}
        for one in subject.facts.networks or ():
            network = networks.get(one.network_id or "") or networks.get(one.name)
            subnets = _global_subnets(network) if network and network.ipv6 else []
            if subnets:
                evidence["IPAM.Config"] = {one.name: subnets}
        return failed(evidence) if evidence else passed()


def _global_subnets(network: NetworkFacts) -> list[str]:
    found = []
    for subnet in network.subnets or ():
        try:
            parsed = ip_network(subnet.cidr, strict=False)
        except ValueError:
            continue
        if isinstance(parsed, IPv6Network) and not (parsed.subnet_of(_PRIVATE) or parsed.subnet_of(_LINK_LOCAL)):
            found.append(subnet.cidr)
    return found
