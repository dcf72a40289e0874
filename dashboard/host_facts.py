"""An engine's raw facts in groups, under the engine's own field names."""

from __future__ import annotations

from typing import Any

from dashboard.fact_words import FactGroup, flag, instead, size, words
from fleet.inventory import HostFacts


def fact_groups(facts: HostFacts) -> list[FactGroup]:
    return [
        FactGroup(title="Engine", pairs=_engine(facts)),
        FactGroup(title="Machine", pairs=_machine(facts)),
        FactGroup(title="Runtime", pairs=_runtime(facts)),
        FactGroup(title="Security", pairs=_security(facts)),
        FactGroup(title="Storage and logs", pairs=_storage(facts)),
        FactGroup(title="Swarm", pairs=_swarm(facts)),
    ]


def _engine(facts: HostFacts) -> list[tuple[str, Any]]:
    return [
        ("Version", f"{facts.kind} {facts.engine_version}" if facts.engine_version else None),
        ("ApiVersion", facts.api_version),
        ("MinAPIVersion", facts.min_api_version),
        ("ID", facts.engine_id),
        ("Name", facts.name),
        ("Experimental", flag(facts.experimental)),
        ("Debug", flag(facts.debug)),
        ("LiveRestoreEnabled", flag(facts.live_restore)),
        ("Warnings", words(facts.warnings)),
        ("Labels", words(facts.labels)),
    ]


def _machine(facts: HostFacts) -> list[tuple[str, Any]]:
    offset = None if facts.clock_offset is None else f"{round(facts.clock_offset, 1) or 0:+.1f} s"
    return [
        ("OperatingSystem", facts.operating_system),
        ("OSType", facts.os_type),
        ("Architecture", facts.architecture),
        ("KernelVersion", facts.kernel_version),
        ("NCPU", facts.cpus),
        ("MemTotal", size(facts.memory, nothing="0 bytes")),
        ("SystemTime", facts.system_time),
        ("SystemTime against Loadline's clock", offset),
    ]


def _runtime(facts: HostFacts) -> list[tuple[str, Any]]:
    components = None if facts.components is None else [f"{one.name} {one.version}" for one in facts.components]
    return [
        ("DefaultRuntime", facts.default_runtime),
        ("Runtimes", words(facts.runtimes)),
        ("RuncCommit.ID", instead(facts.runc_commit, "none")),
        ("ContainerdCommit.ID", instead(facts.containerd_commit, "none")),
        ("Components", words(components)),
        ("CgroupDriver", facts.cgroup_driver),
        ("CgroupVersion", facts.cgroup_version),
        ("InitBinary", facts.init_binary),
    ]


def _security(facts: HostFacts) -> list[tuple[str, Any]]:
    registries = None
    if facts.registries is not None:
        registries = [one.name if one.secure else f"{one.name} (insecure)" for one in facts.registries]
    return [
        ("SecurityOptions", words(facts.security_options)),
        ("RegistryConfig.IndexConfigs", words(registries)),
        ("RegistryConfig.InsecureRegistryCIDRs", words(facts.insecure_registry_cidrs)),
        ("Plugins.Authorization", words(facts.authorization_plugins)),
        ("IPv4Forwarding", flag(facts.ipv4_forwarding)),
        ("BridgeNfIptables", flag(facts.bridge_nf_iptables)),
        ("FirewallBackend.Driver", facts.firewall_backend),
    ]


def _storage(facts: HostFacts) -> list[tuple[str, Any]]:
    status = None
    if facts.storage_status is not None:
        status = [f"{name}: {value}" for name, value in facts.storage_status.items()]
    return [
        ("Driver", facts.storage_driver),
        ("DriverStatus", words(status)),
        ("DockerRootDir", facts.root_dir),
        ("LoggingDriver", facts.logging_driver),
        ("Plugins.Volume", words(facts.volume_plugins)),
        ("Plugins.Network", words(facts.network_plugins)),
        ("Plugins.Log", words(facts.log_plugins)),
        ("Volumes: Warnings", words(facts.volume_warnings)),
    ]


def _swarm(facts: HostFacts) -> list[tuple[str, Any]]:
    swarm = facts.swarm
    if swarm is None:
        return [("Swarm.LocalNodeState", None)]
    if swarm.state != "active":
        return [("Swarm.LocalNodeState", swarm.state)]
    return [
        ("Swarm.LocalNodeState", swarm.state),
        ("Swarm.NodeID", swarm.node_id),
        ("Swarm.ControlAvailable", flag(swarm.control_available)),
        ("Swarm.Managers", swarm.managers),
        ("Swarm.Nodes", swarm.nodes),
        ("Swarm.Cluster.ID", swarm.cluster_id),
        ("Swarm.Cluster.Spec.EncryptionConfig.AutoLockManagers", flag(swarm.autolock)),
    ]
