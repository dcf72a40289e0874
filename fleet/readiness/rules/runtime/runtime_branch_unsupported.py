"""Below the engine stand two programs that start every container, with support windows of their own."""

from __future__ import annotations

from fleet.inventory.versions import Version
from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

_COMPONENTS = ("containerd", "runc")


class RuntimeBranchUnsupported(HostRule):
    """The branch of containerd or runc on the host gets no fixes any more.

    What it looks at:
    Version of the components containerd and runc in Components[] of /version, against the table of support windows.
    Distributions' builds, told by their suffix, are maintained by the distribution, and the finding is unknown where
    nothing says how long.

    Why it matters:
    The engine's own packages may be new while the runtime under them was installed by something else and forgotten.
    Escapes are found in runc, and mended on its living branches only.

    How to fix:
    Upgrade the package containerd.io, which brings runc along, or the distribution's containerd and runc.

    What the fix may break:
    Running containers keep their old runtime until they are restarted.

    References:
    - https://github.com/containerd/containerd/blob/main/RELEASES.md
    - https://github.com/opencontainers/runc/blob/main/RELEASES.md
    - NIST SP 800-190 4.4.1
    """

    title = "Branch of containerd or runc without support"
    good = "The branches of containerd and runc get fixes."
    catalogue = "RUN-002"
    severity = Severity.MEDIUM
    facts = ("Components[].Version",)
    linux_only = True
    remedy = Remedy(
        docker="apt-get update && apt-get install --only-upgrade containerd.io",
        compose="# the host's packages, not the compose file",
    )

    def judge(self, subject: HostSubject) -> Outcome:
        around = subject.around
        components = known(subject.facts.components, "Components")
        told = {one.name: one.version for one in components if one.name in _COMPONENTS}
        if not told and subject.facts.kind == "podman":
            return not_applicable("Podman brings a runtime of its own.")
        if not told:
            return unknown("The engine does not tell which containerd and runc it uses.")
        evidence: dict[str, Json] = {f"Components[{name}].Version": text for name, text in told.items()}
        ended, unsure = [], []
        for name, text in told.items():
            version = Version.parse(text)
            own = subject.facts.runc_commit if name == "runc" else subject.facts.containerd_commit
            if version is None or version.patched or _patched(own):
                unsure.append(name)
                continue
            found = around.tables.components.branch(name, version)
            if found is None:
                unsure.append(name)
            elif found[1] is not None and around.now.date() > found[1]:
                ended.append(f"{name} {found[0]} ended on {found[1]:%d %B %Y}")
        if ended:
            return failed(evidence, f"{'; '.join(ended)}.")
        if unsure:
            return unknown(f"How long {' and '.join(unsure)} of this build are maintained is not known.", evidence)
        return passed(evidence, freshness=around.table_freshness("components"))


def _patched(commit: str | None) -> bool:
    version = Version.parse(commit)
    return version is not None and version.patched
