"""A door that opens on every address of a host opens on those that nobody thought of, too."""

from __future__ import annotations

from fleet.inventory.doors import binding, is_every_address, open_doors
from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class PortOnEveryInterface(ContainerRule):
    """A published port listens on all addresses of the host, although the service is no edge.

    What it looks at:
    NetworkSettings.Ports of a running container and HostConfig.PortBindings of one that does not run: whether a door
    opens on 0.0.0.0 or on ::. Where no address was asked for, the default of the container's bridge counts.

    Why it matters:
    The engine opens published ports ahead of the host's own firewall rules, on the management network and on a public
    address just as on the one that was meant. A second network card added later is open from its first minute.

    How to fix:
    Publish on the address that callers use, or on 127.0.0.1 behind a proxy on the same host. The engine's default
    address can be set for all containers with dockerd --ip. A service that is meant to be reached from everywhere says
    so with the label loadline.role=edge, or its port is declared public in the policy with the name of who approved it.

    What the fix may break:
    Callers that use another address of the host lose the connection, health probes of a load balancer among them.

    References:
    - CIS Docker 1.6.0 5.14
    - OWASP Docker Security Cheat Sheet, rule 5a
    - NIST SP 800-190 4.4.2
    """

    title = "Port published on every interface"
    good = "No published port listens on every address of the host."
    catalogue = "NET-002"
    severity = Severity.MEDIUM
    facts = ("NetworkSettings.Ports", "HostConfig.PortBindings")
    remedy = Remedy(
        docker="docker run -p 127.0.0.1:8080:80 …",
        compose='ports: ["127.0.0.1:8080:80"]',
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        ports = known(subject.facts.ports, "NetworkSettings.Ports")
        if not ports:
            return not_applicable("It publishes no port.")
        if "edge" in subject.roles:
            return not_applicable("Its role is edge: it is meant to be reached from everywhere.")
        networks = subject.around.networks
        if networks is None and any(not port.host_ip for port in ports):
            known(networks, "/networks")
        wide = [
            (port, address)
            for port, address in open_doors(subject.facts, networks)
            if is_every_address(address) and not subject.declared_public(port.container_port)
        ]
        if not wide:
            return passed()
        shown: dict[str, list[str]] = {}
        for port, address in wide:
            shown.setdefault(f"{port.container_port}/{port.protocol}", []).append(binding(address, port.host_port))
        return failed({"NetworkSettings.Ports": shown})
