"""/containers/{id}/json: all that one container is, at one instant."""

from __future__ import annotations

import random
from typing import Any

from fleet.simulation.identifiers import NEVER, hex_id, moment, nanoseconds
from fleet.simulation.plan import Engine
from fleet.simulation.replies.attachments import Attachment, Switchboard, bindings, endpoint_settings, exposed
from fleet.simulation.replies.host_config import host_config
from fleet.simulation.replies.listing import command_of, image_id, labels_of
from fleet.simulation.replies.mounts import ROOT, mount_points
from fleet.simulation.spec import Container, HealthCheck
from fleet.simulation.states import State

_PROBES_KEPT = 5


def inspect(
    container: Container,
    engine: Engine,
    board: Switchboard,
    state: State,
    *,
    identity: str,
    began: float,
    now: float,
    dice: random.Random,
) -> dict[str, Any]:
    """The whole reply, as API 1.41 has it."""
    words = command_of(container)
    attachments = board.attachments(container, up=state.up)
    mounts = mount_points(container, engine, listed=False)
    dice.shuffle(mounts)
    return {
        "Id": identity,
        "Created": moment(began - container.created_age),
        "Path": words[0] if words else "",
        "Args": words[1:],
        "State": _state(container, engine, state, now=now),
        "Image": image_id(container),
        **_paths(container, identity),
        "Name": f"/{container.name}",
        "RestartCount": state.restarts,
        "Driver": engine.storage_driver,
        "Platform": "linux",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": _apparmor(container, engine),
        "ExecIDs": None,
        "HostConfig": host_config(container, engine),
        "GraphDriver": graph_driver(engine, hex_id(identity, "layer"), _lower(container, identity)),
        "Mounts": mounts,
        "Config": _config(container, engine, identity),
        "NetworkSettings": _network_settings(container, attachments, state, identity),
    }


def sizes(container: Container) -> dict[str, int]:
    """What `size=1` adds: unlike the list, zero is said."""
    return {"SizeRw": container.size_rw, "SizeRootFs": container.image.size + container.size_rw}


def _state(container: Container, engine: Engine, state: State, *, now: float) -> dict[str, Any]:
    alive = state.name in {"running", "paused", "restarting"}
    found: dict[str, Any] = {
        "Status": state.name,
        "Running": alive,
        "Paused": state.name == "paused",
        "Restarting": state.name == "restarting",
        "OOMKilled": container.life.oom_killed,
        "Dead": False,
        "Pid": 1000 + int(hex_id(engine.name, container.name, *container.life.mark)[:4], 16) if state.up else 0,
        "ExitCode": state.exit_code,
        "Error": container.life.error,
        "StartedAt": moment(state.started) if state.started else NEVER,
        "FinishedAt": moment(state.finished) if state.finished else NEVER,
    }
    check = container.checked_by
    if state.health and check:
        found["Health"] = {
            "Status": state.health,
            "FailingStreak": state.failing_streak,
            "Log": list(_probes(check, state, now=now)),
        }
    return found


def _probes(check: HealthCheck, state: State, *, now: float) -> list[dict[str, Any]]:
    """The last probes. They end when the container did."""
    interval = check.interval or 30.0
    until = state.finished or now
    last = int((until - state.started) / interval)
    failed = 1 if state.failing_streak else 0
    output = "connection refused" if failed else "ok"
    return [
        {
            "Start": moment(state.started + number * interval),
            "End": moment(state.started + number * interval + 0.043),
            "ExitCode": failed,
            "Output": output,
        }
        for number in range(max(1, last - _PROBES_KEPT + 1), last + 1)
    ]


def _paths(container: Container, identity: str) -> dict[str, str]:
    """Empty until the first start; a log file only where the driver writes one that others may read."""
    folder = f"{ROOT}/containers/{identity}"
    if container.life.state == "created":
        return {"ResolvConfPath": "", "HostnamePath": "", "HostsPath": "", "LogPath": ""}
    log = f"{folder}/{identity}-json.log" if container.log_driver == "json-file" else ""
    return {
        "ResolvConfPath": f"{folder}/resolv.conf",
        "HostnamePath": f"{folder}/hostname",
        "HostsPath": f"{folder}/hosts",
        "LogPath": log,
    }


