"""Which of root's privileges a container has in the end."""

from __future__ import annotations

from collections.abc import Iterable

#: What Docker leaves to a container that asks for nothing.
DEFAULT = frozenset(
    {
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    }
)


def effective(added: Iterable[str], dropped: Iterable[str]) -> frozenset[str]:
    """The default without what was dropped and with what was added; ALL drops everything, and as an addition is one."""
    gone = frozenset(dropped)
    return (frozenset() if "ALL" in gone else DEFAULT - gone) | frozenset(added)
