"""Published ports and the walls between networks are firewall rules: without them, neither holds."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, known, passed, unknown
from fleet.readiness.rule import HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

#: What the engine says in /info Warnings, in lower case, and what it means.
_SIGNS = {
    "docker_insecure_no_iptables_raw": "packets to containers that bypass published ports are not dropped",
    "ipv4 forwarding is disabled": "containers cannot reach, or be reached from, other machines",
    "bridge-nf-call-iptables is disabled": "traffic between containers on one bridge passes no rule",
    "bridge-nf-call-ip6tables is disabled": "IPv6 traffic between containers on one bridge passes no rule",
}


class HostFirewallWeakened(HostRule):
    """The engine reports that the host's packet filter does not do what its networks rely on.

    What it looks at:
    Warnings of /info about IPv4 forwarding, bridge netfilter and DOCKER_INSECURE_NO_IPTABLES_RAW, IPv4Forwarding, and
    FirewallBackend where the engine tells it (API 1.49 and later). The setting "iptables": false itself is in no reply
    of the engine: a pass here does not prove its absence.

    Why it matters:
    The engine keeps networks apart and opens published ports by rules in iptables or nftables. When bridged packets do
    not pass those rules, containers that were put on separate networks or told not to talk to each other can, and ports
    published on loopback may answer from the outside. With forwarding off, containers lose their connections after the
    next reboot or sysctl reload.

    How to fix:
    Set the kernel parameters and load the module at every boot: net.ipv4.ip_forward=1 and br_netfilter with
    net.bridge.bridge-nf-call-iptables=1. Remove "iptables": false from daemon.json and DOCKER_INSECURE_NO_IPTABLES_RAW
    from the engine's environment, then restart the engine.

    What the fix may break:
    Bridged traffic of virtual machines on the same host passes iptables too once br_netfilter is on: allow it there.
    A firewall that was written by hand around "iptables": false meets the engine's own rules; keep your own in the
    chain DOCKER-USER.

    References:
    - CIS Docker 1.6.0 2.4
    - https://docs.docker.com/engine/network/packet-filtering-firewalls/
    - https://github.com/moby/moby/blob/master/daemon/info_unix.go
    """

    title = "Weakened host firewall"
    good = "The engine reports no weakness of the host's packet filter."
    catalogue = "NET-013"
    severity = Severity.HIGH
    facts = ("Warnings", "IPv4Forwarding", "FirewallBackend")
    linux_only = True
    remedy = Remedy(
        docker="sysctl -w net.ipv4.ip_forward=1\nmodprobe br_netfilter\nsysctl -w net.bridge.bridge-nf-call-iptables=1",
        compose='# daemon.json; these are the defaults, too\n{"iptables": true, "ip-forward": true}',
    )

    def judge(self, subject: HostSubject) -> Outcome:
        host = subject.facts
        if host.kind == "podman":
            return unknown("Podman does not report on the host's packet filter.")
        warnings = known(host.warnings, "Warnings")
        evidence: dict[str, Json] = {"FirewallBackend": host.firewall_backend} if host.firewall_backend else {}
        found = [(text, meaning) for text in warnings for sign, meaning in _SIGNS.items() if sign in text.lower()]
        if found:
            evidence["Warnings"] = [text for text, _ in found]
            meanings = list(dict.fromkeys(meaning for _, meaning in found))
            return failed(evidence, f"So {'; '.join(meanings)}.")
        if host.ipv4_forwarding is False:
            evidence["IPv4Forwarding"] = False
            return failed(evidence, f"So {_SIGNS['ipv4 forwarding is disabled']}.")
        evidence["Warnings"] = []
        return passed(evidence, 'Whether daemon.json says "iptables": false is not in the API.')
