"""/networks, /volumes, /plugins and /system/df."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from fleet.simulation.identifiers import hex_id, moment, second
from fleet.simulation.plan import Engine
from fleet.simulation.replies.attachments import Switchboard
from fleet.simulation.replies.mounts import ROOT, volume_name, volumes_of
from fleet.simulation.spec import Container, Network, Plugin, Volume


def network(found: Network, board: Switchboard, *, began: float) -> dict[str, Any]:
    """As in the list, where Containers is empty. `Containers` of an overlay is null there."""
    return {
        "Name": found.name,
        "Id": board.ids[found.name],
        "Created": moment(began - found.age),
        "Scope": "swarm" if found.overlay else "local",
        "Driver": found.driver,
        "EnableIPv6": False,
        "IPAM": _ipam(found),
        "Internal": found.internal,
        "Attachable": found.attachable,
        "Ingress": found.ingress,
        "ConfigFrom": {"Network": ""},
        "ConfigOnly": False,
        "Containers": None if found.overlay else {},
        "Options": _options(found),
        "Labels": (dict(found.labels) or None) if found.overlay else dict(found.labels),
    }


def network_inspect(
    found: Network, board: Switchboard, attached: list[tuple[str, Container]], *, began: float
) -> dict[str, Any]:
    """With the containers that are up on it; an overlay that has some on this host names its peers too."""
    members = {identity: _member(found, board, container) for identity, container in attached}
    whole = network(found, board, began=began)
    if not members:
        return whole
    whole |= {"Containers": members, "Labels": dict(found.labels)}
    swarm = board.engine.swarm
    if found.overlay and swarm:
        whole["Peers"] = [{"Name": hex_id(node.host, "peer")[:12], "IP": node.address} for node in swarm.nodes]
    return whole


def _member(found: Network, board: Switchboard, container: Container) -> dict[str, Any]:
    attachment = next(a for a in board.attachments(container, up=True) if a.network.name == found.name)
    address = f"{attachment.address}/{attachment.prefix}" if attachment.address else ""
    return {
        "Name": container.name,
        "EndpointID": attachment.endpoint,
        "MacAddress": attachment.mac,
        "IPv4Address": address,
        "IPv6Address": "",
    }


def _ipam(found: Network) -> dict[str, Any]:
    own = found.name in {"bridge", "host", "none", "docker_gwbridge"} or found.overlay
    if found.driver in {"host", "null"}:
        config: list[dict[str, str]] = []
    elif found.overlay:
        config = [{"Subnet": f"10.0.{found.subnet}.0/24", "Gateway": f"10.0.{found.subnet}.1"}]
    else:
        config = [{"Subnet": f"172.{found.subnet}.0.0/16"}]
        if found.name != "bridge":
            config[0]["Gateway"] = f"172.{found.subnet}.0.1"
    return {"Driver": "default", "Options": None if own else {}, "Config": config}


def _options(found: Network) -> dict[str, str]:
    overlay = {"com.docker.network.driver.overlay.vxlanid_list": str(4096 + found.subnet)}
    return {**overlay, **found.options} if found.overlay else dict(found.options)


def volume(found: Volume, *, began: float) -> dict[str, Any]:
    return {
        "CreatedAt": second(began - found.age),
        "Driver": found.driver,
        "Labels": dict(found.labels) or None,
        "Mountpoint": f"{ROOT}/volumes/{found.name}/_data",
        "Name": found.name,
        "Options": dict(found.options) or None,
        "Scope": "local",
    }


def volumes(engine: Engine, *, began: float) -> dict[str, Any]:
    """Volumes of a driver that no longer answers are still listed: the engine remembers their names."""
    shown = [volume(found, began=began) for found in volumes_of(engine)]
    return {"Volumes": shown, "Warnings": list(engine.volume_warnings) or None}


def plugin(found: Plugin) -> dict[str, Any]:
    """One managed plugin, as far as anyone reads it."""
    prefix, _, rest = found.kind.partition(".")
    capability, _, number = rest.partition("/")
    return {
        "Id": hex_id("plugin", found.name),
        "Name": found.name,
        "Enabled": found.enabled,
        "Settings": {"Mounts": [], "Env": [], "Args": [], "Devices": []},
        "PluginReference": f"docker.io/{found.name}",
        "Config": {
            "Description": found.name,
            "Documentation": "",
            "Entrypoint": ["/plugin"],
            "Interface": {
                "Types": [{"Prefix": prefix, "Capability": capability, "Version": number}],
                "Socket": "plugin.sock",
            },
            "WorkDir": "",
            "Network": {"Type": "host"},
            "Linux": {"Capabilities": None, "AllowAllDevices": False, "Devices": None},
            "PropagatedMount": "",
            "IpcHost": False,
            "PidHost": False,
            "Mounts": [],
            "Env": [],
            "Args": {"Name": "", "Description": "", "Settable": None, "Value": None},
        },
    }


def usage(
    engine: Engine, images: list[dict[str, Any]], containers: list[dict[str, Any]], *, began: float
) -> dict[str, Any]:
    """/system/df of API 1.41."""
    users: dict[str, int] = {}
    for container in engine.containers:
        for mount in container.mounts:
            if mount.kind == "volume":
                name = volume_name(container, mount, engine)
                users[name] = users.get(name, 0) + 1
    return {
        "LayersSize": sum(image["Size"] for image in images),
        "Images": images,
        "Containers": containers,
        "Volumes": [
            volume(found, began=began)
            | {"UsageData": {"RefCount": users.get(found.name, 0), "Size": _size(found.name)}}
            for found in volumes_of(engine)
            if not found.options  # what it mounts may be slow to count, so the engine leaves it out
        ],
        "BuildCache": None,
        "BuilderSize": 0,
    }


def _size(name: str) -> int:
    """Between 1 MiB and 8 GiB, of each volume always the same."""
    dice = crc32(name.encode())
    return (17 + dice % 15) << (16 + dice // 15 % 13)
