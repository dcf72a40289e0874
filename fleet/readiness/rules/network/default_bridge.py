"""On the bridge that everybody gets, everybody is everybody's neighbour."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class DefaultBridge(ContainerRule):
    """The container is attached to the engine's default bridge instead of a network of its own application.

    What it looks at:
    NetworkSettings.Networks of the container, and of each network the option
    com.docker.network.bridge.default_bridge, which only the bridge that the engine makes by itself carries.

    Why it matters:
    All containers started without a network meet there, whoever owns them, and reach each other on every port unless
    the engine forbids it for all. There is no name resolution on it, so addresses end up in configuration files.

    How to fix:
    Make one network per application and attach its containers to that. Compose does so by itself; in a stack name the
    networks of each service.

    What the fix may break:
    Containers that found each other by address or by a legacy link have to use names, and others on the default bridge
    are not reached any more.

    References:
    - CIS Docker 1.6.0 5.30
    - OWASP Docker Security Cheat Sheet, rule 5
    """

    title = "Container on the default bridge"
    good = "The container is on networks of its own application."
    catalogue = "NET-005"
    severity = Severity.MEDIUM
    facts = ("NetworkSettings.Networks", "Network.Options")
    linux_only = True
    remedy = Remedy(
        docker="docker run --network app …   # after: docker network create app",
        compose="networks: [app]   # declared under the top-level key networks:",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        mode = known(subject.facts.network_mode, "HostConfig.NetworkMode")
        if subject.around.host.kind == "podman":
            return not_applicable("Podman's default network carries no mark to tell it by.")
        if mode in {"host", "none"} or mode.startswith("container:"):
            return not_applicable(f"Its network mode is {mode}.")
        attachments = known(subject.facts.networks, "NetworkSettings.Networks")
        networks = subject.around.networks
        for one in attachments:
            network = (networks or {}).get(one.network_id or "") or (networks or {}).get(one.name)
            if network.default_bridge if network else one.name == "bridge":
                return failed({"NetworkSettings.Networks": [one.name]})
        return passed()
