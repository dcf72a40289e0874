"""What is not ranked is mended last, or first, by chance."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, not_applicable, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, Remedy, ServiceRule
from fleet.readiness.subjects import ServiceSubject
from fleet.readiness.vocabulary import Severity


class NoTier(ServiceRule):
    """Nobody said how critical the service is.

    What it looks at:
    The service's entry in the catalogue, and the labels that the policy names for tiers, loadline.tier to begin with,
    in Config.Labels: 1 for what the company stands still without, 2 for what customers notice, 3 for what can wait
    until Monday.

    Why it matters:
    How many replicas, which severity and who is woken depend on it. Without a tier a service is treated as the second,
    and so are the payment system and the canteen's menu.

    How to fix:
    Agree on the tier with the owner, and enter it in the catalogue or label the service with it.

    What the fix may break:
    Nothing that runs; rules are stricter for tier 1 where the policy says so.

    References:
    - Google SRE book, chapter 32: production readiness review
    """

    title = "Service without a tier"
    good = "Its tier says how critical it is."
    catalogue = "OWN-004"
    severity = Severity.MEDIUM
    facts = ("Config.Labels",)
    stages = PRODUCTION_ONLY
    remedy = Remedy(docker="docker run --label loadline.tier=2 …", compose='labels: {loadline.tier: "2"}')

    def judge(self, subject: ServiceSubject) -> Outcome:
        if not subject.members:
            return not_applicable("Nothing of it is in containers.")
        tier = subject.tier
        if tier:
            return passed({"tier": tier})
        if any(member.facts.labels is None for member in subject.members):
            return unknown("The labels of one of its containers are not known.")
        return failed({"Config.Labels": {"missing": list(subject.policy.tier_labels)}})
