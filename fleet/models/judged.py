"""What everything that gets a verdict has in common."""

from __future__ import annotations

from typing import Any

from django.db import models

from fleet.readiness.vocabulary import Pillar, Verdict

VERDICTS = [(verdict.value, verdict.value.replace("-", " ").capitalize()) for verdict in Verdict]
PILLARS = tuple(pillar.value for pillar in Pillar)


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
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def pillars(self) -> dict[str, str]:
        """Verdict by pillar, in the order of the pillars."""
        return {pillar: getattr(self, f"verdict_{pillar}") for pillar in PILLARS}


JUDGED_FIELDS = (
    "verdict",
    *(f"verdict_{pillar}" for pillar in PILLARS),
    "failing_critical",
    "failing_high",
    "failing_medium",
    "unknown_findings",
    "judged_at",
)
