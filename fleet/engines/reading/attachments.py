"""What ties a container to its host: published ports, mounts and networks, sorted because engines shuffle them."""

from __future__ import annotations

from fleet.engines.reading import fields
from fleet.engines.reading.fields import find, flag, rows, text, texts, whole
from fleet.inventory import Mount, NetworkAttachment, PublishedPort

BOUND_STATES = frozenset({"running", "paused"})  # a container between two restarts has no port bound
_ALL_ADDRESSES = "0.0.0.0"  # noqa: S104  # read from an engine, bound by nobody here
_LAST_PORT = 65535


def inspected_ports(reply: object, *, bound: bool) -> tuple[PublishedPort, ...] | None:
    """The doors that are open while it runs, or those that will open when it starts.

    The list's ports are not used: after a failed start it still names doors that nobody holds open.
    """
    path = ("NetworkSettings", "Ports") if bound else ("HostConfig", "PortBindings")
    table = find(reply, *path)
    if table is None:
        parent = find(reply, path[0])
        return () if isinstance(parent, dict) and not bound else None
    if not isinstance(table, dict):
        return None
    found: list[PublishedPort] = []
    for key, bindings in table.items():
        ports = _bindings(key, bindings, bound=bound)
        if ports is None:
            return None
        found += ports
    return _sorted(found)


def listed_ports(entry: object, *, bound: bool) -> tuple[PublishedPort, ...] | None:
    """Published ones only: the list also names ports that are merely exposed, without a public port."""
    found = fields.read_all(rows(entry, "Ports"), lambda row: _listed_port(row, bound=bound))
    return None if found is None else _sorted([port for port in found if port.host_port is not None])


def mounts(reply: object) -> tuple[Mount, ...] | None:
    found = fields.read_all(rows(reply, "Mounts"), _mount)
    return None if found is None else tuple(sorted(found, key=lambda mount: mount.destination))


def networks(reply: object) -> tuple[NetworkAttachment, ...] | None:
    table = find(reply, "NetworkSettings", "Networks")
    if not isinstance(table, dict):
        return None
    found = [_network(fields.clean(name), settings) for name, settings in table.items()]
    return tuple(sorted(found, key=lambda network: network.name))


def _bindings(key: str, bindings: object, *, bound: bool) -> list[PublishedPort] | None:
    """None for what cannot be read. `null` bindings are an exposed port that is not published."""
    container_port, protocol = _port_and_protocol(key)
    given = rows({"bindings": bindings}, "bindings")
    if container_port is None or given is None:
        return None
    found = []
    for binding in given:
        address = text(binding, "HostIp") or ""
        if bound and not address:
            address = _ALL_ADDRESSES  # podman leaves it empty and listens everywhere
        # Before the start it may be a range, of which the engine takes the first that is free.
        host_port = _port_number((text(binding, "HostPort") or "").partition("-")[0])
        found.append(PublishedPort(container_port, protocol, address, host_port, bound))
    return found


def _port_and_protocol(key: str) -> tuple[int | None, str]:
    number, _, protocol = key.partition("/")
    return _port_number(number), fields.clean(protocol) or "tcp"


def _port_number(text_or_none: str | None) -> int | None:
    if not text_or_none or not text_or_none.isascii() or not text_or_none.isdigit():
        return None
    number = int(text_or_none) if len(text_or_none) <= len(str(_LAST_PORT)) else 0
    return number if 0 < number <= _LAST_PORT else None


def _listed_port(row: dict[str, object], *, bound: bool) -> PublishedPort | None:
    container_port = whole(row, "PrivatePort")
    if container_port is None:
        return None
    public = whole(row, "PublicPort") or None
    address = text(row, "IP") or (_ALL_ADDRESSES if bound else "")
    return PublishedPort(container_port, text(row, "Type") or "tcp", address, public, bound)


def _sorted(ports: list[PublishedPort]) -> tuple[PublishedPort, ...]:
    return tuple(
        sorted(set(ports), key=lambda port: (port.container_port, port.protocol, port.host_ip, port.host_port or 0))
    )


def _mount(row: dict[str, object]) -> Mount | None:
    destination = text(row, "Destination")
    if destination is None:
        return None
    return Mount(
        kind=text(row, "Type") or "",
        destination=destination,
        source=fields.filled(row, "Source"),
        name=fields.filled(row, "Name"),
        driver=fields.filled(row, "Driver"),
        writable=flag(row, "RW"),
        propagation=text(row, "Propagation"),
    )


def _network(name: str, settings: object) -> NetworkAttachment:
    return NetworkAttachment(
        name=name,
        network_id=fields.filled(settings, "NetworkID"),
        ip_address=fields.filled(settings, "IPAddress"),
        ipv6_address=fields.filled(settings, "GlobalIPv6Address"),
        aliases=texts(settings, "Aliases") or (),
        static_address=fields.filled(settings, "IPAMConfig", "IPv4Address"),
    )
