"""runc is the wall between a container and its host; some of its versions have known holes."""

from __future__ import annotations

from fleet.inventory.builds import Build, runc_of
from fleet.readiness.findings import Json, Outcome, failed, not_applicable, passed, unknown
from fleet.readiness.rule import EVERYWHERE, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity


class RuncKnownEscape(HostRule):
    """The runc on this host has a published flaw that lets a container break out.

    What it looks at:
    The runc component of /version and RuncCommit of /info, against the flaws published for runc: CVE-2019-5736,
    CVE-2023-27561, CVE-2024-21626 and the three of November 2025, CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881.
    A distribution's build, such as 1.1.5+ds1-1+deb12u1, may have the repair under the old number: when its number would
    fail and the table does not say what that very package has mended, the finding is unknown and says what upstream's
    release of that number has. Podman with crun is left out.

    Why it matters:
    With one of these, a prepared image or a process inside a container overwrites runc itself, keeps a handle on the
    host's file system or writes to the host's /proc, and from there is root on the host with every container on it. No
    setting of the container makes up for it; exploits are public.

    How to fix:
    Update the package that brings runc: containerd.io from Docker's repository, runc from a distribution's. Containers
    that run keep the old runc only for their next exec: restart them. Then see docker info for the version.
    For a distribution's build, look up the CVE numbers in its security tracker.

    What the fix may break:
    Updating containerd.io restarts containerd and, without live-restore, the containers. Newer runc is stricter about
    mounts over /proc and about symbolic links in images' mount targets.

    References:
    - https://github.com/opencontainers/runc/blob/main/CHANGELOG.md
    - NIST SP 800-190 4.4.1
    - OWASP Docker Security Cheat Sheet, rule 0
    """

    title = "runc with a known escape"
    good = "No escape is known for the runc on this host."
    catalogue = "RUN-003"
    severity = Severity.CRITICAL
    facts = ("Components[].Version", "RuncCommit.ID")
    stages = EVERYWHERE
    linux_only = True
    remedy = Remedy(
        docker="apt-get update && apt-get install --only-upgrade containerd.io   # or runc\nrunc --version",
        compose="# the host's packages, not the compose file; afterwards:\n# docker compose up --force-recreate -d",
    )

    def judge(self, subject: HostSubject) -> Outcome:
        host, table = subject.facts, subject.around.tables.vulnerabilities
        build = runc_of(host)
        if build is None and host.kind == "podman":
            return not_applicable("Podman uses another runtime than runc here.")
        evidence: dict[str, Json] = {
            "Components[runc].Version": build.text if build else None,
            "RuncCommit.ID": (build.package if build else None) or host.runc_commit,
        }
        if build is None or build.version is None:
            return unknown("The engine does not tell which runc it uses.", evidence)
        escapes = [hole.id for hole in table.of("runc", build.version) if hole.escape]
        if escapes and build.foreign:
            return _of_distribution(subject, evidence, build, escapes)
        if escapes:
            return failed(evidence, f"It has {', '.join(escapes)}.")
        unsettled = [hole.id for hole in table.unsettled("runc", build.version) if hole.escape]
        if unsettled:
            return unknown(f"Whether runc {build.number} has {', '.join(unsettled)} was not to be found.", evidence)
        fresh = subject.around.table_freshness("vulnerabilities")
        return passed(evidence, f"As known on {table.as_of:%d %B %Y}.", freshness=fresh)


def _of_distribution(subject: HostSubject, evidence: dict[str, Json], build: Build, escapes: list[str]) -> Outcome:
    """A distribution's build may have mended what its number denies: only its own changelog tells."""
    told = subject.around.tables.vulnerabilities.build("runc", build.package, build.text)
    left = [one for one in escapes if told is None or one not in told.fixed]
    proven = [one for one in left if told and one in told.affected]
    if proven:
        return failed(evidence, f"By its changelog, this distribution's build has not mended {', '.join(proven)}.")
    if left:
        return unknown(
            f"Upstream's runc {build.number} has {', '.join(left)}; whether this distribution's build has mended them, "
            "its security tracker says.",
            evidence,
        )
    fresh = subject.around.table_freshness("vulnerabilities")
    return passed(evidence, "This distribution's build has mended what upstream's has.", freshness=fresh)