def _apparmor(container: Container, engine: Engine) -> str:
    if not any(option.startswith("name=apparmor") for option in engine.system.security):
        return ""
    return "unconfined" if container.privileged else "docker-default"


def _lower(container: Container, identity: str) -> str:
    base = hex_id(container.image.reference, "layer")
    return f"{ROOT}/overlay2/{hex_id(identity, 'layer')}-init/diff:{ROOT}/overlay2/{base}/diff"


def graph_driver(engine: Engine, layer: str, lower: str = "") -> dict[str, Any]:
    folder = f"{ROOT}/{engine.storage_driver}/{layer}"
    data = {"MergedDir": f"{folder}/merged", "UpperDir": f"{folder}/diff", "WorkDir": f"{folder}/work"}
    return {"Data": {"LowerDir": lower, **data} if lower else data, "Name": engine.storage_driver}


def _config(container: Container, engine: Engine, identity: str) -> dict[str, Any]:
    image = container.image
    given = {entry.partition("=")[0] for entry in container.environment}
    inherited = [entry for entry in image.environment if entry.partition("=")[0] not in given]
    anonymous = [m.destination for m in container.mounts if m.kind == "volume" and not m.source and not container.task]
    declared = [*image.volumes, *(path for path in anonymous if path not in image.volumes)]
    config: dict[str, Any] = {
        "Hostname": engine.name if container.network_mode == "host" else identity[:12],
        "Domainname": "",
        "User": image.user if container.user is None else container.user,
        "AttachStdin": False,
        "AttachStdout": False,
        "AttachStderr": False,
    }
    if ports := exposed(container):
        config["ExposedPorts"] = {port: {} for port in ports}
    config |= {
        "Tty": False,
        "OpenStdin": False,
        "StdinOnce": False,
        "Env": [*container.environment, *inherited],
        "Cmd": list(container.command or image.command),
    }
    if container.checked_by:
        config["Healthcheck"] = health_config(container.checked_by)
    config |= {
        "Image": container.given_reference,
        "Volumes": {path: {} for path in declared} or None,
        "WorkingDir": "",
        "Entrypoint": list(image.entrypoint) if image.entrypoint else None,
        "OnBuild": None,
        "Labels": labels_of(container),
    }
    if container.stop_timeout:
        config["StopTimeout"] = container.stop_timeout
    return config


def health_config(check: HealthCheck) -> dict[str, Any]:
    found: dict[str, Any] = {"Test": list(check.test)}
    times = {"Interval": check.interval, "Timeout": check.timeout, "StartPeriod": check.start_period}
    found |= {name: nanoseconds(value) for name, value in times.items() if value}
    return found | ({"Retries": check.retries} if check.retries else {})


def _network_settings(
    container: Container, attachments: list[Attachment], state: State, identity: str
) -> dict[str, Any]:
    """The old top-level address fields are those of the default bridge, and empty elsewhere."""
    on_bridge = next((a for a in attachments if a.network.name == "bridge"), None)
    sandbox = "" if container.life.state == "created" else hex_id(identity, "sandbox")
    return {
        "Bridge": "",
        "SandboxID": sandbox,
        "HairpinMode": False,
        "LinkLocalIPv6Address": "",
        "LinkLocalIPv6PrefixLen": 0,
        "Ports": bindings(container, up=state.up, attachments=attachments),
        "SandboxKey": f"/var/run/docker/netns/{sandbox[:12]}" if sandbox else "",
        "SecondaryIPAddresses": None,
        "SecondaryIPv6Addresses": None,
        "EndpointID": on_bridge.endpoint if on_bridge else "",
        "Gateway": on_bridge.gateway if on_bridge else "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "IPAddress": on_bridge.address if on_bridge else "",
        "IPPrefixLen": on_bridge.prefix if on_bridge else 0,
        "IPv6Gateway": "",
        "MacAddress": on_bridge.mac if on_bridge else "",
        "Networks": {
            a.network.name: endpoint_settings(container, a, aliases=_aliases(container, a, identity))
            for a in attachments
        },
    }


def _aliases(container: Container, attachment: Attachment, identity: str) -> list[str] | None:
    if attachment.network.name in {"bridge", "host", "none"}:
        return None
    return [*container.aliases, identity[:12]]
