"""Replicas that are configured differently are different services behind one name."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from fleet.inventory import ContainerFacts
from fleet.readiness.findings import Outcome, failed, not_applicable, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, Remedy, ServiceRule
from fleet.readiness.subjects import ServiceSubject
from fleet.readiness.vocabulary import Severity

_HASH = "com.docker.compose.config-hash"
_ROLLOUT = timedelta(minutes=30)


class ReplicasDiffer(ServiceRule):
    """Running replicas of the service were made from different configurations.

    What it looks at:
    The label com.docker.compose.config-hash of the running containers or, without it, a digest of Config and HostConfig: user, limits, capabilities, mounts, ports, names of variables, restart policy. Containers started
    within the last half hour are a rollout.

    Why it matters:
    One replica has the new limit or the new mount and the other has not; a fault appears on every second request. It
    happens when one host was forgotten in a deployment.

    How to fix:
    Deploy to all hosts again from one file.

    What the fix may break:
    Whatever the odd one had that the others have not.

    References:
    - https://docs.docker.com/compose/
    """

    title = "Replicas configured differently"
    good = "All replicas were made from one configuration."
    catalogue = "OWN-007"
    severity = Severity.LOW
    facts = ("Config.Labels", "HostConfig")
    stages = PRODUCTION_ONLY
    remedy = Remedy(
        docker="docker compose up -d --force-recreate   # on every host, from one file",
        compose="# the same file on every host",
    )

    def judge(self, subject: ServiceSubject) -> Outcome:
        running = subject.running
        if len(running) < 2:  # noqa: PLR2004 - one alone cannot differ
            return not_applicable("It runs once.")
        if not all(member.facts.inspected for member in running):
            return unknown("Not every replica could be inspected.")
        kinds: dict[str, list[str]] = {}
        for member in running:
            kinds.setdefault(_configuration(member.facts), []).append(f"{member.facts.name} on {member.host}")
        if len(kinds) == 1:
            return passed()
        started = [member.facts.started_at for member in running]
        if any(at is not None and subject.now - at < _ROLLOUT for at in started):
            return not_applicable("Some of it was started within the last half hour: a rollout may be under way.")
        return failed({"HostConfig": {digest: sorted(names) for digest, names in sorted(kinds.items())}})


def _configuration(facts: ContainerFacts) -> str:
    """Eight hex digits that are equal for containers made alike."""
    given = facts.label(_HASH)
    if given:
        return given[:8]
    told = (
        *(facts.user, facts.memory, facts.nano_cpus, facts.cpu_shares, facts.pids_limit, facts.privileged),
        *(facts.cap_add, facts.cap_drop, facts.security_options, facts.readonly_root, facts.restart_policy),
        *(facts.environment_names, facts.command_program, facts.network_mode, facts.log_driver, facts.health_check),
        sorted((mount.destination, mount.kind, mount.writable) for mount in facts.mounts or ()),
        sorted((port.container_port, port.protocol) for port in facts.ports or ()),
    )
    return hashlib.sha256(repr(told).encode()).hexdigest()[:8]
