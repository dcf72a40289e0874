"""A certificate that lasts for years is a stolen one that lasts for years."""

from __future__ import annotations

from datetime import timedelta

from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

_LONGEST = 90 * 24 * 3600
_ROOT_LEFT = timedelta(days=365)


class SwarmCertificates(HostRule):
    """Nodes of the swarm keep their certificates for longer than ninety days, or its root is about to end.

    What it looks at:
    CAConfig.NodeCertExpiry of Swarm.Cluster.Spec in /info, RootRotationInProgress, and the end of the root certificate
    in TLSInfo.TrustRoot.

    Why it matters:
    A node that was removed, or a disk that was thrown away, can join as itself for as long as its certificate lasts.
    When the root ends, no node trusts another any more.

    How to fix:
    Let certificates end after a month, and rotate the root once a year. A rotation that does not end waits for a node
    that is down: remove it.

    What the fix may break:
    A node that is off for longer than its certificate lasts has to join anew.

    References:
    - CIS Docker 1.6.0 7.7
    - CIS Docker 1.6.0 7.8
    """

    title = "Swarm certificates that last too long"
    good = "Certificates in the swarm are short-lived, and its root is far from its end."
    catalogue = "HRD-023"
    severity = Severity.LOW
    facts = ("CAConfig.NodeCertExpiry", "RootRotationInProgress", "TLSInfo.TrustRoot")
    stages = PRODUCTION_ONLY
    remedy = Remedy(docker="docker swarm update --cert-expiry 720h", compose="# the cluster, not the compose file")

    def judge(self, subject: HostSubject) -> Outcome:
        swarm = subject.facts.swarm
        if swarm is None or swarm.state in {None, "inactive"}:
            return not_applicable("It is in no swarm.")
        if not swarm.control_available:
            return unknown("Only a manager tells.")
        expiry = known(swarm.certificate_expiry, "CAConfig.NodeCertExpiry")
        wrong: dict[str, Json] = {}
        numbers = []
        if expiry > _LONGEST:
            wrong["CAConfig.NodeCertExpiry"] = f"{expiry / 3600:.0f}h"
            numbers.append("7.7")
        end = swarm.root_certificate_expires
        if end is not None and end - subject.around.now < _ROOT_LEFT:
            wrong["TLSInfo.TrustRoot"] = f"ends on {end:%d %B %Y}"
            numbers.append("7.8")
        if wrong:
            return failed(wrong, cis=tuple(numbers))
        return passed({"CAConfig.NodeCertExpiry": f"{expiry / 3600:.0f}h"})
