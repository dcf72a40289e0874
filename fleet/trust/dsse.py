"""DSSE: how statements are wrapped to be signed."""

from __future__ import annotations


def pae(kind: str, payload: bytes) -> bytes:
    """The pre-authentication encoding, which is what is signed."""
    return b"DSSEv1 %d %s %d %s" % (len(kind.encode()), kind.encode(), len(payload), payload)
