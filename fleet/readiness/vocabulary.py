"""The words of judgement, spelled once for database, API, pages and style sheets."""

from __future__ import annotations

from enum import StrEnum


class Pillar(StrEnum):
    """The six pillars, in the order every page shows them, and adoption beside them: whose is it, how is it run?"""

    NETWORK = "network"
    STATE = "state"
    TRUST = "trust"
    RUNTIME = "runtime"
    RESILIENCE = "resilience"
    HARDENING = "hardening"
    ADOPTION = "adoption"


#: The six that get a verdict and a score of their own; what adoption's rules find counts in the whole verdict.
PILLARS = tuple(pillar for pillar in Pillar if pillar is not Pillar.ADOPTION)


class Severity(StrEnum):
    """How bad a failing finding is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class Status(StrEnum):
    """What a rule says of one subject."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    PASS = "pass"  # noqa: S105 - a status, not a password
    NOT_APPLICABLE = "not-applicable"


class Verdict(StrEnum):
    """What the findings add up to, worst first: the worst of several is the first in this order."""

    NOT_READY = "not-ready"
    UNKNOWN = "unknown"
    AT_RISK = "at-risk"
    READY = "ready"


class Scope(StrEnum):
    """What kind of thing a rule judges."""

    CONTAINER = "container"
    IMAGE = "image"
    NETWORK = "network"
    VOLUME = "volume"
    HOST = "host"
    SERVICE = "service"


class Stage(StrEnum):
    """How far a service has come, furthest last. An environment has one of the last three."""

    NONE = "none"
    EXPERIMENT = "experiment"
    STAGING = "staging"
    PRODUCTION = "production"
