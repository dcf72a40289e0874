"""Findings: what each rule says of each subject now, and since when."""

from __future__ import annotations

from typing import Self

from django.db import models

from fleet.readiness.vocabulary import Pillar, Scope, Severity, Status


def _choices(words: type[Pillar] | type[Severity] | type[Status] | type[Scope]) -> list[tuple[str, str]]:
    return [(word.value, word.value.replace("-", " ").capitalize()) for word in words]


class FindingQuerySet(models.QuerySet["Finding"]):
    """Named questions about findings."""

    def failing(self) -> Self:
        return self.filter(status=Status.FAIL.value)

    def open(self) -> Self:
        """Failing and unknown ones: what a person has to look at."""
        return self.filter(status__in=[Status.FAIL.value, Status.UNKNOWN.value])


class Finding(models.Model):
    """One rule, one subject. `first_seen` is since when the status has been this; it was last seen when the host
    last answered. `severity_rank` sorts worst first.
    """

    rule = models.CharField(max_length=80)
    pillar = models.CharField(max_length=10, choices=_choices(Pillar))
    severity = models.CharField(max_length=8, choices=_choices(Severity))
    severity_rank = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=14, choices=_choices(Status))
    core_gate = models.BooleanField(default=False)
    subject_kind = models.CharField(max_length=9, choices=_choices(Scope))
    subject_pk = models.BigIntegerField()  # of the container, image, network, volume, host or service row
    subject_id = models.CharField(max_length=255)  # the engine's id, or the name where it has none
    subject_name = models.CharField(max_length=255)
    host = models.ForeignKey("fleet.Host", on_delete=models.CASCADE, null=True, blank=True, related_name="findings")
    container = models.ForeignKey(
        "fleet.Container", on_delete=models.CASCADE, null=True, blank=True, related_name="findings"
    )
    service = models.ForeignKey(
        "fleet.Service", on_delete=models.CASCADE, null=True, blank=True, related_name="findings"
    )
    evidence = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    first_seen = models.DateTimeField()

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject_kind", "subject_pk"], name="one_finding_per_rule_and_subject"
            )
        ]
        indexes = [
            models.Index(fields=["subject_kind", "subject_pk"]),
            models.Index(fields=["rule", "status"]),
            models.Index(fields=["status", "severity_rank"]),
            models.Index(fields=["pillar", "status"]),
        ]
        ordering = ["severity_rank", "rule", "subject_name"]

    def __str__(self) -> str:
        return f"{self.rule}: {self.subject_name} {self.status}"
