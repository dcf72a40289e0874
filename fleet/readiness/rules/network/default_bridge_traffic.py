"""Containers that happen to share a host have no reason to talk to each other."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

_ICC = "com.docker.network.bridge.enable_icc"
_NEIGHBOURS = 2


class DefaultBridgeTraffic(HostRule):
    """The default bridge lets its containers reach each other on every port, and several are on it.

    What it looks at:
    Options of the default bridge network: com.docker.network.bridge.enable_icc. Running containers that are attached
    to it are counted from NetworkSettings.Networks; with one alone there is nobody to reach.

    Why it matters:
    Whoever breaks into one container scans the whole bridge from inside, behind every firewall: databases without a
    password, admin pages bound to all addresses, metadata of other teams.

    How to fix:
    Move the containers to networks of their own applications. To close the default bridge for all, set icc to false
    in daemon.json and restart the engine; published ports go on working.

    What the fix may break:
    Containers on the default bridge that talk to each other without a published port stop doing so.

    References:
    - CIS Docker 1.6.0 2.2
    - OWASP Docker Security Cheat Sheet, rule 5
    - NIST SP 800-190 4.3.3
    """

    title = "Traffic between all containers on the default bridge"
    good = "Containers on the default bridge cannot reach each other, or at most one is there."
    catalogue = "NET-006"
    severity = Severity.MEDIUM
    facts = ("Network.Options", "NetworkSettings.Networks")
    linux_only = True
    bound_to = (f"Options.{_ICC}",)
    remedy = Remedy(docker="dockerd --icc=false", compose='{ "icc": false }')

    def judge(self, subject: HostSubject) -> Outcome:
        if subject.facts.kind == "podman":
            return not_applicable("Podman's default network has no such switch.")
        networks = known(subject.around.networks, "/networks")
        bridge = next((network for network in networks.values() if network.default_bridge), None)
        if bridge is None:
            return not_applicable("The engine has no default bridge.")
        allowed = known(bridge.options, "Options").get(_ICC)
        on_it = sorted(
            container.name
            for container in subject.around.containers
            if container.running and any(bridge.name == one.name for one in container.networks or ())
        )
        evidence = {f"Options.{_ICC}": allowed, "NetworkSettings.Networks": on_it}
        if len(on_it) < _NEIGHBOURS:
            return not_applicable("Fewer than two running containers are on the default bridge.")
        return failed(evidence) if known(allowed, f"Options.{_ICC}") == "true" else passed(evidence)
