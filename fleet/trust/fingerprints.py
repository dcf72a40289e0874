"""Fingerprints of keys as people compare them: in groups of four, aloud or by eye."""

from __future__ import annotations

import re
from typing import Final

from fleet.trust.errors import Refused

_GROUP: Final = 4
_WHOLE: Final = 64
#: Digits of the eight groups that are not shown of a candidate: as hard to hit as a key is to break.
HIDDEN: Final = 32
_BETWEEN: Final = re.compile(r"[\s:.\-\u2010-\u2015]+")


def groups(fingerprint: str) -> tuple[str, ...]:
    """`ab12`, `cd34`, …: sixteen of them of a SHA-256."""
    return tuple(fingerprint[at : at + _GROUP] for at in range(0, len(fingerprint), _GROUP))


def told(said: str, fingerprint: str) -> bool:
    """Whether somebody who said this knows the fingerprint: the whole of it, or its last eight groups.

    Raises Refused for what is neither, whatever it is.
    """
    text = _BETWEEN.sub("", said.strip().lower().removeprefix("sha256").removeprefix("sha-256"))
    if not re.fullmatch(r"[0-9a-f]+", text) or len(text) not in {HIDDEN, _WHOLE}:
        raise Refused("write all sixteen groups of four digits that the publisher told, or the last eight")
    return fingerprint.endswith(text) if len(text) == HIDDEN else fingerprint == text
