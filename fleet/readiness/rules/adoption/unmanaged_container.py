"""A container that somebody started by hand will be started by nobody when it is gone."""

from __future__ import annotations

from fleet.inventory.identity import COMPOSE_PROJECT, OWN_LABELS, SWARM_LABEL
from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ONE_OFF_JOB, ContainerSubject
from fleet.readiness.vocabulary import Severity

_NAMES = (*OWN_LABELS, SWARM_LABEL, COMPOSE_PROJECT, "com.docker.stack.namespace")


class UnmanagedContainer(ContainerRule):
    """The container belongs to no compose project, no stack and no service.

    What it looks at:
    Config.Labels: com.docker.compose.project, com.docker.stack.namespace, com.docker.swarm.service.name and
    loadline.service. A container with HostConfig.AutoRemove that is less than an hour old is somebody's one-off job.

    Why it matters:
    It was made by a command in somebody's shell history. There is no file to make it again from, nobody reviews it, and
    Loadline can only guess by its image which service it is.

    How to fix:
    Write it into a compose file or a stack and deploy from there; or label it loadline.service.

    What the fix may break:
    The container is made anew: look at what it keeps in its writable layer first.

    References:
    - NIST SP 800-190 4.4.5
    """

    title = "Container that belongs to no service"
    good = "It says which service it belongs to."
    catalogue = "OWN-003"
    severity = Severity.MEDIUM
    facts = ("Config.Labels", "HostConfig.AutoRemove")
    remedy = Remedy(docker="docker run --label loadline.service=web …", compose="labels: {loadline.service: web}")

    def judge(self, subject: ContainerSubject) -> Outcome:
        labels = known(subject.facts.labels, "Config.Labels")
        found = next((name for name in _NAMES if labels.get(name)), None)
        if found:
            return passed({found: labels[found]})
        created = subject.facts.created_at
        if subject.facts.auto_remove and created is not None and subject.around.now - created < ONE_OFF_JOB:
            return not_applicable("It is a job that removes itself.")
        return failed({"Config.Labels": {"missing": list(_NAMES)}})
