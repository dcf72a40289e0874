"""An engine without fixes is an open door with a date on it."""

from __future__ import annotations

from datetime import timedelta

from fleet.inventory.versions import Version
from fleet.readiness.findings import Outcome, failed, known, passed, unknown
from fleet.readiness.rule import HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

_LONG_AGO = timedelta(days=365)


class EngineEndOfLife(HostRule):
    """The engine's branch gets no fixes any more.

    What it looks at:
    ServerVersion of the engine against the table of support windows. A version with a distribution's suffix, such as
    20.10.24+dfsg1, is maintained by that distribution: then its own support window decides, by OperatingSystem.

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
    facts = ("ServerVersion", "OperatingSystem")
    remedy = Remedy(
        docker="apt-get update && apt-get install --only-upgrade docker-ce docker-ce-cli containerd.io",
        compose="# the host's packages, not the compose file",
    )

    def judge(self, subject: HostSubject) -> Outcome:
        host, around = subject.facts, subject.around
        text = known(host.engine_version, "ServerVersion")
        version = Version.parse(text)
        evidence = {"ServerVersion": text}
        if version is None:
            return unknown("This is no version that the table could have.", evidence)
        component = "podman" if host.kind == "podman" else "engine"
        if version.patched and version.candidate is None:
            return _vendor_maintained(subject, evidence)
        found = around.tables.components.branch(component, version)
        if found is None:
            return unknown(f"The table of {around.tables.components.as_of:%d %B %Y} does not have it.", evidence)
        branch, end = found
        today = around.now.date()
        if end is None or today <= end:
            until = f" until {end:%d %B %Y}" if end else ""
            fresh = around.table_freshness("components")
            return passed(evidence, f"Branch {branch} gets fixes{until}.", freshness=fresh)
        severity = Severity.CRITICAL if today - end > _LONG_AGO else None
        return failed(evidence, f"Branch {branch} got its last fixes by {end:%d %B %Y}.", severity=severity)


def _vendor_maintained(subject: HostSubject, evidence: dict[str, str]) -> Outcome:
    """The distribution mends it for as long as it mends itself; what that means for this host another rule judges."""
    host, around = subject.facts, subject.around
    name = known(host.operating_system, "OperatingSystem")
    support = around.tables.systems.support(name, host.os_version)
    if support is None:
        return unknown("A distribution maintains this build, and how long it does is not in the table.", evidence)
    end = support.extended or support.standard
    told = f"Maintained by {support.product} {support.version} until {end:%d %B %Y}."
    if around.now.date() <= end:
        return passed(evidence, told, freshness=around.table_freshness("systems"))
    return failed(evidence, f"{support.product} {support.version}, which maintained it, ended on {end:%d %B %Y}.")
