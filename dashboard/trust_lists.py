"""Images in use by what they prove: which of them, as lists of the pages and of the API both ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.lists import NO_TEAM
from dashboard.trust import NO_REGISTRY
from dashboard.trust_words import STATES
from fleet.proving import Listed

_PREFIX = "sha256:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Each narrows; empty ones do not. `group` is a key of dashboard.trust_words.GROUPS."""

    state: str = ""
    group: str = ""
    team: str = ""
    registry: str = ""
    root: str = ""
    q: str = ""

    def among(self, images: Iterable[Listed]) -> list[Listed]:
        return [one for one in images if self._has(one)]

    def _has(self, one: Listed) -> bool:
        return (
            (not self.state or one.state == self.state)
            and (not self.group or STATES[one.state].group == self.group)
            and (not self.root or one.root == self.root)
            and (not self.registry or one.registry == ("" if self.registry == NO_REGISTRY else self.registry))
            and (not self.team or any(self.team == (team or NO_TEAM) for team, _ in one.teams))
            and self._holds(one)
        )

    def _holds(self, one: Listed) -> bool:
        """Part of the name, or the beginning of the image's ID."""
        words = self.q.strip().lower()
        digits = words.removeprefix(_PREFIX)
        return words in one.name.lower() or (bool(digits) and one.image_id.removeprefix(_PREFIX).startswith(digits))
