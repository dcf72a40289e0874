"""HostConfig of an inspect: every limit and privilege, with the engine's own defaults."""

from __future__ import annotations

from typing import Any

from fleet.simulation.plan import Engine
from fleet.simulation.replies.mounts import binds, long_mounts
from fleet.simulation.spec import Container

_MASKED = ["/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
           "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"]  # fmt: skip
_READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]


def host_config(container: Container, engine: Engine) -> dict[str, Any]:
    empty: list[Any] | None = None if container.task else []
    config: dict[str, Any] = {
        "Binds": binds(container),
        "ContainerIDFile": "",
        "LogConfig": {"Type": container.log_driver, "Config": dict(container.log_options)},
        "NetworkMode": container.network_mode,
        "PortBindings": _port_bindings(container),
        "RestartPolicy": _restart_policy(container),
        "AutoRemove": False,
        "VolumeDriver": "",
        "VolumesFrom": None,
        "CapAdd": [f"CAP_{name}" if name != "ALL" else name for name in container.cap_add] or None,
        "CapDrop": [f"CAP_{name}" if name != "ALL" else name for name in container.cap_drop] or None,
        "CgroupnsMode": "private" if engine.system.cgroup == "2" else "host",
        "Dns": empty,
        "DnsOptions": empty,
        "DnsSearch": empty,
        "ExtraHosts": list(container.extra_hosts) or None,
        "GroupAdd": None,
        "IpcMode": "private",
        "Cgroup": "",
        "Links": list(container.links) or None,
        "OomScoreAdj": 0,
        "PidMode": container.pid_mode,
        "Privileged": container.privileged,
        "PublishAllPorts": False,
        "ReadonlyRootfs": container.read_only,
        "SecurityOpt": _security(container),
        "UTSMode": "",
        "UsernsMode": "",
        "ShmSize": 67108864,
        "Runtime": container.runtime,
        "ConsoleSize": [0, 0],
        "Isolation": "default" if container.task else "",
    }
    return config | _limits(container, engine, empty) | _confinement(container) | _optional(container)


def _limits(container: Container, engine: Engine, empty: list[Any] | None) -> dict[str, Any]:
    ulimits = [{"Name": name, "Hard": value, "Soft": value} for name, value in container.ulimits.items()]
    return {
        "CpuShares": 0,
        "Memory": container.memory,
        "NanoCpus": container.nano_cpus,
        "CgroupParent": container.cgroup_parent,
        "BlkioWeight": 0,
        "BlkioWeightDevice": empty,
        "BlkioDeviceReadBps": empty,
        "BlkioDeviceWriteBps": empty,
        "BlkioDeviceReadIOps": empty,
        "BlkioDeviceWriteIOps": empty,
        "CpuPeriod": 0,
        "CpuQuota": 0,
        "CpuRealtimePeriod": 0,
        "CpuRealtimeRuntime": 0,
        "CpusetCpus": "",
        "CpusetMems": "",
        "Devices": [_device(path) for path in container.devices] or empty,
        "DeviceCgroupRules": None,
        "DeviceRequests": _device_requests(container),
        "KernelMemory": 0,
        "KernelMemoryTCP": 0,
        "MemoryReservation": 0 if container.task else container.memory_reservation,
        "MemorySwap": 2 * container.memory,
        "MemorySwappiness": None,
        "OomKillDisable": None if engine.system.cgroup == "2" else False,
        "PidsLimit": container.pids_limit or None,
        "Ulimits": ulimits,
        "CpuCount": 0,
        "CpuPercent": 0,
        "IOMaximumIOps": 0,
        "IOMaximumBandwidth": 0,
    }


def _confinement(container: Container) -> dict[str, Any]:
    open_wide = container.privileged
    return {"MaskedPaths": None if open_wide else _MASKED, "ReadonlyPaths": None if open_wide else _READ_ONLY}


def _optional(container: Container) -> dict[str, Any]:
    """Keys that the engine leaves out when nothing was said."""
    found: dict[str, Any] = {}
    if mounts := long_mounts(container):
        found["Mounts"] = mounts
    if container.tmpfs:
        found["Tmpfs"] = dict(container.tmpfs)
    if container.sysctls:
        found["Sysctls"] = dict(container.sysctls)
    if container.init is not None or container.task:
        found["Init"] = bool(container.init)
    return found


def _restart_policy(container: Container) -> dict[str, Any]:
    return {"Name": "" if container.task else container.restart, "MaximumRetryCount": container.restart_retries}


def _port_bindings(container: Container) -> dict[str, list[dict[str, str]]]:
    return {
        f"{port.container_port}/{port.protocol}": [{"HostIp": port.host_ip, "HostPort": str(port.host_port)}]
        for port in container.ports
        if port.host_port
    }


def _security(container: Container) -> list[str] | None:
    unlabelled = ["label=disable"] if container.privileged or container.pid_mode == "host" else []
    return [*container.security_options, *unlabelled] or None


def _device_requests(container: Container) -> list[dict[str, Any]] | None:
    if not container.gpus:
        return None
    return [{"Driver": "", "Count": container.gpus, "DeviceIDs": None, "Capabilities": [["gpu"]], "Options": {}}]


def _device(path: str) -> dict[str, str]:
    return {"PathOnHost": path, "PathInContainer": path, "CgroupPermissions": "rwm"}
