"""From the replies of API 1.41 to those of later versions, as the Engine API's changelog tells it.

Only what a reader of containers, images, networks and hosts can notice is here.
"""
# ruff: noqa: PLR2004 -- the numbers are API versions

from __future__ import annotations

from typing import Any

_OLD_ADDRESSES = ("Bridge", "HairpinMode", "LinkLocalIPv6Address", "LinkLocalIPv6PrefixLen", "SecondaryIPAddresses",
                  "SecondaryIPv6Addresses", "EndpointID", "Gateway", "GlobalIPv6Address", "GlobalIPv6PrefixLen",
                  "IPAddress", "IPPrefixLen", "IPv6Gateway", "MacAddress")  # fmt: skip
_NOT_OF_AN_IMAGE = ("Hostname", "Domainname", "AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin",
                    "StdinOnce", "Image")  # fmt: skip


def container(reply: dict[str, Any], api: int) -> dict[str, Any]:
    if api >= 42:
        for name in ("KernelMemory", "KernelMemoryTCP"):
            reply["HostConfig"].pop(name, None)
    if api >= 44:
        for endpoint in reply["NetworkSettings"]["Networks"].values():
            endpoint["DNSNames"] = endpoint["Aliases"] and [reply["Name"].removeprefix("/"), *endpoint["Aliases"]]
    if api >= 52:
        for name in _OLD_ADDRESSES:
            reply["NetworkSettings"].pop(name, None)
        if not reply["Config"]["OnBuild"]:
            del reply["Config"]["OnBuild"]
    return reply


def info(reply: dict[str, Any], api: int, *, cgroup: str) -> dict[str, Any]:
    if api >= 52 or (api >= 42 and cgroup == "2"):
        _drop(reply, "KernelMemory", "KernelMemoryTCP")
    if api >= 46:
        namespaces = {"Containers": "moby", "Plugins": "plugins.moby"}
        reply["Containerd"] = {"Address": "/run/containerd/containerd.sock", "Namespaces": namespaces}
    if api >= 49:
        _drop(reply["RegistryConfig"], "AllowNondistributableArtifactsCIDRs", "AllowNondistributableArtifactsHostnames")
        for name in ("ContainerdCommit", "RuncCommit", "InitCommit"):
            _drop(reply[name], "Expected")
        reply["FirewallBackend"] = {"Driver": "iptables"}
    if api >= 50:
        _drop(reply, "BridgeNfIptables", "BridgeNfIp6tables")
        reply["DiscoveredDevices"] = None
    if api >= 53:
        reply["NRI"] = {}
    return reply


def image_entry(reply: dict[str, Any], api: int, *, used_by: int) -> dict[str, Any]:
    if api >= 44:
        _drop(reply, "VirtualSize")
    if api >= 51:
        reply["Containers"] = used_by
    return reply


def image(reply: dict[str, Any], api: int) -> dict[str, Any]:
    if api >= 44:
        _drop(reply, "VirtualSize")
    if api >= 45:
        _drop(reply, "Container", "ContainerConfig")
    if api >= 50:
        _drop(reply["Config"], *_NOT_OF_AN_IMAGE)
    if api >= 52:
        _drop_empty(reply, "Parent", "Comment", "DockerVersion", "Author")
        _drop_empty(reply["Config"], "Cmd", "Entrypoint", "Env", "Labels", "OnBuild", "User", "Volumes", "WorkingDir")
    return reply


def network(reply: dict[str, Any], api: int) -> dict[str, Any]:
    if api >= 48:
        reply["EnableIPv4"] = True
    return reply


def usage(reply: dict[str, Any], api: int, *, verbose: bool = False) -> dict[str, Any]:
    """Sums from 52 on, and with `verbose` what they are of; the lists as they were until 52."""
    if api >= 42:
        _drop(reply, "BuilderSize")
    if api < 52:
        return reply
    sizes = {
        "Image": (reply["Images"], [image["Size"] for image in reply["Images"]]),
        "Container": (reply["Containers"], [c.get("SizeRw", 0) for c in reply["Containers"]]),
        "Volume": (reply["Volumes"], [v["UsageData"]["Size"] for v in reply["Volumes"]]),
        "BuildCache": ([], []),
    }
    summary = {f"{kind}Usage": _summary(items, sum(some), verbose=verbose) for kind, (items, some) in sizes.items()}
    return summary if api >= 53 else {**reply, **summary}


def _summary(items: list[Any], size: int, *, verbose: bool) -> dict[str, Any]:
    told = {"ActiveCount": len(items), "TotalCount": len(items), "Reclaimable": 0, "TotalSize": size}
    return {**told, "Items": items} if verbose and items else told


def _drop(reply: dict[str, Any], *names: str) -> None:
    for name in names:
        reply.pop(name, None)


def _drop_empty(reply: dict[str, Any], *names: str) -> None:
    for name in names:
        if name in reply and not reply[name]:
            del reply[name]
