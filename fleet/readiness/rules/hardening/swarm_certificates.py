"""A swarm is as closed as its certificates are fresh."""

from __future__ import annotations

from datetime import timedelta

from fleet.inventory import SwarmFacts
from fleet.readiness.findings import Json, Outcome, failed, known, not_applicable, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

LONGEST = timedelta(days=90)  # the engine's own choice
LAST_YEAR = timedelta(days=365)
_EXPIRY = "Swarm.Cluster.Spec.CAConfig.NodeCertExpiry"
_ROOT = "Swarm.Cluster.TLSInfo.TrustRoot"
_ROTATION = "Swarm.Cluster.RootRotationInProgress"


class SwarmCertificates(HostRule):
    """The swarm's nodes keep their certificates for too long, or its root certificate nears its end.

    What it looks at:
    Swarm.Cluster in the engine's info, on managers: Spec.CAConfig.NodeCertExpiry above 90 days, and
    TLSInfo.TrustRoot when it ends within a year. RootRotationInProgress means that nodes are just getting new
    certificates. The engine does not tell since when, so it is unknown as long as it lasts: minutes, unless a node is
    unreachable. It does not apply to workers, which give out none.

    Why it matters:
    A node's certificate is its ticket to the swarm, and there is no list of tickets that were called back. One copied
    from a backup or a retired machine is good until it expires. When the root ends, all nodes lose each other at
    once, and on that day nobody can join a replacement.

    How to fix:
    docker swarm update --cert-expiry 720h makes nodes renew within a month, by themselves. Renew the root with
    docker swarm ca --rotate while every node is up, and remove nodes that are gone with docker node rm, because a
    rotation waits for each of them.

    What the fix may break:
    A node that is switched off for longer than the expiry cannot come back without joining anew. After a rotation old
    join tokens no longer work, and clients that pin the old root must learn the new one.

    References:
    - CIS Docker 1.6.0 7.7
    - CIS Docker 1.6.0 7.8
    - Docker documentation, Manage swarm security with public key infrastructure
    """

    title = "Swarm certificates that are kept too long"
    good = "The swarm's certificates are renewed in time."
    catalogue = "HRD-023"
    severity = Severity.LOW
    facts = (_EXPIRY, _ROOT, _ROTATION)
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker swarm update --cert-expiry 720h && docker swarm ca --rotate",
        compose="# a setting of the whole swarm, in no file\n# docker swarm init --cert-expiry 720h for a new one",
    )

    def judge(self, subject: HostSubject) -> Outcome:
        swarm = known(subject.facts.swarm, "Swarm")
        state = known(swarm.state, "Swarm.LocalNodeState")
        if state == "inactive":
            return not_applicable("The engine is in no swarm.")
        if not known(swarm.control_available, "Swarm.ControlAvailable"):
            untold = "Only a working manager tells what certificates its swarm gives out."
            return not_applicable(untold) if state == "active" else unknown(untold)
        return _judged(swarm, subject)


def _judged(swarm: SwarmFacts, subject: HostSubject) -> Outcome:
    expiry = timedelta(seconds=known(swarm.certificate_expiry, _EXPIRY))
    ends = known(swarm.root_certificate_expires, _ROOT)
    evidence: dict[str, Json] = {_EXPIRY: f"{expiry // timedelta(hours=1)} h", _ROOT: f"ends on {ends:%Y-%m-%d}"}
    cis = ("7.7",) * (expiry > LONGEST) + ("7.8",) * (ends - subject.around.now < LAST_YEAR)
    if cis:
        return failed(evidence, cis=cis)
    if known(swarm.root_rotation_in_progress, _ROTATION):
        reason = "The root certificate is being renewed, and the engine does not tell since when."
        return unknown(reason, evidence | {_ROTATION: True})
    return passed(evidence)
