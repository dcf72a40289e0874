"""Replicas that are configured differently are different services behind one name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Final

from fleet.inventory import ContainerFacts, ImageReference, RestartPolicy
from fleet.inventory.identity import identify
from fleet.readiness.findings import Outcome, failed, not_applicable, passed, unknown
from fleet.readiness.rule import PRODUCTION_ONLY, Remedy, ServiceRule
from fleet.readiness.subjects import ROLLOUT, Member, ServiceSubject
from fleet.readiness.vocabulary import Severity

_HASH = "com.docker.compose.config-hash"
_ONE_OFF = "com.docker.compose.oneoff"
_UPDATING = frozenset({"updating", "rollback_started"})
_SAID = frozenset({"label", "swarm", "compose"})
_MOST_NAMES = 10

_Settings = Mapping[str, object]


class ReplicasDiffer(ServiceRule):
    """Running replicas of the service were made from different configurations.

    What it looks at:
    The label com.docker.compose.config-hash of the running containers, and what Config and HostConfig say of them:
    image, user, limits, capabilities, mounts, ports, names of variables, restart policy. Replicas are containers of
    one repository in one environment whose labels name the same service; where one was started within the last half
    hour, a rollout may be under way.

    Why it matters:
    One replica has the new limit or the new mount and the other has not; a fault appears on every second request. It
    happens when one host was forgotten in a deployment, or one container was changed with docker update.

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
    facts = ("Config.Labels", "Config", "HostConfig")
    stages = PRODUCTION_ONLY
    bound_to = ("differing",)
    remedy = Remedy(
        docker="docker compose up -d --force-recreate   # on every host, from one file",
        compose="# the same file on every host",
    )

    def judge(self, subject: ServiceSubject) -> Outcome:
        # What a silent host said long ago, and compose's one-off commands, are no replicas of today.
        running = [one for one in subject.running if one.fresh and one.facts.label(_ONE_OFF) not in {"True", "true"}]
        if len(running) < 2:  # noqa: PLR2004 - one alone cannot differ
            return not_applicable("Fewer than two of its containers run.")
        sets = [replicas for replicas in _replicas(running) if len(replicas) > 1]
        if not sets:
            return not_applicable("No two of its containers say that they are replicas of each other.")
        if not all(member.facts.inspected for replicas in sets for member in replicas):
            return unknown("Not every replica could be inspected.")
        odd = [(replicas, names) for replicas in sets if (names := _differing(replicas))]
        if not odd:
            return passed()
        if subject.swarm is not None and subject.swarm.update_state in _UPDATING:
            return not_applicable("Swarm is updating it.")
        if any(_just_started(member.facts, subject.clock) for replicas, _ in odd for member in replicas):
            return not_applicable("Some of it was started within the last half hour: a rollout may be under way.")
        kinds: dict[str, list[str]] = {}
        for replicas, names in odd:
            for member in replicas:
                kinds.setdefault(_digest(member.facts, names), []).append(f"{member.facts.name} on {member.host}")
        shown = {digest: sorted(names)[:_MOST_NAMES] for digest, names in sorted(kinds.items())}
        return failed({"differing": sorted({name for _, names in odd for name in names}), "HostConfig": shown})


def _replicas(members: Sequence[Member]) -> list[list[Member]]:
    """Those that may be compared. An engine of another kind, and another environment, fill in other values."""
    found: dict[tuple[str, str, str], list[Member]] = {}
    for member in members:
        # A service that was only guessed from the name of an image has no replicas, just users of that image.
        if identify(member.facts).source in _SAID:
            reference = ImageReference.parse(member.facts.image_reference)
            repository = reference.full_repository if reference else ""
            found.setdefault((member.engine, member.environment, repository), []).append(member)
    return list(found.values())


