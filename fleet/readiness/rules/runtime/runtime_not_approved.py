"""Whatever starts the container decides what the walls around it are made of."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class RuntimeNotApproved(ContainerRule):
    """The container is started by a runtime that nobody approved.

    What it looks at:
    HostConfig.Runtime or, where it is empty, DefaultRuntime of the engine, against approved_runtimes of the policy:
    runc, crun, youki, gVisor, Kata and NVIDIA's to begin with.

    Why it matters:
    A runtime is a program that runs as root for every container. One that does not follow the OCI specification ties
    the service to this host, and one that nobody knows may keep none of the promises that the other rules count on.

    How to fix:
    Start the container with an approved runtime, or let an admin add this one to the policy.

    What the fix may break:
    Devices and isolation that only that runtime gives, such as GPUs or a kernel of its own.

    References:
    - https://github.com/opencontainers/runtime-spec
    - NIST SP 800-190 4.4.1
    """

    title = "Runtime that nobody approved"
    good = "An approved OCI runtime starts it."
    catalogue = "RUN-006"
    severity = Severity.MEDIUM
    facts = ("HostConfig.Runtime", "DefaultRuntime")
    linux_only = True
    remedy = Remedy(docker="docker run --runtime runc …", compose="runtime: runc")

    def judge(self, subject: ContainerSubject) -> Outcome:
        host = subject.around.host
        if host.kind == "podman":
            return not_applicable("Podman reports its runtime as oci, whichever it is.")
        runtime = known(subject.facts.runtime, "HostConfig.Runtime") or known(host.default_runtime, "DefaultRuntime")
        evidence = {"HostConfig.Runtime": runtime}
        return passed(evidence) if runtime in subject.around.policy.approved_runtimes else failed(evidence)
