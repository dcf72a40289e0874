"""A network whose driver is gone carries what runs today and nothing that is started tomorrow."""

from __future__ import annotations

import re

from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import EVERYWHERE, NetworkRule, Remedy
from fleet.readiness.subjects import NetworkSubject
from fleet.readiness.vocabulary import Severity

_ATTACH = re.compile(r"failed to create endpoint|could not find bridge|network .* not found", re.IGNORECASE)
_BUILT_IN = frozenset(
    {"bridge", "host", "null", "none", "overlay", "macvlan", "ipvlan", "nat", "transparent", "l2bridge"}
)


class NetworkDriverMissing(NetworkRule):
    """The network's driver is not there, or containers failed to be attached to it.

    What it looks at:
    Driver of the network against Plugins.Network of the engine and the enabled managed plugins; State.Error of the
    containers that name this network, and Status.Err of swarm tasks. A plugin of the old protocol is listed only once
    something uses it, so its absence alone proves nothing.

    Why it matters:
    Containers that run keep their connection until they are restarted; then they stay down, on every host whose driver
    died, and a swarm goes on trying for ever. It is found at night, by the first restart.

    How to fix:
    Start the plugin again: docker plugin enable for a managed one, its own service for one of the old protocol. Where
    the bridge itself was deleted, restart the engine or make the network anew.

    What the fix may break:
    Restarting the engine restarts its containers unless live restore is on.

    References:
    - https://docs.docker.com/engine/extend/legacy_plugins/
    - Engine API, PluginsInfo: plugins are loaded when they are first used
    """

    title = "Network driver missing, or attaching to it failed"
    good = "The network's driver is there, and nothing failed to be attached."
    catalogue = "NET-010"
    severity = Severity.HIGH
    facts = ("Network.Driver", "Plugins.Network", "State.Error")
    stages = EVERYWHERE
    remedy = Remedy(
        docker="docker plugin enable NAME   # or: systemctl restart NAME",
        compose="# nothing to change in compose: the driver has to come back on the host",
    )

    def judge(self, subject: NetworkSubject) -> Outcome:
        network, around = subject.facts, subject.around
        driver = known(network.driver, "Driver")
        failures: dict[str, Json] = {
            container.name: container.error
            for container in around.containers
            if container.error
            and _ATTACH.search(container.error)
            and any(one.name == network.name for one in container.networks or ())
        }
        if failures:
            return failed({"Driver": driver, "State.Error": failures}, "Containers could not be attached.")
        if around.host.kind == "podman":
            return not_applicable("Podman does not list its network drivers.")
        listed = set(known(around.host.network_plugins, "Plugins.Network"))
        if driver in listed or driver in _BUILT_IN:
            return passed({"Driver": driver})
        managed = [one for one in around.plugins or () if one.name in {driver, f"{driver}:latest"}]
        if any(one.enabled for one in managed):
            return passed({"Driver": driver})
        evidence = {"Driver": driver, "Plugins.Network": sorted(listed)}
        if managed:
            return failed(evidence, f"The plugin {driver} is disabled.")
        attached = any(one.name == network.name for container in around.containers for one in container.networks or ())
        if attached:
            return failed(evidence, f"Nothing on this host answers for the driver {driver}, which containers need.")
        return unknown(f"The engine lists {driver} only once a container uses it, and none does.", evidence)