def _differing(replicas: Sequence[Member]) -> list[str]:
    """Names of the settings that are not the same everywhere; one that an engine did not report is not compared."""
    asked_for = _as_told(replicas[0].facts)
    if all(_as_told(member.facts) == asked_for for member in replicas):
        return []  # to the letter: no need to look at what of it counts
    told = [_settings(member.facts) for member in replicas]
    first = told[0]
    if all(one == first for one in told):
        return []
    return [name for name in first if len({one[name] for one in told} - {None}) > 1]


def _digest(facts: ContainerFacts, names: Sequence[str]) -> str:
    """Eight hex digits that are equal for containers made alike."""
    settings = _settings(facts)
    values = [settings[name] for name in names]
    told = [sorted(map(repr, value)) if isinstance(value, frozenset) else value for value in values]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:8]


def _just_started(facts: ContainerFacts, now: datetime) -> bool:
    # One that the engine restarts again and again is not being rolled out.
    return facts.started_at is not None and now - facts.started_at < ROLLOUT and not facts.restart_count


_FIELDS: Final = attrgetter(
    "inspected", "image_reference", "user", "environment_names", "health_check", "command_program", "memory",
    "memory_reservation", "nano_cpus", "cpu_shares", "cpu_quota", "pids_limit", "privileged", "readonly_root",
    "cap_add", "cap_drop", "security_options", "devices", "restart_policy", "network_mode", "pid_mode", "ports",
    "tmpfs", "mounts",
)  # fmt: skip


def _as_told(facts: ContainerFacts) -> tuple[object, ...]:
    """All that `_settings` reads."""
    return (facts.label(_HASH), *_FIELDS(facts))


def _settings(facts: ContainerFacts) -> _Settings:
    """By the engine's names, what was asked for: nothing that an engine or a host fills in differently by itself."""
    ports, mounts = facts.ports, facts.mounts
    return {
        _HASH: facts.label(_HASH),
        "Config.Image": facts.image_reference,
        "Config.User": facts.user,
        "Config.Env": facts.environment_names,
        "Config.Healthcheck": facts.health_check if facts.has_health_check else "",
        "Path": facts.command_program,
        "HostConfig.Memory": facts.memory,
        "HostConfig.MemoryReservation": facts.memory_reservation,
        "HostConfig.NanoCpus": facts.nano_cpus,
        "HostConfig.CpuShares": facts.cpu_shares,
        "HostConfig.CpuQuota": facts.cpu_quota,
        "HostConfig.PidsLimit": None if facts.pids_limit is None else max(facts.pids_limit, 0),
        "HostConfig.Privileged": facts.privileged,
        "HostConfig.ReadonlyRootfs": facts.readonly_root,
        "HostConfig.CapAdd": _set(facts.cap_add),
        "HostConfig.CapDrop": _set(facts.cap_drop),
        "HostConfig.SecurityOpt": _set(facts.security_options),
        "HostConfig.Devices": _set(facts.devices),
        "HostConfig.RestartPolicy": _restart(facts.restart_policy),
        "HostConfig.NetworkMode": _mode(facts.network_mode),
        "HostConfig.PidMode": _mode(facts.pid_mode),
        "HostConfig.PortBindings": _set(
            None if ports is None else [(one.container_port, one.protocol) for one in ports]
        ),
        "HostConfig.Tmpfs": facts.tmpfs,
        "Mounts": _set(None if mounts is None else [(one.destination, one.kind, one.writable) for one in mounts]),
    }


def _set(values: Iterable[object] | None) -> frozenset[object] | None:
    """Engines shuffle, and name a port once for each address family that the host has."""
    return None if values is None else frozenset(values)


def _restart(policy: RestartPolicy | None) -> RestartPolicy | None:
    """Some clients write no, others nothing."""
    return RestartPolicy("no") if policy is not None and policy.name in {"", "no"} else policy


def _mode(text: str | None) -> str | None:
    """A namespace that is shared with another container names that one; newer engines write bridge for default."""
    if text is None:
        return None
    word = text.partition(":")[0]
    return "bridge" if word == "default" else word
