"""What of an engine decides who reaches what; where no reply tells, what engines do unless told otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fleet.inventory import HostFacts
from fleet.inventory.versions import Version

#: What whoever runs a host may say with a label of the daemon, because no reply of the engine tells.
NO_PROXY: Final = "loadline.userland-proxy=off"
NO_FIREWALL: Final = "loadline.iptables=off"
#: Since then packets for an address behind a bridge are dropped unless they come over that bridge.
_DROPS_DIRECT: Final = 28
#: Since then IPv6 is filtered unless somebody switches that off; before, unless somebody switched it on.
_FILTERS_IPV6: Final = 27


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """`firewall` is whether the engine keeps networks apart by rules of the packet filter, `proxy` whether its own
    program answers on published ports as well. `internal` is whether internal networks are kept apart, which is done
    by such rules: without them, engines before 28 were seen to let everything through. `walls_inside` is whether
    packets between two containers of one bridge pass those rules, `drops_direct` whether machines that have a route
    to a bridge are kept off it.
    """

    linux: bool
    podman: bool
    rootless: bool
    firewall: bool
    internal: bool | None
    proxy: bool
    forwards: bool | None
    walls_inside: bool
    drops_direct: bool
    filters_ipv6: bool


def behaviour_of(engine: HostFacts) -> Behaviour:
    labels = engine.labels or ()
    version = Version.parse(engine.engine_version)
    major = version.numbers[0] if version else 0
    warned = any("docker_insecure_no_iptables_raw" in text.lower() for text in engine.warnings or ())
    firewall = NO_FIREWALL not in labels
    return Behaviour(
        linux=(engine.os_type or "linux") == "linux",
        podman=engine.kind == "podman",
        rootless=engine.security_option("rootless") is not None or "name=rootless" in (engine.security_options or ()),
        firewall=firewall,
        internal=True if firewall else (False if 0 < major < _DROPS_DIRECT else None),
        proxy=NO_PROXY not in labels,
        forwards=engine.ipv4_forwarding,
        # From 28 on the kernel's switch is set when a network needs it, and the engine no longer tells of it.
        walls_inside=firewall and (major >= _DROPS_DIRECT or engine.bridge_nf_iptables is not False),
        drops_direct=firewall and major >= _DROPS_DIRECT and not warned,
        filters_ipv6=firewall and major >= _FILTERS_IPV6,
    )
