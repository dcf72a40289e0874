"""What the contract compares: keys and types of a reply, without its values."""

from __future__ import annotations

import re
from typing import Any

_IDENTITY = re.compile(r"^[0-9a-f]{64}$")


def shape(reply: Any, at: str = "") -> set[str]:
    """Every path in the reply with the type found there; elements of a list share one path, so do ids as keys."""
    if isinstance(reply, dict):
        found = {f"{at}: object"}
        for key, value in reply.items():
            found |= shape(value, f"{at}.{'<id>' if _IDENTITY.match(key) else key}")
        return found
    if isinstance(reply, list):
        return {f"{at}: list"}.union(*(shape(value, f"{at}[]") for value in reply))
    names = {type(None): "null", bool: "truth", int: "number", float: "number", str: "text"}
    return {f"{at}: {names[type(reply)]}"}


#: Null or a list of ids, from one moment to the next: a health probe is under way or it is not.
_PROBED = {".ExecIDs: null", ".ExecIDs: list", ".ExecIDs[]: text"}


def differences(real: Any, simulated: Any) -> list[str]:
    """Keys and types that only one of two replies has. One difference is allowed, that of two moments."""
    theirs, ours = shape(real) - _PROBED, shape(simulated) - _PROBED
    return sorted([f"only real: {path}" for path in theirs - ours] + [f"only ours: {path}" for path in ours - theirs])
