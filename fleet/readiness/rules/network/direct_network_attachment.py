"""A container with an address of its own on the wire is past every rule about published ports."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, NetworkRule, Remedy
from fleet.readiness.subjects import NetworkSubject
from fleet.readiness.vocabulary import Severity

DECLARED = "loadline.network"


class DirectNetworkAttachment(NetworkRule):
    """Containers sit on the physical network by macvlan or ipvlan.

    What it looks at:
    Driver of the network, macvlan or ipvlan, and whether any container is attached to it. A network whose label
    loadline.network is declared has been thought through by somebody and is left out.

    Why it matters:
    Such a container has its own address in the company's network. Nothing has to be published for it to be reached on
    every port, the host's firewall does not see its traffic, and no list of published ports tells of it.

    How to fix:
    Use a bridge network and publish the ports that are meant. Where an address of its own is needed, write the design
    down, filter at the switch, and label the network loadline.network=declared.

    What the fix may break:
    Clients have to use the host's address; protocols that need broadcast or multicast do not pass a bridge.

    References:
    - https://docs.docker.com/engine/network/drivers/macvlan/
    - NIST SP 800-190 4.4.2
    """

    title = "Containers attached directly to the physical network"
    good = "No container is attached to the physical network."
    catalogue = "NET-011"
    severity = Severity.MEDIUM
    facts = ("Network.Driver", "NetworkSettings.Networks")
    stages = PRODUCTION_ONLY
    bound_to = ("Driver",)
    remedy = Remedy(
        docker="docker network create app   # a bridge; then docker run --network app -p 8080:80 …",
        compose="networks: [app]   # top-level: networks: {app: {driver: bridge}}",
    )

    def judge(self, subject: NetworkSubject) -> Outcome:
        network = subject.facts
        driver = known(network.driver, "Driver")
        if driver not in {"macvlan", "ipvlan"}:
            return passed({"Driver": driver})
        if (network.labels or {}).get(DECLARED) == "declared":
            return not_applicable(f"Its label {DECLARED} says that somebody has declared it.")
        attached = sorted(
            container.name
            for container in subject.around.containers
            if any(one.name == network.name or one.network_id == network.id for one in container.networks or ())
        )
        evidence = {"Driver": driver, "NetworkSettings.Networks": attached}
        return failed(evidence) if attached else passed(evidence, "Nothing is attached to it.")
