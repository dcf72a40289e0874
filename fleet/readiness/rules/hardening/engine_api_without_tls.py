"""An engine that listens on TCP without checking client certificates gives root to whoever can reach the port."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from fleet.readiness.findings import Outcome, failed, known, passed, unknown
from fleet.readiness.rule import EVERYWHERE, PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

#: Engines up to 25 begin the sentence with WARNING:, later ones with [DEPRECATION NOTICE]:.
_WARNED = re.compile(r"API is accessible on (?:http://(\S+)|https://(\S+?) without TLS client verification)")


class EngineApiWithoutTls(HostRule):
    """Anyone who can reach this engine's port is root on the host.

    What it looks at:
    The Warnings of the engine's own info: "API is accessible on http://…" and "… without TLS client verification"; and
    how Loadline itself reaches the engine: a tcp:// address without TLS proves the same. When all such addresses
    are loopback it is medium.
    The engine warns of addresses it was told to listen on. A proxy, or a systemd socket that listens on TCP in its
    place, goes unseen. Podman never warns: there it is unknown, unless Loadline reaches it without TLS.

    Why it matters:
    The API asks for no password. One request starts a container with the host's disk mounted, so an open port 2375 is a
    root shell for everybody in the network; such ports are found by scanners within hours and used to mine coins and to
    encrypt disks. TLS without client verification encrypts the attacker's session, no more. On loopback every user
    of the host and every container in the host's network has it.

    How to fix:
    Best: no TCP at all. Remove the tcp:// entry from "hosts" in daemon.json, or from -H in the unit file, and reach
    the engine by ssh://. If it must be TCP, make a CA, a server and a client certificate, and start the engine with
    --tlsverify on port 2376. Then register the host anew in Loadline with https:// or ssh:// and its certificates.
    Until then let a firewall pass only the machines that manage this host.

    What the fix may break:
    Everything that speaks to the port: deployment jobs, dashboards, remote builders, Loadline itself. They need client
    certificates or ssh first. Docker has announced that later engines will refuse such a start.

    References:
    - CIS Docker 1.6.0 2.7
    - OWASP Docker Security Cheat Sheet, rule 1
    - Docker documentation, Protect the Docker daemon socket
    - Docker documentation, Deprecated features: unauthenticated TCP connections
    """

    title = "Engine API on TCP without client verification"
    good = "The engine's API asks every caller from the network for a certificate or a login."
    catalogue = "HRD-019"
    severity = Severity.CRITICAL
    facts = ("Warnings", "the address Loadline reaches the engine by")
    stages = EVERYWHERE
    core_gate = True
    never_waived = PRODUCTION_ONLY
    remedy = Remedy(
        docker=(
            "dockerd -H fd:// -H tcp://0.0.0.0:2376 --tlsverify --tlscacert ca.pem "
            "--tlscert server-cert.pem --tlskey server-key.pem"
        ),
        compose=(
            "# daemon.json\n"
            '{"tlsverify": true, "tlscacert": "/etc/docker/ca.pem",\n'
            ' "tlscert": "/etc/docker/server-cert.pem", "tlskey": "/etc/docker/server-key.pem"}'
        ),
    )

    def judge(self, subject: HostSubject) -> Outcome:
        facts = subject.facts
        open_addresses = [address for text in facts.warnings or () for address in _addresses(text)]
        evidence: dict[str, Any] = {}
        if open_addresses:
            evidence["Warnings"] = [f"API is accessible on {address}" for address in open_addresses]
        reached_openly = facts.endpoint_scheme in {"tcp", "http"}
        if reached_openly:
            where = "loopback" if facts.endpoint_loopback else "the network"
            evidence["endpoint"] = f"tcp without TLS, over {where}"
        if evidence:
            outside = not all(map(_is_loopback, open_addresses)) or (reached_openly and not facts.endpoint_loopback)
            return failed(evidence, severity=None if outside else Severity.MEDIUM)
        if facts.kind == "podman":
            return unknown("Podman does not report whether it listens without TLS.")
        known(facts.warnings, "Warnings")
        return passed({"Warnings": [], "endpoint": facts.endpoint_scheme})


def _addresses(text: str) -> list[str]:
    """The addresses one warning names, with the scheme that the engine gives them."""
    return [f"http://{plain}" if plain else f"https://{encrypted}" for plain, encrypted in _WARNED.findall(text)]


def _is_loopback(address: str) -> bool:
    name = address.partition("://")[2].rpartition(":")[0].strip("[]")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:  # a name that may lead anywhere, or nothing, which is every address
        return False
