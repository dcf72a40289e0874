"""Reports: what the manager's page said on a day, kept as it was; and to whom it is mailed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Self

from django.core.validators import MaxValueValidator
from django.db import models

from fleet.models.fields import JsonField

WAITING, SENDING, SENT, FAILED, UNSURE = "waiting", "sending", "sent", "failed", "unsure"
STATES: Final = [
    (WAITING, "Waits"),
    (SENDING, "Being sent"),
    (SENT, "Sent"),
    (FAILED, "Failed"),
    (UNSURE, "Nobody knows"),
]
SCHEDULED, ASKED = "scheduled", "asked"
WEEKDAYS: Final = [
    (number, name)
    for number, name in enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))
]


class KeptReportError(Exception):
    """Somebody wants to write a report that was kept."""


class Report(models.Model):
    """One for each day. `document` is compressed JSON (fleet.reports), `digest` the SHA-256 of that JSON, uncompressed;
    `maker` is empty where the schedule kept it.
    """

    day = models.DateField(unique=True)
    made_at = models.DateTimeField()
    maker = models.CharField(max_length=150, blank=True)
    digest = models.CharField(max_length=64)
    document = models.BinaryField()

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return self.day.isoformat()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise KeptReportError(f"The report of {self.day} stays as it was made.")
        super().save(*args, **kwargs)


class ReportSchedule(models.Model):
    """One row, or none while nobody set anything. `hour` is UTC; what came due before `changed_at` is not mailed."""

    enabled = models.BooleanField(default=False)
    weekday = models.PositiveSmallIntegerField(default=0, choices=WEEKDAYS)
    hour = models.PositiveSmallIntegerField(default=6, validators=[MaxValueValidator(23)])
    changed_at = models.DateTimeField(null=True, blank=True)
    recipients = JsonField(default=list, blank=True)  # addresses, each once

    def __str__(self) -> str:
        return "Report by mail"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1  # there is only ever one
        super().save(*args, **kwargs)

    @classmethod
    def current(cls) -> ReportSchedule:
        return cls.objects.filter(pk=1).first() or cls()


class ReportMailQuerySet(models.QuerySet["ReportMail"]):
    """Named questions about mails."""

    def due(self, now: datetime) -> Self:
        return self.filter(state=WAITING, next_try_at__lte=now).order_by("next_try_at", "pk")

    def claim(self, pk: int, now: datetime) -> bool:
        """Whether it is this caller's to send: one conditional UPDATE, which of several callers one wins."""
        return bool(self.due(now).order_by().filter(pk=pk).update(state=SENDING, at=now))


class ReportMail(models.Model):
    """One report to one address on one occasion, so that nobody gets it twice and nobody sees who else does.

    `due_at` is the occasion: when the schedule wanted it, or when somebody asked for it. `at` is when its state last
    changed, `said` why it failed.
    """

    kind = models.CharField(max_length=9, choices=[(SCHEDULED, "By the schedule"), (ASKED, "Asked for")])
    due_at = models.DateTimeField()
    address = models.EmailField(max_length=254)
    day = models.DateField()
    state = models.CharField(max_length=7, choices=STATES, default=WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    at = models.DateTimeField()
    said = models.CharField(max_length=300, blank=True)

    objects = ReportMailQuerySet.as_manager()

    class Meta:
        ordering = ["-due_at", "address"]
        constraints = [models.UniqueConstraint(fields=["kind", "due_at", "address"], name="one_mail_an_occasion")]
        indexes = [models.Index(fields=["next_try_at"], condition=models.Q(state="waiting"), name="mails_that_wait")]

    def __str__(self) -> str:
        return f"{self.address} {self.due_at:%Y-%m-%d %H:%M}"
