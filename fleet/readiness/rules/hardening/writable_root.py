"""A container that cannot write to its own programs cannot be changed by whoever breaks in."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class WritableRoot(ContainerRule):
    """The container can write to its own program files.

    What it looks at:
    HostConfig.ReadonlyRootfs of the container. A container that is declared a build agent (label loadline.role=build)
    is left out: writing files is its work.

    Why it matters:
    Whoever breaks in installs tools, changes the program and plants what runs at the next start. On a read-only root
    none of it stays or even starts. It also keeps data out of the writable layer, where an update deletes it.

    How to fix:
    Start the container with --read-only, and give it a tmpfs for scratch files (/tmp, /run, often /var/cache/nginx)
    and a volume for what must stay. "docker diff NAME" on the running container lists every path it writes to today.

    What the fix may break:
    Programs that write beside their binaries, compile at start or keep a pid file under /var/run fail until that path
    is a tmpfs or a volume. A tmpfs counts against the memory limit and is empty after each restart.

    References:
    - CIS Docker 1.6.0 5.13
    - OWASP Docker Security Cheat Sheet, rule 8
    - NIST SP 800-190 4.4.4
    """

    title = "Root file system that can be written"
    good = "The container cannot write to its own program files."
    catalogue = "HRD-015"
    severity = Severity.MEDIUM
    facts = ("HostConfig.ReadonlyRootfs",)
    stages = PRODUCTION_ONLY
    linux_only = True
    remedy = Remedy(
        docker="docker run --read-only --tmpfs /tmp --tmpfs /run …",
        compose="read_only: true\ntmpfs: [/tmp, /run]",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        read_only = known(subject.facts.readonly_root, "HostConfig.ReadonlyRootfs")
        evidence = {"HostConfig.ReadonlyRootfs": read_only}
        if read_only:
            return passed(evidence)
        if "build" in subject.roles:
            return not_applicable("The container is declared a build agent: its role is build.", evidence)
        return failed(evidence)
