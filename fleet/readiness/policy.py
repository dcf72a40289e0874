"""What an organisation decides for itself: facts the engine cannot know, given to rules as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Annotated

import msgspec

from fleet.readiness.vocabulary import Severity, Stage

Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Days = Annotated[int, msgspec.Meta(ge=1, le=3650)]
Minutes = Annotated[int, msgspec.Meta(ge=0, le=525_600)]
Tier = Annotated[int, msgspec.Meta(ge=1, le=9)]
Sentence = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a policy can tell one subject from another by; None and empty where a subject has no such thing."""

    environment: str
    stage: Stage
    tier: int | None = None
    service: str | None = None
    image: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


class Where(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Every part that is given must match, by any of its entries; with no part at all it matches everything.

    `labels` are `key` or `key=value`; `services` and `images` may hold `*` and `?`.
    """

    environments: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    tiers: tuple[Tier, ...] = ()
    labels: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    images: tuple[str, ...] = ()

    def matches(self, traits: Traits) -> bool:
        """Whether the subject with these traits is meant."""
        return (
            (not self.environments or traits.environment in self.environments)
            and (not self.stages or traits.stage in self.stages)
            and (not self.tiers or traits.tier in self.tiers)
            and (not self.labels or any(_labelled(one, traits.labels) for one in self.labels))
            and (not self.services or _named(traits.service, self.services))
            and (not self.images or _named(traits.image, self.images))
        )


def _labelled(wanted: str, labels: Mapping[str, str]) -> bool:
    key, given, value = wanted.partition("=")
    return labels.get(key) == value if given else key in labels


def _named(name: str | None, patterns: tuple[str, ...]) -> bool:
    return name is not None and any(fnmatchcase(name, pattern) for pattern in patterns)


class SeverityChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A rule's severity for some subjects; the first change that matches decides."""

    severity: Severity
    where: Where = Where()


class Exemption(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Subjects that a rule does not apply to, and why. For a failure that is accepted until a date, use a waiver."""

    reason: Sentence
    where: Where = Where()


class RoleGrant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Containers that have a role (edge, cache, job, …) without saying so by a label of their own."""

    role: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9-]*$")]
    where: Where


class Thresholds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Percent. Below them a verdict is at risk, or unknown where the name says so.

    `pillar_burden` is a share of all the points that pass, in every pillar together: a pillar is held to its score and
    its confidence only where what fails or is missing in it weighs as much. Without it two low findings would decide
    a pillar to which little else applies.
    """

    pillar_score: Percent = 70
    pillar_burden: Percent = 6
    pillar_confidence: Percent = 50
    confidence: Percent = 80
    confidence_unknown: Percent = 60


class WaiverDays(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a waiver may last at most, by the severity of what it accepts."""

    critical: Days = 30
    high: Days = 90
    medium: Days = 180
    low: Days = 365
    info: Days = 365


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`allowed_registries` empty means that nobody has decided yet. `severities` and `exemptions` are by rule slug.

    `secret_names` are patterns (`*_SIGNING`) of variable names that hold secrets besides the usual ones, and
    `harmless_names` of those that do not, whatever they look like. Labels are tried in the order given. A service has
    reached a stage when it has had a container there that ought to run for `stage_minutes` on end. A scanner's report
    that is older than `scan_days` is no evidence any more.
    """

    allowed_registries: tuple[str, ...] = ()
    datastore_ports: dict[int, str] = msgspec.field(default_factory=dict)  # besides the table's; "" takes one off
    public_ports: dict[str, str] = msgspec.field(default_factory=dict)  # "service:port" to who approved it
    secret_names: tuple[str, ...] = ()
    harmless_names: tuple[str, ...] = ()
    owner_labels: tuple[str, ...] = ("loadline.team", "loadline.owner", "owner", "team")
    tier_labels: tuple[str, ...] = ("loadline.tier", "readiness.tier")
    approved_runtimes: tuple[str, ...] = (
        "runc", "io.containerd.runc.v2", "crun", "youki", "runsc", "kata", "io.containerd.kata.v2", "nvidia",
    )  # fmt: skip
    volume_drivers: dict[str, str] = msgspec.field(default_factory=dict)  # driver to "approved" or "refused"
    roles: tuple[RoleGrant, ...] = ()
    severities: dict[str, tuple[SeverityChange, ...]] = msgspec.field(default_factory=dict)
    exemptions: dict[str, tuple[Exemption, ...]] = msgspec.field(default_factory=dict)
    thresholds: Thresholds = Thresholds()
    waiver_days: WaiverDays = WaiverDays()
    stage_minutes: Minutes = 0
    scan_days: Days = 7

    def severity_of(self, rule: str, traits: Traits, otherwise: Severity) -> Severity:
        """The first change for the rule that matches, else `otherwise`."""
        changes = self.severities.get(rule, ())
        return next((change.severity for change in changes if change.where.matches(traits)), otherwise)

    def exemption_from(self, rule: str, traits: Traits) -> Exemption | None:
        """Why the rule does not apply to a subject with these traits; None when it does."""
        return next((one for one in self.exemptions.get(rule, ()) if one.where.matches(traits)), None)

    def roles_of(self, traits: Traits) -> frozenset[str]:
        """Roles that the policy gives, besides those that a container's own label says."""
        return frozenset(grant.role for grant in self.roles if grant.where.matches(traits))

    def tier_of(self, labels: Mapping[str, str]) -> int | None:
        """The tier that the labels name, 1 the most critical; None when they name none or something else."""
        text = next((labels[key].strip() for key in self.tier_labels if labels.get(key)), "")
        number = text.lower().removeprefix("tier").strip("- ")
        return int(number) if number.isdecimal() and len(number) == 1 and number != "0" else None

    def owner_of(self, labels: Mapping[str, str]) -> str | None:
        """The team that the labels name."""
        return next((labels[key].strip() for key in self.owner_labels if (labels.get(key) or "").strip()), None)
