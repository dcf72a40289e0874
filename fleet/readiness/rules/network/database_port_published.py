"""A datastore that answers on the host's address can be reached, guessed at and emptied from outside."""

from __future__ import annotations

from collections.abc import Mapping

from fleet.inventory import PublishedPort, SwarmServiceFacts
from fleet.inventory.doors import address_of, binding, ingress_ports, is_every_address, is_loopback
from fleet.readiness.findings import Outcome, failed, known, passed, unknown
from fleet.readiness.rule import EVERYWHERE, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class DatabasePortPublished(ContainerRule):
    """A port that a datastore or an administration interface listens on can be reached from outside the host.

    What it looks at:
    NetworkSettings.Ports of a running container, HostConfig.PortBindings of one that does not run, and Endpoint.Ports
    of the swarm service it belongs to. The port inside the container counts (5432 for PostgreSQL, 6379 for Redis, 2375
    for an engine's API and so on), whatever number it has on the host. Loopback addresses, 127.0.0.0/8 and ::1, are
    not outside.
    A container on the host network publishes nothing, so its Config.ExposedPorts are a hint: with a datastore's port
    among them, or a datastore's image, the finding is unknown; without, it passes.

    Why it matters:
    The engine opens published ports in front of the host's own firewall rules: ufw and firewalld do not see them. Redis
    and Elasticsearch ask for no password by default, and open databases are found by scanners within hours. Whoever
    connects reads or deletes the data, and with an engine's API has the whole host.

    How to fix:
    Do not publish the port. Put the datastore and its callers on one user-defined network; there they reach it by its
    name without any published port.
    For administration from the host itself, publish on loopback only, and reach it from elsewhere through ssh -L.

    What the fix may break:
    Callers on other hosts lose the connection: move them onto a shared overlay network or in front of a proxy that
    authenticates. Backup jobs, exporters and people's own tools that use the host's address are callers, too.

    References:
    - CIS Docker 1.6.0 5.9
    - CIS Docker 1.6.0 5.14
    - NIST SP 800-190 4.4.2
    - OWASP Docker Security Cheat Sheet, rule 5
    - https://docs.docker.com/engine/network/packet-filtering-firewalls/
    """

    title = "Datastore or administration port published"
    good = "No datastore or administration port can be reached from outside the host."
    catalogue = "NET-004"
    severity = Severity.CRITICAL
    facts = ("NetworkSettings.Ports", "HostConfig.PortBindings", "HostConfig.NetworkMode", "Config.ExposedPorts")
    stages = EVERYWHERE
    core_gate = True
    remedy = Remedy(
        docker="docker run --network app …   # no -p\ndocker run -p 127.0.0.1:5432:5432 …   # from this host only",
        compose='expose: ["5432"]\n# not ports:, or on loopback only:\n# ports: ["127.0.0.1:5432:5432"]',
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        watched = subject.around.datastore_ports
        if subject.facts.network_mode == "host":
            return _on_host_network(subject, watched)
        ports = known(subject.facts.ports, "NetworkSettings.Ports")
        doors = [(port, _address(port, subject)) for port in ports if port.container_port in watched]
        outside = [(port, address) for port, address in doors if not is_loopback(address)]
        if outside:
            listeners = sorted({watched[port.container_port] for port, _ in outside})
            everywhere = any(is_every_address(address) for _, address in outside)
            return failed(
                _evidence(outside),
                f"Reachable from outside the host: {', '.join(listeners)}.",
                cis=None if everywhere else ("5.9",),
            )
        through_swarm = _through_swarm(subject, watched)
        if through_swarm is not None:
            return through_swarm
        return passed(_evidence(doors), "Published on loopback only.") if doors else passed()


def _address(port: PublishedPort, subject: ContainerSubject) -> str:
    networks = subject.around.networks if port.host_ip else known(subject.around.networks, "/networks")
    return address_of(port, subject.facts, networks)


def _evidence(doors: list[tuple[PublishedPort, str]]) -> dict[str, dict[str, str]]:
    shown: dict[str, str] = {}
    for port, address in doors:
        key = f"{port.container_port}/{port.protocol}"
        text = binding(address, port.host_port)
        shown[key] = f"{shown[key]}, {text}" if key in shown else text
    return {"HostConfig.PortBindings": shown}


def _on_host_network(subject: ContainerSubject, watched: Mapping[int, str]) -> Outcome:
    """Nothing is published there, and nothing tells what the program listens on: exposed ports are only a hint."""
    exposed = known(subject.facts.exposed_ports, "Config.ExposedPorts")
    evidence = {"HostConfig.NetworkMode": "host", "Config.ExposedPorts": list(exposed)}
    suspects = sorted({watched[number] for text in exposed if (number := _number(text)) in watched})
    store = subject.datastore
    if not suspects and store:
        suspects = [store.name]
    if suspects:
        return unknown(
            f"On the host network, where {', '.join(suspects)} may listen on every address; no published port tells.",
            evidence,
        )
    return passed(evidence, "On the host network, but neither its image nor its exposed ports suggest a datastore.")


def _through_swarm(subject: ContainerSubject, watched: Mapping[int, str]) -> Outcome | None:
    """Swarm publishes a service's ports on every node, and the task's own container shows none of them."""
    name = subject.facts.label("com.docker.swarm.service.name")
    if name is None or not any(network.name == "ingress" for network in subject.facts.networks or ()):
        return None
    service = _service(subject, name)
    if service is not None and service.published_ports is not None:
        open_ports = {port: where for port, where in ingress_ports(service).items() if port in watched}
        if open_ports:
            listeners = ", ".join(sorted({watched[port] for port in open_ports}))
            return failed(
                {"Endpoint.Ports": list(service.published_ports)},
                f"Swarm publishes it on every node: {listeners}.",
            )
        return passed({"Endpoint.Ports": list(service.published_ports)})
    exposed = [text for text in subject.facts.exposed_ports or () if _number(text) in watched]
    if exposed:
        return unknown(
            f"Swarm publishes ports of {name}; only a manager can say whether {', '.join(exposed)} is among them.",
            {"Config.ExposedPorts": exposed},
        )
    return None


def _service(subject: ContainerSubject, name: str) -> SwarmServiceFacts | None:
    return next((one for one in subject.around.services or () if one.name == name), None)


def _number(exposed: str) -> int:
    number = exposed.partition("/")[0]
    return int(number) if number.isdigit() else -1
