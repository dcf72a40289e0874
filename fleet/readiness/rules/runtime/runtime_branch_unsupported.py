"""Below the engine stand two programs that start every container, with support windows of their own."""

from __future__ import annotations

from datetime import date

from fleet.inventory.builds import containerd_of, runc_of
from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity


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
        told = {"containerd": containerd_of(host), "runc": runc_of(host)}
        if host.kind == "podman":
            del told["containerd"]
            if told["runc"] is None:
                return not_applicable("Podman uses another runtime than runc here.")
        builds = [build for build in told.values() if build]
        evidence = {f"Components[{one.component}].Version": one.package or one.text for one in builds}
        missing = [name for name, build in told.items() if build is None]
        today = around.now.date()
        ended, unsure = [], [f"The engine does not tell which {' and '.join(missing)} it uses."] if missing else []
        for build in builds:
            found = around.tables.components.branch(build.component, build.version) if build.version else None
            over = f"{build.component} {found[0]} ended by {found[1]:%d %B %Y}" if found and _over(found, today) else ""
            if build.foreign:
                hint = f"; upstream's {over}" if over else ""
                unsure.append(
                    f"How long this distribution's build of {build.component} is maintained is unknown{hint}."
                )
            elif found is None:
                unsure.append(f"The table of {around.tables.components.as_of:%d %B %Y} lacks this {build.component}.")
            elif over:
                ended.append(f"Upstream's {over}.")
        if ended:
            return failed(evidence, " ".join(ended))
        if unsure:
            return unknown(" ".join(unsure), evidence)
        return passed(evidence, freshness=around.table_freshness("components"))


def _over(branch: tuple[str, date | None], today: date) -> bool:
    return branch[1] is not None and today > branch[1]
