"""An overlay network carries containers' traffic between hosts in the clear unless it was told to encrypt."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import NetworkRule, Remedy
from fleet.readiness.subjects import NetworkSubject
from fleet.readiness.vocabulary import Severity


class OverlayNotEncrypted(NetworkRule):
    """What containers say to each other on this network crosses the wire between hosts unencrypted.

    What it looks at:
    Driver and Options of the network, and Swarm.Nodes of the host. The option is called encrypted and its value is
    empty: only its presence counts. The ingress network, which carries published ports between nodes, is judged low.
    A swarm of one node has no wire to listen on, but networks cannot be changed when the second one joins: low, too.

    Why it matters:
    Overlay traffic is plain VXLAN on UDP port 4789. Whoever is on the network between the hosts reads passwords and
    records from it, and can write packets into it as a container would. Swarm encrypts its own control traffic by
    default, which many take for encryption of the data.

    How to fix:
    Networks cannot be changed: create a second one with the encrypted option, move the services over with
    docker service update --network-add and --network-rm, and remove the old one. The hosts must let ESP (IP protocol
    50) through to each other, not only UDP 4789.

    What the fix may break:
    IPsec costs throughput and some CPU on every packet, and 30 to 60 bytes of its size: mind the MTU. Where a firewall
    drops ESP the containers no longer reach each other across hosts. Windows nodes cannot join encrypted overlays.

    References:
    - CIS Docker 1.6.0 7.3
    - NIST SP 800-190 4.3.3
    - https://docs.docker.com/engine/network/drivers/overlay/
    - GHSA-33pg-m6jh-5237 (encrypted overlays of engines before 20.10.24 and 23.0.3 may send in the clear)
    """

    title = "Overlay network without encryption"
    good = "The overlay network encrypts what it carries between hosts."
    catalogue = "NET-008"
    severity = Severity.HIGH
    facts = ("Driver", "Options", "Ingress", "Swarm.LocalNodeState", "Swarm.Nodes")
    remedy = Remedy(
        docker="docker network create --driver overlay --opt encrypted app",
        compose='networks:\n  app:\n    driver: overlay\n    driver_opts: {encrypted: ""}',
    )

    def judge(self, subject: NetworkSubject) -> Outcome:
        network = subject.facts
        if known(network.driver, "Driver") != "overlay":
            return not_applicable("Only overlay networks cross from host to host.")
        swarm = known(subject.around.host.swarm, "Swarm")
        if known(swarm.state, "Swarm.LocalNodeState") == "inactive":
            return not_applicable("The host is in no swarm, so the network reaches no other host.")
        options = known(network.options, "Options")
        evidence = {"Driver": "overlay", "Options": sorted(options), "Ingress": bool(network.ingress)}
        if "encrypted" in options:
            return passed(evidence)
        if network.ingress:
            return failed(evidence, "The ingress network carries published ports between nodes.", severity=Severity.LOW)
        # A worker is never alone, and does not say how many there are.
        if swarm.control_available and known(swarm.nodes, "Swarm.Nodes") <= 1:
            return failed(
                evidence,
                "The swarm has one node, so nothing crosses a wire until another joins.",
                severity=Severity.LOW,
            )
        return failed(evidence)
