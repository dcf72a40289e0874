"""Could it run without this engine and this vendor? What ties each service, and when support for its ground ends."""

from __future__ import annotations

from fleet.neutrality.catalogue import by_slug, ties, version
from fleet.neutrality.endings import Ending, endings_of
from fleet.neutrality.reading import Bond, Reading, read
from fleet.neutrality.tie import Part, Tie
from fleet.neutrality.vocabulary import CHANGES, EFFORTS, Distance, Effort

__all__ = [
    "CHANGES",
    "EFFORTS",
    "Bond",
    "Distance",
    "Effort",
    "Ending",
    "Part",
    "Reading",
    "Tie",
    "by_slug",
    "endings_of",
    "read",
    "ties",
    "version",
]
