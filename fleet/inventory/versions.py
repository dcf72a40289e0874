"""Reading a component's version, so that a rule can tell upstream's release from a distribution's build of it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_VERSION = re.compile(r"^v?(?P<numbers>\d+(?:\.\d+)+)(?P<edition>-ce)?(?:[-~.]?rc\.?(?P<candidate>\d+))?(?P<rest>.*)$")
#: What `git describe` adds to a tag, as in `v1.1.12-0-g51d5e94`; it says nothing about who built it.
_DESCRIBE = re.compile(r"^-0-g[0-9a-f]+$")
#: Docker wrote `-ce` behind its own releases before this one; behind later ones it marks a distribution's build.
_EDITIONS_ENDED = (18, 9)


@dataclass(frozen=True, slots=True)
class Version:
    """`1.4.0-rc.3` is numbers (1, 4, 0) and candidate 3. `suffix` is what a distribution or a developer added."""

    numbers: tuple[int, ...]
    candidate: int | None = None
    suffix: str = ""

    @classmethod
    def parse(cls, text: str | None) -> Version | None:
        """None when the text starts with no version, such as a bare git hash."""
        match = _VERSION.match((text or "").strip())
        if match is None:
            return None
        rest = match["rest"].strip()
        numbers = tuple(int(part) for part in match["numbers"].split("."))
        if match["edition"] and numbers >= _EDITIONS_ENDED:
            rest = match["edition"] + rest
        candidate = int(match["candidate"]) if match["candidate"] else None
        return cls(numbers, candidate, "" if _DESCRIBE.match(rest) else rest)

    @property
    def order(self) -> tuple[tuple[int, ...], float]:
        """For comparing: a release candidate comes before its release, and the suffix does not count."""
        return (*self.numbers, 0, 0)[:3], math.inf if self.candidate is None else self.candidate

    @property
    def branch(self) -> tuple[int, ...]:
        """Major and minor number: the line that fixes are released on."""
        return self.numbers[:2]

    @property
    def patched(self) -> bool:
        """Built from changed sources, by a distribution or a developer: fixes may be in it that its number denies."""
        return bool(self.suffix)
