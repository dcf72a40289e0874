"""A host of which nobody said what it is for is judged as if customers depended on it."""

from __future__ import annotations

from fleet.inventory import Neighbour
from fleet.inventory.neighbour import ENVIRONMENT_LABELS
from fleet.readiness.findings import Outcome, failed, known, passed
from fleet.readiness.rule import EVERYWHERE, HostRule, Remedy
from fleet.readiness.subjects import HostSubject
from fleet.readiness.vocabulary import Severity


class EnvironmentNotDeclared(HostRule):
    """Nobody said which environment the host belongs to, so it is judged as production.

    What it looks at:
    The environment that was chosen when the host was registered, env= among Labels of /info, and the label env in
    Config.Labels of the containers, where every one of them has it.

    Why it matters:
    The stage of every service follows from the environments of the hosts it runs on. An experiment on an undeclared
    host counts as a service in production, with all the findings that are none there.

    How to fix:
    Choose the environment on the host's page or in the CSV: this is what Loadline judges by. Or label the engine, so
    that other tools know it, too: labels in daemon.json are read again on a reload.

    What the fix may break:
    Nothing that runs; the stage and verdict of the services there change.

    References:
    - Google SRE book, chapter 32: production readiness review
    """

    title = "Environment that nobody declared"
    good = "Somebody said which environment the host belongs to."
    catalogue = "OWN-002"
    severity = Severity.MEDIUM
    facts = ("Labels", "Config.Labels")
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
        said = [label for label in labels if _says(*label.partition("=")[::2])]
        judged_as = f"Loadline judges it as {around.environment} until the environment is chosen in Loadline, too."
        if said:
            return passed({"Labels": said}, judged_as)
        told = [_said_by(one) for one in around.containers]
        if told and all(told):
            return passed({"Config.Labels": sorted({label for label in told if label})}, judged_as)
        return failed({"environment": around.environment, "Labels": list(labels)})


def _says(key: str, value: str) -> bool:
    return key in ENVIRONMENT_LABELS and bool(value.strip())


def _said_by(container: Neighbour) -> str | None:
    found = ((key, container.label(key) or "") for key in ENVIRONMENT_LABELS)
    return next((f"{key}={value}" for key, value in found if _says(key, value)), None)
