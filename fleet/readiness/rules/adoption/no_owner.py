"""A service without an owner is one that nobody mends."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, not_applicable, passed, unknown
from fleet.readiness.rule import EVERYWHERE, PRODUCTION_ONLY, Remedy, ServiceRule
from fleet.readiness.subjects import ServiceSubject
from fleet.readiness.vocabulary import Severity


class NoOwner(ServiceRule):
    """Nothing says which team the service belongs to.

    What it looks at:
    The team of the service in the catalogue, and the labels that the policy names for owners (owner, team,
    loadline.team to begin with) in Config.Labels of its containers and of its swarm service.

    Why it matters:
    Every other finding is a message to somebody. Without an owner it reaches nobody, the service stays as it is, and at
    three in the morning the whole company is asked whose it is.

    How to fix:
    Enter the team in the catalogue, label the service with it, for a swarm service both the service and its containers,
    or set the team of the host that only this team uses.

    What the fix may break:
    Nothing that runs; labels are read when a container is made, so it has to be made anew.

    References:
    - Google SRE book, chapter 32: production readiness review
    """

    title = "Service without an owner"
    good = "A team owns it."
    catalogue = "OWN-001"
    severity = Severity.HIGH
    facts = ("Config.Labels",)
    stages = EVERYWHERE
    never_waived = PRODUCTION_ONLY
    remedy = Remedy(docker="docker run --label loadline.team=payments …", compose="labels: {loadline.team: payments}")

    def judge(self, subject: ServiceSubject) -> Outcome:
        if not subject.members:
            return not_applicable("Nothing of it is in containers.")
        owner = subject.team or subject.policy.owner_of(subject.labels)
        if owner:
            return passed({"team": owner})
        if any(member.facts.labels is None for member in subject.members):
            return unknown("The labels of one of its containers are not known.")
        return failed({"Config.Labels": {"missing": list(subject.policy.owner_labels)}})
