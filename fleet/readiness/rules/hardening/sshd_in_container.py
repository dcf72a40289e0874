"""An SSH server in a container is a second way in that nobody keeps the keys of."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_PORT = "22/tcp"


class SshdInContainer(ContainerRule):
    """The container runs an SSH server, or offers its port.

    What it looks at:
    Config.ExposedPorts for 22/tcp, which published ports are a part of, and the container's command line (Path and
    Args) for sshd. A server that an entry point starts later is not seen, since the engine would have to look
    inside. A container that is declared a bastion (label loadline.role=bastion) is left out: SSH is its work.

    Why it matters:
    It needs passwords or keys that live in the image or a volume, are shared by everybody and outlive the people who
    leave. Who logged in and what they changed is in no log of the platform, and whatever they changed is gone with the
    container. It is also one more program on the network to keep patched.

    How to fix:
    Remove the server from the image and its port from EXPOSE. To look inside use docker exec, for logs docker logs,
    for files a volume. Let people reach the host through a bastion with keys of their own. Services that speak SSH
    by nature, such as Git servers, declare the role bastion or listen on another port.

    What the fix may break:
    Scripts and people that log in at the container's port 22 need another way. Deployments that copy files in through
    SSH have to build an image instead.

    References:
    - CIS Docker 1.6.0 5.7
    - NIST SP 800-190 4.1.2
    """

    title = "SSH server in a container"
    good = "The container offers no SSH."
    catalogue = "HRD-025"
    severity = Severity.MEDIUM
    facts = ("Config.ExposedPorts", "Path", "Args")
    remedy = Remedy(
        docker="docker run …   # an image without EXPOSE 22 and sshd; to look inside: docker exec -it web sh",
        compose='command: ["/app/server"]   # not sshd; no port 22 under ports and expose',
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        ports, runs = subject.facts.exposed_ports, subject.facts.runs_sshd
        evidence: dict[str, Json] = {}
        if ports and _PORT in ports:
            evidence["Config.ExposedPorts"] = [_PORT]
        if runs:
            evidence["Args"] = "sshd"
        if evidence:
            if "bastion" in subject.roles:
                return not_applicable("The container is declared a bastion: its role says so.", evidence)
            return failed(evidence)
        known(ports, "Config.ExposedPorts")
        known(runs, "Args")
        return passed()
