"""Ports under 1024 are the ones that people type without a number; they belong to the edge."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_LIMIT = 1024


class PrivilegedPort(ContainerRule):
    """A service that is no edge takes a port of the host below 1024.

    What it looks at:
    The host's side of NetworkSettings.Ports: PublicPort in the list of containers. Numbers under 1024 may be bound by
    root alone; the engine binds them for any container that asks.

    Why it matters:
    Such a port stands for a well-known service of the host itself. A container that takes 22, 25, 53 or 443 answers in
    its place, and a host has each of them once: a second service on it cannot be placed there any more.

    How to fix:
    Publish on a number from 1024 on and let the proxy at the edge forward to it. A container that is the edge says so
    with the label loadline.role=edge.

    What the fix may break:
    Callers that rely on the default port of a protocol need the number, or a name that the proxy knows.

    References:
    - CIS Docker 1.6.0 5.8
    """

    title = "Privileged host port used by a service that is no edge"
    good = "It takes no port of the host below 1024."
    catalogue = "NET-003"
    severity = Severity.LOW
    facts = ("NetworkSettings.Ports", "Ports[].PublicPort")
    remedy = Remedy(docker="docker run -p 8443:443 …", compose='ports: ["8443:443"]')

    def judge(self, subject: ContainerSubject) -> Outcome:
        ports = known(subject.facts.ports, "NetworkSettings.Ports")
        if not ports:
            return not_applicable("It publishes no port.")
        if "edge" in subject.roles:
            return not_applicable("Its role is edge, and these ports are the edge's.")
        low = sorted({port.host_port for port in ports if port.host_port is not None and 0 < port.host_port < _LIMIT})
        return failed({"Ports[].PublicPort": low}) if low else passed()
