"""Who may read everything of an engine can read every file in its containers."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import EVERYWHERE, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

_REFUSED = frozenset({401, 403, 405})
_ANSWERED = 404


class UnfilteredEndpoint(HostRule):
    """The address by which Loadline reaches the engine lets any request through, not just the few that it needs.

    What it looks at:
    The answer to one harmless question, once a day: HEAD of the archive of a container whose id is sixty-four zeros. 404 is
    the engine's own answer, so a reader could also ask for the files of a container that is there; 403 is a proxy's. An
    endpoint that does not leave the machine, a unix socket or a loopback address, is left out.

    Why it matters:
    Loadline sends only what is on its own list. Whoever steals its key is not bound by that: a plain GET hands out
    files of any container, a swarm's join tokens and its unlock key, and a POST the whole host.

    How to fix:
    Put a proxy before the socket that lets GET through for the addresses in docs/security.md and nothing else, and let
    Loadline reach that alone.

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
        docker="docker run -d -e CONTAINERS=1 -e IMAGES=1 -e INFO=1 -e NETWORKS=1 -e VOLUMES=1 -e POST=0 "
        "-v /var/run/docker.sock:/var/run/docker.sock:ro docker-socket-proxy",
        compose="# a filtering proxy on the host; its allow list is in docs/security.md",
    )

    def judge(self, subject: HostSubject) -> Outcome:
        host = subject.facts
        scheme = known(host.endpoint_scheme, "the scheme of its address")
        if scheme == "unix" or host.endpoint_loopback:
            return not_applicable("The address does not leave the machine.")
        status = host.archive_probe
        evidence = {"HEAD /containers/{id}/archive": status}
        if status in _REFUSED:
            return passed(evidence)
        return (
            failed(evidence) if status == _ANSWERED else unknown("The question was not answered as expected.", evidence)
        )
