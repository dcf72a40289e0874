"""What everything that gets a verdict has in common."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

from django.db import models

from fleet.models import standings
from fleet.models.fields import JsonField
from fleet.readiness import catalogue, vocabulary
from fleet.readiness.standing import Standing
from fleet.readiness.verdict import Points
from fleet.readiness.vocabulary import Scope, Status, Verdict

VERDICTS = [(verdict.value, verdict.value.replace("-", " ").capitalize()) for verdict in Verdict]
PILLARS = tuple(pillar.value for pillar in vocabulary.PILLARS)


@cache
def pillars_judged(scopes: tuple[Scope, ...]) -> frozenset[str]:
    """The pillars that have a rule of one of the scopes."""
    return frozenset(rule.pillar.value for scope in scopes for rule in catalogue.for_scope(scope))


def verdict_field() -> Any:
    return models.CharField(max_length=9, choices=VERDICTS, default=Verdict.UNKNOWN.value)


class Judged(models.Model):
    """A verdict, one for each pillar, and how many findings fail. Written by assessment only.

    The stored verdict is that of the moment of judging; pages read `verdict_now` (see `fleet.models.freshness`),
    which turns unknown when the evidence has gone stale.
    """

    verdict = verdict_field()
    verdict_network = verdict_field()
    verdict_state = verdict_field()
    verdict_trust = verdict_field()
    verdict_runtime = verdict_field()
    verdict_resilience = verdict_field()
    verdict_hardening = verdict_field()
    failing_critical = models.PositiveIntegerField(default=0)
    failing_high = models.PositiveIntegerField(default=0)
    failing_medium = models.PositiveIntegerField(default=0)
    unknown_findings = models.PositiveIntegerField(default=0)
    waived_findings = models.PositiveIntegerField(default=0)
    # Points by pillar and the open rules that the verdict rests on (fleet.readiness.standing).
    standing = JsonField(default=dict)
    # Of the standing, so that of many rows each kind is read once; empty until it is written next.
    standing_hash = models.CharField(max_length=16, blank=True, default="", db_default="", editable=False)
    judged_at = models.DateTimeField(null=True, blank=True)

    judged_scopes: ClassVar[tuple[Scope, ...]] = tuple(Scope)  # whose findings count

    class Meta:
        abstract = True

    def read_standing(self) -> Standing:
        return standings.read(self, "standing")

    def keep_standing(self, standing: Standing) -> None:
        self.standing_hash = standings.keep(self, "standing", standing)

    @property
    def scores(self) -> dict[str, Points]:
        """Points by pillar, for ranking; a score is never shown without the points behind it."""
        tally = self.read_standing().tally
        return {pillar: tally.pillar(pillar) for pillar in PILLARS}

    @property
    def pillars(self) -> dict[str, str]:
        """Verdict by pillar, in the order of the pillars; "not-applicable" where no rule judges this kind of thing."""
        judged = pillars_judged(self.judged_scopes)
        return {
            pillar: getattr(self, f"verdict_{pillar}") if pillar in judged else Status.NOT_APPLICABLE.value
            for pillar in PILLARS
        }

    @property
    def pillars_now(self) -> dict[str, str]:
        """Of a row from `with_verdict_now`: verdict by pillar, unknown where it rests on stale evidence."""
        stale: bool = getattr(self, "rests_on_stale")  # noqa: B009 - annotated, and a row without it is a mistake
        return {
            pillar: Verdict.UNKNOWN.value if stale and verdict != Status.NOT_APPLICABLE else verdict
            for pillar, verdict in self.pillars.items()
        }


VERDICT_FIELDS = ("verdict", *(f"verdict_{pillar}" for pillar in PILLARS))
JUDGED_FIELDS = (
    *VERDICT_FIELDS,
    "failing_critical",
    "failing_high",
    "failing_medium",
    "unknown_findings",
    "waived_findings",
    "standing",
    "standing_hash",
    "judged_at",
)
