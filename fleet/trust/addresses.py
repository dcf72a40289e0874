"""Which addresses are spoken to: a name is looked up by others, so it is the address itself that is judged."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address


def refusal(address: str, *, private: bool) -> str:
    """Why this address, as the socket tells it once connected, gets no byte; empty when it may.

    Link-local addresses, where clouds keep their credentials, never may; `private` opens what an admin registered.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address[:60]!r} is no address"
    found = _plain(found)
    if found.is_unspecified or found.is_multicast or found.is_link_local or found.is_reserved:
        return f"{found} is no address of a registry"
    if not private and not found.is_global:
        return f"{found} is not on the internet, and nobody registered a registry there"
    return ""


def literal_refusal(host: str) -> str:
    """Why a host that is an address in any spelling (`0`, `0x0`, `[::]`) is never asked; empty for names."""
    try:
        address = socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        address = host
    try:
        ip_address(address)
    except ValueError:
        return ""
    return refusal(address, private=True)


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside one that only carries it: mapped, 6to4, or translated by NAT64."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address


class _Prefix:
    """64:ff9b::/96 (RFC 6052)."""

    _BEGIN = bytes.fromhex("0064ff9b0000000000000000")

    def __contains__(self, address: IPv6Address) -> bool:
        return address.packed.startswith(self._BEGIN)


_NAT64 = _Prefix()
