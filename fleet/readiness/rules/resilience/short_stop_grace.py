"""Ten seconds are enough to stop a web server and to break a database."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import PRODUCTION_ONLY, ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity

_DEFAULT = 10


class ShortStopGrace(ContainerRule):
    """A datastore is given the engine's default of ten seconds to stop.

    What it looks at:
    Config.StopTimeout of containers that keep data, and Spec.TaskTemplate.ContainerSpec.StopGracePeriod of their swarm
    service. Without either the engine kills after ten seconds.

    Why it matters:
    A database that is killed while it writes its buffers out recovers at the next start, for minutes, or not at all.
    It happens with every deployment and every restart of the host.

    How to fix:
    Give it a minute or more: --stop-timeout, or stop_grace_period in compose.

    What the fix may break:
    Stopping the host takes as long as its slowest container.

    References:
    - https://docs.docker.com/reference/cli/docker/container/run/#stop-timeout
    """

    title = "Datastore with the default time to stop"
    good = "It has the time it needs to stop."
    catalogue = "RES-019"
    severity = Severity.MEDIUM
    facts = ("Config.StopTimeout", "StopGracePeriod")
    stages = PRODUCTION_ONLY
    remedy = Remedy(docker="docker run --stop-timeout 60 …", compose="stop_grace_period: 1m")

    def judge(self, subject: ContainerSubject) -> Outcome:
        if subject.datastore is None:
            return not_applicable("It keeps no data.")
        timeout = subject.facts.stop_timeout
        if timeout is not None and timeout > _DEFAULT:
            return passed({"Config.StopTimeout": timeout})
        if not subject.facts.inspected:
            known(timeout, "Config.StopTimeout")
        name = subject.facts.label("com.docker.swarm.service.name")
        service = next((one for one in subject.around.services or () if one.name == name), None)
        if service is not None and (service.stop_grace_period or 0) > _DEFAULT:
            return passed({"StopGracePeriod": service.stop_grace_period})
        return failed({"Config.StopTimeout": timeout})
