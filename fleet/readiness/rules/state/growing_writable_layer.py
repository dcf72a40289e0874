"""What a program writes beside its data is lost with the container, and fills the host meanwhile."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_MIB = 1024 * 1024
_LIMIT = 100 * _MIB
#: Sizes are told in steps of this, so that evidence does not move with every line of a log.
_STEP = 50 * _MIB


class GrowingWritableLayer(ContainerRule):
    """The container keeps more than 100 MiB in its own writable layer.

    What it looks at:
    SizeRw of the container, which the engine works out by walking the layer; Loadline asks for it once a day. With
    HostConfig.ReadonlyRootfs there is no such layer to write to. The size is told in steps of 50 MiB.

    Why it matters:
    The layer is deleted with the container, so whatever is in it is lost at the next deployment: uploads, caches that
    take hours to fill, or a database that nobody knew was one. Until then it grows on the host's own disk without any
    limit, and a full disk stops every container there.

    How to fix:
    Find out what is written, docker diff lists it. Put what has to be kept on a volume, what need not on a tmpfs, and
    start the container read-only so that nothing new comes up unseen. Send logs to standard output.

    What the fix may break:
    A read-only root stops programs that write beside their binaries until each such path has a mount.

    References:
    - Goes further than CIS Docker 5.13
    - OWASP Docker Security Cheat Sheet, rule 8
    - https://docs.docker.com/engine/storage/drivers/
    """

    title = "State accumulating in the writable layer"
    good = "It keeps next to nothing in its writable layer."
    catalogue = "STO-003"
    severity = Severity.MEDIUM
    facts = ("SizeRw", "HostConfig.ReadonlyRootfs")
    bound_to = ("HostConfig.ReadonlyRootfs",)
    remedy = Remedy(
        docker="docker run --read-only --tmpfs /tmp -v data:/data …",
        compose="read_only: true\ntmpfs: [/tmp]\nvolumes: [data:/data]",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        if subject.facts.readonly_root:
            return not_applicable("Its root file system is read-only.")
        size = known(subject.facts.size_rw, "SizeRw")
        if size <= _LIMIT:
            return passed()
        evidence = {"SizeRw": f"more than {size // _STEP * _STEP // _MIB} MiB", "HostConfig.ReadonlyRootfs": False}
        keeps = subject.datastore
        return failed(evidence, severity=Severity.HIGH) if keeps else failed(evidence)
