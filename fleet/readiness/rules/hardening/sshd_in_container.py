"""A second door with a lock of its own, beside the one that is watched."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class SshdInContainer(ContainerRule):
    """An ssh server runs in the container.

    What it looks at:
    22/tcp in Config.ExposedPorts, and sshd in the command that is started (Path and Args; the arguments are looked at
    while they are read and not kept). Processes started later are not asked for.

    Why it matters:
    Keys and passwords for it are baked into the image or kept on a volume, nobody rotates them, and who comes in by it
    appears in no log of the engine.

    How to fix:
    Take it out; docker exec and docker logs do what it was for, under the engine's own permissions. A bastion host says
    so with the label loadline.role=bastion.

    What the fix may break:
    Scripts that copy files by scp need a volume or docker cp.

    References:
    - CIS Docker 1.6.0 5.7
    """

    title = "ssh server in the container"
    good = "No ssh server runs in it."
    catalogue = "HRD-025"
    severity = Severity.MEDIUM
    facts = ("Config.ExposedPorts", "Path")
    remedy = Remedy(
        docker="docker exec -it NAME sh   # instead of ssh", compose="# no sshd in command: and no 22 in expose:"
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        if "bastion" in subject.roles:
            return not_applicable("Its role is bastion.")
        found: dict[str, Json] = {}
        if "22/tcp" in known(subject.facts.exposed_ports, "Config.ExposedPorts"):
            found["Config.ExposedPorts"] = "22/tcp"
        if known(subject.facts.runs_sshd, "Path"):
            found["Path"] = "sshd"
        return failed(found) if found else passed()
