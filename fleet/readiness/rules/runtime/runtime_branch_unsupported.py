"""Below the engine stand two programs that start every container, with support windows of their own."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity
from fleet.tables.support import below_windows


class RuntimeBranchUnsupported(HostRule):
    """The branch of containerd or runc on the host gets no fixes any more.

    What it looks at:
    Version of the components containerd and runc in Components[] of /version, with RuncCommit and ContainerdCommit of
    /info, against the table of support windows. Distributions' builds, told by their suffix, are maintained by the
    distribution, and nothing here says how long: the finding is then unknown, with upstream's end as a hint. Podman
    with crun is left out.

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
    facts = ("Components[].Version", "ContainerdCommit.ID", "RuncCommit.ID")
    linux_only = True
    remedy = Remedy(
        docker="apt-get update && apt-get install --only-upgrade containerd.io",
        compose="# the host's packages, not the compose file",
    )

    def judge(self, subject: HostSubject) -> Outcome:
        host, around = subject.facts, subject.around
        known(host.components, "Components")
        windows = below_windows(host, around.tables)
        if host.kind == "podman" and not windows:
            return not_applicable("Podman uses another runtime than runc here.")
        evidence = {f"Components[{one.component}].Version": one.text for one in windows}
        wanted = ("runc",) if host.kind == "podman" else ("containerd", "runc")
        missing = [name for name in wanted if name not in {one.component for one in windows}]
        today = around.now.date()
        ended, unsure = [], [f"The engine does not tell which {' and '.join(missing)} it uses."] if missing else []
        for window in windows:
            over = f"{window.component} {window.name} ended by {window.end:%d %B %Y}" if window.over(today) else ""
            if window.vendor:
                hint = f"; upstream's {over}" if over else ""
                unsure.append(f"{window.reason}{hint}.")
            elif window.reason:
                unsure.append(window.reason)
            elif over:
                ended.append(f"Upstream's {over}.")
        if ended:
            return failed(evidence, " ".join(ended))
        if unsure:
            return unknown(" ".join(unsure), evidence)
        return passed(evidence, freshness=around.table_freshness("components"))
