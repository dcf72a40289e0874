"""Changes: verdicts and findings that flipped, with what was before, what is after, and what came with it."""

from __future__ import annotations

from typing import Self

from django.db import models

from fleet.models.fields import JsonField

VERDICT, FINDING, TRUST = "verdict", "finding", "trust"


class ChangeQuerySet(models.QuerySet["Change"]):
    """Named questions about changes."""

    def with_subjects(self) -> Self:
        """Reads names and addresses of service and host along, of which each has much more."""
        own = (field.name for field in self.model._meta.concrete_fields)  # noqa: SLF001 - documented
        return self.select_related("service", "host").only(*own, "service__name", "service__slug", "host__name")

    def newest_first(self) -> Self:
        return self.order_by("-at", "-pk")


class Change(models.Model):
    """One flip, or several of the same thing within a day: then `flips` counts them and `history` has each.

    `before` and `after` are verdicts, or statuses of the rule (`fail`, `waived`, `unknown`, `pass`); those of the
    first flip and of the last. `better` tells where it ended up, compared with where it began. Of trust they are states
    (fleet.trust.states.State) of the image that the service runs under the name `about`.
    """

    kind = models.CharField(max_length=7, choices=[(VERDICT, "Verdict"), (FINDING, "Finding"), (TRUST, "Trust")])
    service = models.ForeignKey(
        "fleet.Service", on_delete=models.CASCADE, null=True, blank=True, related_name="changes", db_index=False
    )
    host = models.ForeignKey(
        "fleet.Host", on_delete=models.CASCADE, null=True, blank=True, related_name="changes", db_index=False
    )
    rule = models.CharField(max_length=80, blank=True)
    pillar = models.CharField(max_length=10, blank=True)
    severity = models.CharField(max_length=8, blank=True)
    about = models.CharField(max_length=500, blank=True, default="", db_default="")
    before = models.CharField(max_length=17)
    after = models.CharField(max_length=17)
    better = models.BooleanField(null=True)
    cause = models.TextField(blank=True)
    first_at = models.DateTimeField()
    at = models.DateTimeField()
    flips = models.PositiveIntegerField(default=1)
    history = JsonField(default=list)  # [[ISO time, before, after, cause], …], oldest first, the last 50

    objects = ChangeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-at"]),
            models.Index(fields=["service", "-at"]),
            models.Index(fields=["host", "-at"]),
            models.Index(fields=["rule", "-at"]),
        ]
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.subject_name}: {self.rule or 'verdict'} {self.before} → {self.after}"

    @property
    def subject_name(self) -> str:
        if self.service is not None:
            return self.service.name
        return self.host.name if self.host is not None else ""

    @property
    def flapping(self) -> bool:
        return self.flips > 2  # noqa: PLR2004 - there, back and there again
