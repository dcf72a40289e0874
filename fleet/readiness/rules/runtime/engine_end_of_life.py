"""An engine without fixes is an open door with a date on it."""

from __future__ import annotations

from datetime import timedelta

from fleet.inventory.builds import engine_of
from fleet.readiness.findings import Json, Outcome, failed, known, passed, unknown
from fleet.readiness.rule import HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity
from fleet.tables.support import Window, engine_window

_LONG_AGO = timedelta(days=365)


class EngineEndOfLife(HostRule):
    """The engine's branch gets no fixes any more.

    What it looks at:
    ServerVersion of the engine against the table of support windows. A build that a distribution maintains is told by
    its suffix, such as 20.10.24+dfsg1, or by a package's version in GitCommit, such as 24.0.7-0ubuntu4: then the
    distribution's own support window decides, by OperatingSystem and OSVersion. While only long-term or paid support
    goes on it is judged medium, and an end more than a year ago critical.

    Why it matters:
    Holes of the engine are holes of the host: it runs as root and makes every container. After the end nobody mends
    them, and clients, plugins and new kernels stop being tried with it.

    How to fix:
    Upgrade the packages, one major version at a time where the release notes ask for it. In a swarm drain a node,
    upgrade it and bring it back, managers first.

    What the fix may break:
    Containers restart unless live restore is on. Newer engines refuse old API versions and have dropped storage drivers
    such as aufs and devicemapper.

    References:
    - CIS Docker 1.6.0 1.2.2
    - NIST SP 800-190 4.5.3
    - https://github.com/moby/moby/blob/master/project/BRANCHES-AND-TAGS.md
    """

    title = "Engine past its end of life"
    good = "The engine's branch gets fixes."
    catalogue = "RUN-001"
    severity = Severity.HIGH
    facts = ("ServerVersion", "GitCommit", "OperatingSystem", "OSVersion")
    remedy = Remedy(
        docker="apt-get update && apt-get install --only-upgrade docker-ce docker-ce-cli containerd.io",
        compose="# the host's packages, not the compose file",
    )

    def judge(self, subject: HostSubject) -> Outcome:
        host, around = subject.facts, subject.around
        today = around.now.date()
        window = known(engine_window(host, around.tables, today), "ServerVersion")
        evidence: dict[str, Json] = {"ServerVersion": window.text}
        if (build := engine_of(host)) and build.package:
            evidence["GitCommit"] = build.package
        if window.vendor:
            return _vendor_maintained(subject, evidence, window)
        if window.reason:
            return unknown(window.reason, evidence)
        if not window.over(today):
            until = f" until {window.end:%d %B %Y}" if window.end else ""
            fresh = around.table_freshness("components")
            return passed(evidence, f"Branch {window.name} gets fixes{until}.", freshness=fresh)
        return _ended(subject, evidence, window, f"Branch {window.name} got its last fixes by {window.end:%d %B %Y}.")


def _vendor_maintained(subject: HostSubject, evidence: dict[str, Json], window: Window) -> Outcome:
    """The distribution mends it for as long as it mends itself."""
    known(subject.facts.operating_system, "OperatingSystem")
    if window.reason:
        return unknown(window.reason, evidence)
    system, today = window.name, subject.around.now.date()
    if not window.over(today):
        fresh = subject.around.table_freshness("systems")
        return passed(evidence, f"Vendor-maintained: by {system} until {window.end:%d %B %Y}.", freshness=fresh)
    if window.long_term(today):
        return failed(
            evidence,
            f"Vendor-maintained, by {system}: that for everybody ended on {window.end:%d %B %Y}, long-term or "
            f"paid support goes on until {window.extended:%d %B %Y}.",
            severity=Severity.MEDIUM,
        )
    return _ended(subject, evidence, window, f"{system}, which maintained it, ended on {window.last:%d %B %Y}.")


def _ended(subject: HostSubject, evidence: dict[str, Json], window: Window, reason: str) -> Outcome:
    long_ago = window.last is not None and subject.around.now.date() - window.last > _LONG_AGO
    return failed(evidence, reason, severity=Severity.CRITICAL if long_ago else None)
