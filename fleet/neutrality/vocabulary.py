"""The words of neutrality: how much one change takes, and how far a service is from running on another engine."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Effort(StrEnum):
    """What it takes to cut one tie, the lightest first."""

    HOST = "host"  # set up once on the other engine's host; nothing about the service changes
    DROP_IN = "drop-in"  # a word or two in how the container is started
    CONFIGURATION = "configuration"  # something beside the container has to be set up as well
    REWORK = "rework"  # what the service leans on has to be built in another way


class Distance(StrEnum):
    """How far a service is from running on another OCI engine: its heaviest change."""

    FREE = "free"  # nothing to change
    DROP_IN = "drop-in"
    CONFIGURATION = "configuration"
    REWORK = "rework"
    UNKNOWN = "unknown"


EFFORTS: Final = tuple(Effort)
#: What counts as a change of the service, the lightest first.
CHANGES: Final = (Effort.DROP_IN, Effort.CONFIGURATION, Effort.REWORK)
