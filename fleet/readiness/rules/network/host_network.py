"""A container on the host's network has every door of the host and none of its own."""

from __future__ import annotations

from fleet.inventory import Neighbour
from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class HostNetwork(ContainerRule):
    """The container has no network of its own: it listens on, and talks from, the host's interfaces.

    What it looks at:
    HostConfig.NetworkMode, and NetworkSettings.Networks for swarm tasks. A container that joined another one's network
    (container:NAME) is judged by that other container. A container labelled loadline.role=edge is left out: a load
    balancer or a network agent may need the host's interfaces.

    Why it matters:
    Every port the program opens is open on the host at once, without a published port that anybody decided on or could
    see in docker ps. It reaches everything that listens on the host's loopback, such as agents, databases and an
    engine's unprotected API, which trust whoever comes from there. Two such containers also fight over ports.

    How to fix:
    Give the container a network of its own and publish only the ports that others need. Containers on one user-defined
    network find each other by name, so published ports are for callers outside only.
    Where the host network is on purpose, say so with the label loadline.role=edge.

    What the fix may break:
    Programs that talked to localhost must use a name instead: the other container's, or host.docker.internal with
    --add-host host.docker.internal:host-gateway. Multicast, broadcast and very high packet rates behave differently
    behind a bridge, and the client's address may be rewritten by the userland proxy.

    References:
    - CIS Docker 1.6.0 5.10
    - NIST SP 800-190 4.3.3 and 4.4.2
    - Kubernetes Pod Security Standards, baseline (host namespaces)
    """

    title = "Container on the host network"
    good = "The container has a network of its own."
    catalogue = "NET-001"
    severity = Severity.HIGH
    facts = ("HostConfig.NetworkMode", "NetworkSettings.Networks")
    linux_only = True
    remedy = Remedy(
        docker="docker network create app\ndocker run --network app -p 127.0.0.1:8080:8080 …   # not --network host",
        compose='# remove network_mode: host\nnetworks: [app]\nports: ["127.0.0.1:8080:8080"]',
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        if "edge" in subject.roles:
            return not_applicable("The container is declared an edge: its label loadline.role says so.")
        facts = subject.facts
        if facts.network_mode != "host" and any(network.name == "host" for network in facts.networks or ()):
            return failed({"NetworkSettings.Networks": ["host"]})
        mode = known(facts.network_mode, "HostConfig.NetworkMode")
        evidence = {"HostConfig.NetworkMode": mode}
        if mode == "host":
            return failed(evidence)
        if mode.startswith("container:"):
            return self._joined(mode.removeprefix("container:"), subject, evidence)
        return passed(evidence)

    @staticmethod
    def _joined(name: str, subject: ContainerSubject, evidence: dict[str, str]) -> Outcome:
        other = next((one for one in subject.around.containers if _is(one, name)), None)
        if other is None or other.network_mode is None:
            return unknown("It shares the network of a container that the sweep did not see.", evidence)
        if other.network_mode == "host":
            return failed(evidence, f"It shares the network of {other.name}, which is on the host network.")
        return passed(evidence, f"It shares the network of {other.name}.")


def _is(container: Neighbour, name: str) -> bool:
    return name in {container.name, container.id, container.id[:12]}
