"""Linux capabilities: what an engine leaves a container that asks for nothing, and what --cap-add and --cap-drop make
of it."""

from __future__ import annotations

from collections.abc import Collection

#: Docker's own list. Podman's is a part of it, and its inspect names what it takes away from it one by one.
DEFAULT = frozenset(
    {
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    }
)
EVERY = "ALL"  # as a name in either list: every capability that the kernel knows


def kept(added: Collection[str], dropped: Collection[str]) -> frozenset[str]:
    """What a container has after both lists, which hold names in capitals without CAP_.

    As the engine does it: with ALL added, dropping takes away but a few of some forty, so ALL stands for them here.
    """
    if EVERY in added:
        return frozenset({EVERY})
    if EVERY in dropped:
        return frozenset(added)
    return DEFAULT.difference(dropped).union(added)
