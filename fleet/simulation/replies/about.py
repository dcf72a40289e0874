"""/version, /info and the headers of every reply: the engine on itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from fleet.simulation import identifiers
from fleet.simulation.identifiers import engine_id, swarm_id
from fleet.simulation.plan import Engine
from fleet.simulation.replies.mounts import ROOT
from fleet.simulation.replies.swarm import cluster

LOG_DRIVERS = ["awslogs", "fluentd", "gcplogs", "gelf", "journald", "json-file", "local", "logentries", "splunk",
               "syslog"]  # fmt: skip
NETWORK_DRIVERS = ["bridge", "host", "ipvlan", "macvlan", "null", "overlay"]
_SHIM_V1_GONE = 42  # the last engine that listed it spoke 1.41


def version(engine: Engine) -> dict[str, Any]:
    release, kernel = engine.release, engine.system.kernel
    own = {
        "ApiVersion": f"1.{release.api}",
        "MinAPIVersion": f"1.{release.oldest_api}",
        "GitCommit": release.commit,
        "GoVersion": release.go,
        "Os": "linux",
        "Arch": "amd64",
        "KernelVersion": kernel,
        "BuildTime": release.built,
    }
    details = dict(sorted({**own, "Experimental": "false"}.items()))
    return {
        "Platform": {"Name": release.platform},
        "Components": [
            {"Name": "Engine", "Version": release.engine, "Details": details},
            _component("containerd", release.containerd, release.containerd_commit),
            _component("runc", release.runc, release.runc_commit),
            _component("docker-init", "0.19.0", "de40ad0"),
        ],
        "Version": release.engine,
        **own,
    }


def _component(name: str, number: str, commit: str) -> dict[str, Any]:
    return {"Name": name, "Version": number, "Details": {"GitCommit": commit}}


def headers(engine: Engine) -> dict[str, str]:
    return {
        "Api-Version": f"1.{engine.release.api}",
        "Docker-Experimental": "false",
        "Ostype": "linux",
        "Server": f"Docker/{engine.release.engine} (linux)",
    }


def ping_headers(engine: Engine) -> dict[str, str]:
    """What only /_ping says. Builder and swarm are told since engine 23, whatever API is asked for."""
    found = {"Cache-Control": "no-cache, no-store, must-revalidate", "Pragma": "no-cache"}
    if engine.release.api < 42:  # noqa: PLR2004
        return found
    node = engine.node
    swarm = "inactive" if node is None else f"active/{'manager' if node.manager else 'worker'}"
    return {**found, "Builder-Version": "2", "Swarm": swarm}


def info(engine: Engine, *, states: Iterable[str], images: int, began: float, now: float) -> dict[str, Any]:
    count = Counter(states)
    system, release = engine.system, engine.release
    running = count["running"] + count["restarting"]
    return {
        "ID": engine.engine_id or engine_id(engine.name),
        "Containers": count.total(),
        "ContainersRunning": running,
        "ContainersPaused": count["paused"],
        "ContainersStopped": count.total() - running - count["paused"],
        "Images": images,
        "Driver": engine.storage_driver,
        "DriverStatus": [
            ["Backing Filesystem", "extfs"],
            ["Supports d_type", "true"],
            ["Native Overlay Diff", "true"],
            ["userxattr", "false"],
        ],
        "Plugins": {
            "Volume": sorted(engine.volume_drivers),
            "Network": NETWORK_DRIVERS,
            "Authorization": None,
            "Log": LOG_DRIVERS,
        },
        **dict.fromkeys(_KERNEL_FEATURES, True),
        "IPv4Forwarding": engine.forwarding,
        "BridgeNfIptables": True,
        "BridgeNfIp6tables": True,
        "Debug": engine.debug,
        "NFd": 40 + 3 * running,
        "OomKillDisable": system.cgroup == "1",
        "NGoroutines": 60 + 9 * running,
        "SystemTime": identifiers.moment(now + engine.clock_ahead),
        "LoggingDriver": engine.log_driver,
        "CgroupDriver": "systemd" if system.cgroup == "2" else "cgroupfs",
        "CgroupVersion": system.cgroup,
        "NEventsListener": 0,
        "KernelVersion": system.kernel,
        "OperatingSystem": system.name,
        "OSVersion": system.version,
        "OSType": "linux",
        "Architecture": "x86_64",
        "IndexServerAddress": "https://index.docker.io/v1/",
        "RegistryConfig": _registries(engine),
        "NCPU": system.cpus,
        "MemTotal": system.memory,
        "GenericResources": None,
        "DockerRootDir": ROOT,
        "HttpProxy": "",
        "HttpsProxy": "",
        "NoProxy": "",
        "Name": engine.name,
        "Labels": list(engine.labels),
        "ExperimentalBuild": False,
        "ServerVersion": release.engine,
        "Runtimes": _runtimes(engine),
        "DefaultRuntime": "runc",
        "Swarm": _swarm(engine, began=began),
        "LiveRestoreEnabled": engine.live_restore and engine.swarm is None,
        "Isolation": "",
        "InitBinary": "docker-init",
        "ContainerdCommit": _commit(release.containerd_commit),
        "RuncCommit": _commit(release.runc_commit),
        "InitCommit": _commit("de40ad0"),
        "SecurityOptions": list(system.security),
        "Warnings": list(engine.warnings) or None,
    }


_KERNEL_FEATURES = ("MemoryLimit", "SwapLimit", "KernelMemory", "KernelMemoryTCP", "CpuCfsPeriod", "CpuCfsQuota",
                    "CPUShares", "CPUSet", "PidsLimit")  # fmt: skip


def _commit(identity: str) -> dict[str, str]:
    return {"ID": identity, "Expected": identity}


def _runtimes(engine: Engine) -> dict[str, Any]:
    names = ["io.containerd.runc.v2", "runc"]
    if engine.release.api < _SHIM_V1_GONE:
        names.insert(1, "io.containerd.runtime.v1.linux")
    return {name: {"path": "runc"} for name in names}


def _registries(engine: Engine) -> dict[str, Any]:
    docker = {"Name": "docker.io", "Mirrors": [], "Secure": True, "Official": True}
    insecure = {
        name: {"Name": name, "Mirrors": [], "Secure": False, "Official": False} for name in engine.insecure_registries
    }
    return {
        "AllowNondistributableArtifactsCIDRs": [],
        "AllowNondistributableArtifactsHostnames": [],
        "InsecureRegistryCIDRs": ["127.0.0.0/8"],
        "IndexConfigs": {"docker.io": docker, **insecure},
        "Mirrors": [],
    }


def _swarm(engine: Engine, *, began: float) -> dict[str, Any]:
    swarm, node = engine.swarm, engine.node
    if swarm is None or node is None:
        return {"NodeID": "", "NodeAddr": "", "LocalNodeState": "inactive", "ControlAvailable": False, "Error": "",
                "RemoteManagers": None}  # fmt: skip
    managers = [member for member in swarm.nodes if member.manager]
    found = {
        "NodeID": swarm_id(swarm.name, "node", node.host),
        "NodeAddr": node.address,
        "LocalNodeState": "active",
        "ControlAvailable": node.manager,
        "Error": "",
        "RemoteManagers": [
            {"NodeID": swarm_id(swarm.name, "node", member.host), "Addr": f"{member.address}:2377"}
            for member in managers
        ],
    }
    if not node.manager:
        return found
    return found | {"Nodes": len(swarm.nodes), "Managers": len(managers), "Cluster": cluster(swarm, began=began)}
