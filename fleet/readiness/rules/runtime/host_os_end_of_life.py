"""Containers share the host's kernel; when its maker stops mending it, nobody does."""

from __future__ import annotations

from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity
from fleet.tables.support import NOT_TOLD, Window, system_window


class HostOsEndOfLife(HostRule):
    """The operating system of the host gets no security fixes any more, or only by a special arrangement.

    What it looks at:
    OperatingSystem and OSVersion of /info, against the published end of support of Debian, Ubuntu, Red Hat Enterprise
    Linux and its relatives, SUSE, Alpine, Fedora, Amazon Linux, Container-Optimized OS and Windows Server. While only
    long-term or paid support goes on (LTS, ESM, ELS), it is judged medium: the API does not tell whether this host
    takes part in it. Systems that are not in the table are unknown. Docker Desktop is left out.

    Why it matters:
    A flaw in the kernel is a way out of every container on the host, and after the end of support such flaws are
    published but not mended. The engine's own packages for that system stop as well, so that the engine ages with it.

    How to fix:
    Move the containers to a host with a supported system, which is safer than to upgrade in place: add the new host,
    start the services there, then remove the old one. Until then, take part in extended support where there is one.

    What the fix may break:
    A newer system may bring cgroup v2, nftables and another storage driver; images built for cgroup v1 (old Java, old
    systemd) must be tried first. Volumes of the driver local stay behind on the old host: copy them.

    References:
    - https://endoflife.date
    - CIS Docker 1.6.0 1.2.1
    - NIST SP 800-190 4.5.1 and 4.5.3
    - OWASP Docker Security Cheat Sheet, rule 0
    """

    title = "Host operating system past its end of life"
    good = "The host's operating system gets security fixes."
    catalogue = "RUN-005"
    severity = Severity.HIGH
    facts = ("OperatingSystem", "OSVersion")
    remedy = Remedy(
        docker="docker node update --availability drain OLD   # swarm: move the services first\ndo-release-upgrade",
        compose="# the host's system, not the compose file; on the new host:\n# docker compose up -d",
    )

    def judge(self, subject: HostSubject) -> Outcome:
        host, today = subject.facts, subject.around.now.date()
        name = known(host.operating_system, "OperatingSystem")
        evidence: dict[str, Json] = {"OperatingSystem": name, "OSVersion": host.os_version}
        if "docker desktop" in name.lower():
            return not_applicable("Docker Desktop brings its own system, on a developer's machine.", evidence)
        window = system_window(host, subject.around.tables) or Window(component="system", reason=NOT_TOLD)
        if window.reason:
            return unknown(window.reason, evidence)
        if not window.over(today):
            fresh = subject.around.table_freshness("systems")
            return passed(evidence, f"{window.name} is supported until {window.end:%d %B %Y}.", freshness=fresh)
        if window.long_term(today):
            return failed(
                evidence,
                f"Support of {window.name} ended on {window.end:%d %B %Y}; "
                f"long-term or paid support goes on until {window.extended:%d %B %Y}.",
                severity=Severity.MEDIUM,
            )
        return failed(evidence, f"Support of {window.name} ended on {window.last:%d %B %Y}.")
