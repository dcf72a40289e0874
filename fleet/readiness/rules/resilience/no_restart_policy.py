"""Without a restart policy one crash or one reboot ends the service until a person notices."""

from __future__ import annotations

from fleet.readiness.findings import Outcome, failed, known, not_applicable, passed
from fleet.readiness.rule import ContainerRule, Remedy
from fleet.readiness.subjects import ContainerSubject
from fleet.readiness.vocabulary import Severity


class NoRestartPolicy(ContainerRule):
    """After a crash or a reboot this container stays down until somebody starts it.

    What it looks at:
    HostConfig.RestartPolicy.Name of the container; empty and "no" are the same to the engine.
    Left out are containers that something else restarts or that are to end: swarm tasks, containers with --rm (the
    engine refuses a policy for them), containers that systemd runs for podman, and those with the label
    loadline.role=job.

    Why it matters:
    Processes end: on a bug, out of memory, when the host reboots for a kernel update. With a policy the engine starts
    the container again within a second. Without one the service is down until somebody notices, at whatever hour.

    How to fix:
    docker update --restart unless-stopped NAME sets it on a container that exists, without a restart. Write it down
    where the container comes from as well, or the next deployment loses it. unless-stopped survives reboots and leaves
    alone what was stopped by hand; always starts even that with the engine's next start; on-failure:5 gives up after
    five failures in a row, which suits programs that may end on purpose.
    For a job that is meant to run once, set the label loadline.role=job instead.

    What the fix may break:
    A container that fails at once is started again and again, with pauses of up to a minute in between; the rule
    restart-loop tells. Two copies of something that must run only once can meet when an old container comes back with
    a reboot: remove old containers instead of keeping them stopped.

    References:
    - CIS Docker 1.6.0 5.15
    - CIS asks for on-failure:5; always and unless-stopped are accepted here, and noted by restarts-without-end
    - OWASP Docker Security Cheat Sheet, rule 7
    - Docker documentation, Start containers automatically
    """

    title = "No restart policy"
    good = "The engine starts the container again when it ends."
    catalogue = "RES-003"
    severity = Severity.HIGH
    facts = ("HostConfig.RestartPolicy.Name", "HostConfig.AutoRemove", "Config.Labels")
    remedy = Remedy(
        docker="docker update --restart unless-stopped NAME   # docker run --restart unless-stopped …",
        compose="restart: unless-stopped\n# in a swarm:\ndeploy:\n  restart_policy:\n    condition: any",
    )

    def judge(self, subject: ContainerSubject) -> Outcome:
        facts = subject.facts
        if "job" in subject.roles:
            return not_applicable("The label says that this is a one-shot job.")
        if facts.swarm_task:
            return not_applicable("Swarm replaces a task that ends.")
        if facts.label("PODMAN_SYSTEMD_UNIT"):
            return not_applicable("systemd restarts this container.")
        policy = known(facts.restart_policy, "HostConfig.RestartPolicy")
        evidence = {"HostConfig.RestartPolicy.Name": policy.name}
        if policy.name not in {"", "no"}:
            return passed(evidence)
        if facts.auto_remove:
            reason = "It was started with --rm and goes away when it ends; the engine refuses a restart policy for it."
            return not_applicable(reason, {"HostConfig.AutoRemove": True})
        return failed(evidence)
