"""Who may read everything of an engine can read every file in its containers."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import EVERYWHERE, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

_REFUSED = frozenset({401, 403, 405})
_ANSWERED = frozenset({200, 404})  # 200: there is a container of that very name


class UnfilteredEndpoint(HostRule):
    """The address by which Loadline reaches the engine lets any request through, not just the few that it needs.

    What it looks at:
    The answer to one harmless question, once a day: HEAD of the archive of a container whose id is sixty-four zeros.
    404 is the engine's own answer, so a reader could also ask for the files of a container that is there; 403 or 405 is
    the refusal of a proxy or of an authorization plugin. An address that does not leave the machine, a unix socket or a
    loopback address, is left out.

    Why it matters:
    Loadline sends only what is on its own list. Whoever steals its key is not bound by that: a plain GET hands out
    files of any container, a swarm's join tokens and its unlock key, and a POST the whole host.

    How to fix:
    Put a proxy before the socket that knows whole paths, as the one named below does, and let Loadline reach nothing
    else: over TLS, or over ssh with an account whose DOCKER_HOST is the proxy's socket. It has to refuse with 403 or
    405. A proxy that opens everything under /containers at once does not help: the files of every container are there.

    What the fix may break:
    Other tools that use the same address; give them their own.

    References:
    - OWASP Docker Security Cheat Sheet, rule 1
    - NIST SP 800-190 4.3.1
    """

    title = "Engine address without a filter"
    good = "A proxy lets only the requests through that Loadline needs."
    catalogue = "HRD-028"
    severity = Severity.HIGH
    facts = ("HEAD /containers/{id}/archive",)
    stages = EVERYWHERE
    remedy = Remedy(
        docker="docker run -d -v /var/run/docker.sock:/var/run/docker.sock:ro -v /run/loadline:/run/loadline "
        "wollomatic/socket-proxy:1 -proxysocketendpoint=/run/loadline/engine.sock "
        r"'-allowGET=(/v1\.\d+)?/(_ping|version|info|events|containers/([^/]+/)?json|images/(.+/)?json"
        r"|images/.+/attestations|(networks|volumes)(/[^/]+)?|plugins|services|tasks|nodes|system/df)'",
        compose="# a filtering proxy beside the engine, not a setting of the engine: see the command",
    )

    def judge(self, subject: HostSubject) -> Outcome:
        host = subject.facts
        scheme = known(host.endpoint_scheme, "the scheme of its address")
        if scheme == "unix" or host.endpoint_loopback:
            return not_applicable("The address does not leave the machine.")
        status = host.archive_probe
        if status is None:
            return unknown("Whether a proxy filters has not been found out yet.")
        evidence = {"HEAD /containers/{id}/archive": status}
        if status in _REFUSED:
            return passed(evidence)
        if status in _ANSWERED:
            return failed(evidence)
        return unknown("Neither an engine nor a filter answers like that.", evidence)
