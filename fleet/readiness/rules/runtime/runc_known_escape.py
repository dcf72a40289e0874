"""runc is the wall between a container and its host; some of its versions have known holes."""

from __future__ import annotations

from fleet.inventory import HostFacts
from fleet.inventory.versions import Version
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
    fail, the finding is unknown and says what upstream's release of that number has. Podman with crun is left out.

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
        host = subject.facts
        told = _told(host)
        if told is None and host.kind == "podman":
            return not_applicable("Podman uses another runtime than runc here.")
        evidence: dict[str, Json] = {"Components[runc].Version": told, "RuncCommit.ID": host.runc_commit}
        version = Version.parse(told) or Version.parse(host.runc_commit)
        if version is None:
            return unknown("The engine does not tell which runc it uses.", evidence)
        table = subject.around.tables.vulnerabilities
        escapes = [hole.id for hole in table.of("runc", version) if hole.escape]
        if not escapes:
            fresh = subject.around.table_freshness("vulnerabilities")
            return passed(evidence, f"As known on {table.as_of:%d %B %Y}.", freshness=fresh)
        if not (version.patched or _patched(host.runc_commit)):
            return failed(evidence, f"It has {', '.join(escapes)}.")
        return _of_distribution(subject, evidence, version, escapes)


def _of_distribution(subject: HostSubject, evidence: dict[str, Json], version: Version, escapes: list[str]) -> Outcome:
    """A distribution's build may have mended what its number denies: only its own changelog tells."""
    host, table = subject.facts, subject.around.tables.vulnerabilities
    build = table.build("runc", host.runc_commit, _told(host))
    number = ".".join(map(str, version.numbers))
    if build is None:
        return unknown(
            f"Upstream's runc {number} has {', '.join(escapes)}; whether this distribution's build has mended them, "
            "its security tracker says.",
            evidence,
        )
    left = [one for one in escapes if one not in build.fixed]
    proven = [one for one in left if one in build.affected]
    if proven:
        return failed(evidence, f"This distribution's build has {', '.join(proven)}.")
    if left:
        return unknown(f"Whether this distribution's build has mended {', '.join(left)} is not known.", evidence)
    fresh = subject.around.table_freshness("vulnerabilities")
    return passed(evidence, "This distribution's build has mended what upstream's has.", freshness=fresh)


def _told(host: HostFacts) -> str | None:
    for component in host.components or ():
        if component.name == "runc":
            return component.version
        if "(runc)" in component.name:  # podman puts the output of `runc --version` there
            return component.version.partition("runc version ")[2].partition("\n")[0] or component.version
    return None


def _patched(commit: str | None) -> bool:
    """Distributions put the package's version where upstream has a commit."""
    version = Version.parse(commit)
    return version is not None and version.patched
