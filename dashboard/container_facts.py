"""A container's raw facts in groups, under the engine's own field names."""

from __future__ import annotations

from typing import Any

from dashboard.fact_words import FactGroup, flag, instead, size, words
from fleet.inventory import ContainerFacts


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
        ("State.OOMKilled", flag(facts.oom_killed)),
        ("State.Error", instead(facts.error, "none")),
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
        ("NetworkSettings.Networks", words(networks) if facts.networks is not None else None),
        ("NetworkSettings.Ports", words(doors) if facts.ports is not None else None),
        ("Config.ExposedPorts", words(facts.exposed_ports)),
        ("HostConfig.Links", words(facts.links)),
    ]


def _storage(facts: ContainerFacts) -> list[tuple[str, Any]]:
    mounts = [
        f"{mount.destination} ← {mount.kind} {mount.name or mount.source or ''} ({'rw' if mount.writable else 'ro'})"
        for mount in facts.mounts or ()
    ]
    return [
        ("Mounts", words(mounts) if facts.mounts is not None else None),
        ("HostConfig.Tmpfs", words(facts.tmpfs)),
        ("Config.Volumes", words(facts.declared_volumes)),
        ("HostConfig.ReadonlyRootfs", flag(facts.readonly_root)),
    ]


def _limits(facts: ContainerFacts) -> list[tuple[str, Any]]:
    cpus = None if facts.nano_cpus is None else (f"{facts.nano_cpus / 1e9:g}" if facts.nano_cpus else "no limit")
    return [
        ("HostConfig.Memory", size(facts.memory)),
        ("HostConfig.NanoCpus", cpus),
        ("HostConfig.PidsLimit", facts.pids_limit or "no limit"),
        ("HostConfig.Ulimits", words(facts.ulimits)),
        ("HostConfig.LogConfig.Type", facts.log_driver),
    ]


def _isolation(facts: ContainerFacts) -> list[tuple[str, Any]]:
    return [
        ("HostConfig.Privileged", flag(facts.privileged)),
        ("HostConfig.CapAdd", words(facts.cap_add)),
        ("HostConfig.CapDrop", words(facts.cap_drop)),
        ("HostConfig.SecurityOpt", words(facts.security_options)),
        ("AppArmorProfile", instead(facts.apparmor_profile, "none")),
        ("HostConfig.PidMode", instead(facts.pid_mode, "its own")),
        ("HostConfig.IpcMode", instead(facts.ipc_mode, "its own")),
        (
            "HostConfig.Devices",
            words(None if facts.devices is None else [device.host_path for device in facts.devices]),
        ),
    ]


def _environment(facts: ContainerFacts) -> list[tuple[str, Any]]:
    hints = [f"{hint.name} in {hint.place}: {hint.why}" for hint in facts.secret_hints or ()]
    labels = [f"{name}={value}" for name, value in sorted((facts.labels or {}).items())]
    return [
        ("Config.Env (names only)", words(facts.environment_names)),
        ("Looks like a secret", words(hints) if facts.secret_hints is not None else None),
        ("Config.Labels", words(labels) if facts.labels is not None else None),
    ]
