"""A container's raw facts in groups, under the engine's own field names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fleet.inventory import ContainerFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class FactGroup:
    """`pairs` of the engine's field and what it said; None where it did not say."""

    title: str
    pairs: list[tuple[str, Any]]


def fact_groups(facts: ContainerFacts) -> list[FactGroup]:
    return [
        FactGroup(title="Identity", pairs=_identity(facts)),
        FactGroup(title="State", pairs=_state(facts)),
        FactGroup(title="Network", pairs=_network(facts)),
        FactGroup(title="Storage", pairs=_storage(facts)),
        FactGroup(title="Limits", pairs=_limits(facts)),
        FactGroup(title="Isolation", pairs=_isolation(facts)),
        FactGroup(title="Environment", pairs=_environment(facts)),
    ]


def _words(values: Iterable[object] | None) -> str | None:
    """Joined with commas; "none" for an empty list, None for one that was not reported."""
    return None if values is None else ", ".join(str(value) for value in values) or "none"


def _flag(value: bool | None) -> str | None:  # noqa: FBT001 - one value, its name is the caller's
    return None if value is None else ("true" if value else "false")


def _size(value: int | None) -> str | None:
    """Bytes in the unit people set them in."""
    if value is None:
        return None
    if value <= 0:
        return "no limit"
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if value >= size:
            return f"{value / size:g} {unit}"
    return f"{value} bytes"


def _identity(facts: ContainerFacts) -> list[tuple[str, Any]]:
    return [
        ("Id", facts.id),
        ("Config.Image", facts.image_reference),
        ("Image", facts.image_id),
        ("Created", facts.created_at),
        ("Path", facts.command_program),
        ("Config.User", facts.user if facts.user != "" else "not set, so root"),
        ("HostConfig.Runtime", facts.runtime),
    ]


def _state(facts: ContainerFacts) -> list[tuple[str, Any]]:
    check = facts.health_check
    policy = facts.restart_policy
    return [
        ("State.Status", facts.state),
        ("State.Health.Status", facts.health),
        ("Config.Healthcheck", f"{check.kind}, every {check.interval or 30:g} s" if check and check.kind else "none"),
        ("RestartCount", facts.restart_count),
        ("HostConfig.RestartPolicy", policy.name or "no" if policy else None),
        ("State.ExitCode", facts.exit_code),
        ("State.OOMKilled", _flag(facts.oom_killed)),
        ("State.Error", facts.error or "none"),
        ("State.StartedAt", facts.started_at),
    ]


def _network(facts: ContainerFacts) -> list[tuple[str, Any]]:
    doors = [
        f"{port.host_ip or '*'}:{port.host_port or 'any'} → {port.container_port}/{port.protocol}"
        for port in facts.ports or ()
    ]
    networks = [f"{one.name} ({one.ip_address})" if one.ip_address else one.name for one in facts.networks or ()]
    return [
        ("HostConfig.NetworkMode", facts.network_mode),
        ("NetworkSettings.Networks", _words(networks) if facts.networks is not None else None),
        ("NetworkSettings.Ports", _words(doors) if facts.ports is not None else None),
        ("Config.ExposedPorts", _words(facts.exposed_ports)),
        ("HostConfig.Links", _words(facts.links)),
    ]


def _storage(facts: ContainerFacts) -> list[tuple[str, Any]]:
    mounts = [
        f"{mount.destination} ← {mount.kind} {mount.name or mount.source or ''} ({'rw' if mount.writable else 'ro'})"
        for mount in facts.mounts or ()
    ]
    return [
        ("Mounts", _words(mounts) if facts.mounts is not None else None),
        ("HostConfig.Tmpfs", _words(facts.tmpfs)),
        ("Config.Volumes", _words(facts.declared_volumes)),
        ("HostConfig.ReadonlyRootfs", _flag(facts.readonly_root)),
    ]


def _limits(facts: ContainerFacts) -> list[tuple[str, Any]]:
    cpus = None if facts.nano_cpus is None else (f"{facts.nano_cpus / 1e9:g}" if facts.nano_cpus else "no limit")
    return [
        ("HostConfig.Memory", _size(facts.memory)),
        ("HostConfig.NanoCpus", cpus),
        ("HostConfig.PidsLimit", facts.pids_limit or "no limit"),
        ("HostConfig.Ulimits", _words(facts.ulimits)),
        ("HostConfig.LogConfig.Type", facts.log_driver),
    ]


def _isolation(facts: ContainerFacts) -> list[tuple[str, Any]]:
    return [
        ("HostConfig.Privileged", _flag(facts.privileged)),
        ("HostConfig.CapAdd", _words(facts.cap_add)),
        ("HostConfig.CapDrop", _words(facts.cap_drop)),
        ("HostConfig.SecurityOpt", _words(facts.security_options)),
        ("AppArmorProfile", facts.apparmor_profile or "none"),
        ("HostConfig.PidMode", facts.pid_mode or "its own"),
        ("HostConfig.IpcMode", facts.ipc_mode or "its own"),
        ("HostConfig.Devices", _words(device.host_path for device in facts.devices or ())),
    ]


def _environment(facts: ContainerFacts) -> list[tuple[str, Any]]:
    hints = [f"{hint.name} in {hint.place}: {hint.why}" for hint in facts.secret_hints or ()]
    labels = [f"{name}={value}" for name, value in sorted((facts.labels or {}).items())]
    return [
        ("Config.Env (names only)", _words(facts.environment_names)),
        ("Looks like a secret", _words(hints)),
        ("Config.Labels", _words(labels)),
    ]
