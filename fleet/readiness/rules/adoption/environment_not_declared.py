"""A host of which nobody said what it is for is judged as if customers depended on it."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import EVERYWHERE, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity

_KEYS = ("env", "environment", "loadline.environment")


class EnvironmentNotDeclared(HostRule):
    """Nobody said which environment the host belongs to, so it is judged as production.

    What it looks at:
    The environment that was chosen when the host was registered, and env= among Labels of /info.

    Why it matters:
    The stage of every service follows from the environments of the hosts it runs on. An experiment on an undeclared
    host counts as a service in production, with all the findings that are none there.

    How to fix:
    Choose the environment on the host's page or in the CSV; or label the engine: labels in daemon.json are read again
    on a reload.

    What the fix may break:
    Nothing that runs; the stage and verdict of the services there change.

    References:
    - Google SRE book, chapter 32: production readiness review
    """

    title = "Environment that nobody declared"
    good = "Somebody said which environment the host belongs to."
    catalogue = "OWN-002"
    severity = Severity.MEDIUM
    facts = ("Labels",)
    stages = EVERYWHERE
    remedy = Remedy(
        docker="./loadline host add NAME URL --environment staging",
        compose='{ "labels": ["env=staging"] }',
    )

    def judge(self, subject: HostSubject) -> Outcome:
        around = subject.around
        labels = known(subject.facts.labels, "Labels")
        if around.environment_declared:
            return passed({"environment": around.environment})
        said = [label for label in labels if label.partition("=")[0] in _KEYS]
        return passed({"Labels": said}) if said else failed({"environment": around.environment, "Labels": list(labels)})
