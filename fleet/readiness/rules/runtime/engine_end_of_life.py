"""An engine without fixes is an open door with a date on it."""

from __future__ import annotations

import re
from datetime import date, timedelta

from fleet.inventory.builds import Build, engine_of
from fleet.readiness.findings import Json, Outcome, failed, known, passed, unknown
from fleet.readiness.rule import HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity
from fleet.tables.shapes import Support

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
        build = known(engine_of(host), "ServerVersion")
        evidence: dict[str, Json] = {"ServerVersion": build.text}
        if build.package:
            evidence["GitCommit"] = build.package
        if build.version is None:
            return unknown("This is no version that the table could have.", evidence)
        if build.foreign:
            return _vendor_maintained(subject, evidence, build)
        found = around.tables.components.branch(build.component, build.version)
        if found and (found[1] is None or around.now.date() <= found[1]):
            until = f" until {found[1]:%d %B %Y}" if found[1] else ""
            fresh = around.table_freshness("components")
            return passed(evidence, f"Branch {found[0]} gets fixes{until}.", freshness=fresh)
        if build.component == "podman" and _support(subject):
            # Podman's makers publish no packages for Linux: a number without a suffix is a distribution's as well.
            return _vendor_maintained(subject, evidence, build)
        if found is None or found[1] is None:
            return unknown(f"The table of {around.tables.components.as_of:%d %B %Y} does not have it.", evidence)
        return _ended(subject, evidence, found[1], f"Branch {found[0]} got its last fixes by {found[1]:%d %B %Y}.")


def _vendor_maintained(subject: HostSubject, evidence: dict[str, Json], build: Build) -> Outcome:
    """The distribution mends it for as long as it mends itself."""
    known(subject.facts.operating_system, "OperatingSystem")
    support = _support(subject)
    if support is None:
        return unknown("A distribution maintains this build, and how long it does is not in the table.", evidence)
    system = f"{support.product} {support.version}"
    if build.suffix and not (support.builds and re.search(support.builds, build.suffix)):
        return unknown(f"Somebody else than upstream and {support.product} has built it.", evidence)
    today = subject.around.now.date()
    if today <= support.standard:
        fresh = subject.around.table_freshness("systems")
        told = f"Vendor-maintained: by {system} until {support.standard:%d %B %Y}."
        return passed(evidence, told, freshness=fresh)
    if support.extended and today <= support.extended:
        return failed(
            evidence,
            f"Vendor-maintained, by {system}: that for everybody ended on {support.standard:%d %B %Y}, long-term or "
            f"paid support goes on until {support.extended:%d %B %Y}.",
            severity=Severity.MEDIUM,
        )
    end = support.extended or support.standard
    return _ended(subject, evidence, end, f"{system}, which maintained it, ended on {end:%d %B %Y}.")


def _support(subject: HostSubject) -> Support | None:
    host = subject.facts
    return subject.around.tables.systems.support(host.operating_system or "", host.os_version)


def _ended(subject: HostSubject, evidence: dict[str, Json], end: date, reason: str) -> Outcome:
    long_ago = subject.around.now.date() - end > _LONG_AGO
    return failed(evidence, reason, severity=Severity.CRITICAL if long_ago else None)
