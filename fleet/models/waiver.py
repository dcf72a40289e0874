"""Waivers: a person's signed decision to accept a failing finding until a date."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models

from fleet.models.fields import JsonField
from fleet.models.host import LONG
from fleet.models.service import LONG as LONG_OF_SERVICES
from fleet.readiness.vocabulary import Scope, Severity

STATES = [
    ("requested", "Requested"),
    ("active", "Active"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
]
#: What a waiver can be about. A container's findings are waived for its service, because containers come and go.
SCOPES = [
    (scope.value, scope.value.capitalize())
    for scope in (Scope.SERVICE, Scope.HOST, Scope.IMAGE, Scope.NETWORK, Scope.VOLUME)
]
#: Expiring ones are announced this long before.
SOON = timedelta(days=14)
_OF_A_LINE = (
    "rule", "kind", "subject", "environment", "severity", "fingerprints", "state", "requester", "expires_at",
    "service__name", "host__name",
)  # fmt: skip


class WaiverQuerySet(models.QuerySet["Waiver"]):
    """Named questions about waivers."""

    def standing(self, now: datetime) -> Self:
        """Approved and not expired."""
        return self.filter(state="active", expires_at__gt=now)

    def waiting(self) -> Self:
        """Requested, and not yet approved by enough people."""
        return self.filter(state="requested")

    def expiring(self, now: datetime) -> Self:
        return self.standing(now).filter(expires_at__lte=now + SOON).order_by("expires_at")

    def announced(self, now: datetime) -> Self:
        """Those expiring that cover something, soonest first."""
        return self.expiring(now).filter(findings__isnull=False).distinct()

    def expired(self, now: datetime) -> Self:
        return self.filter(state="active", expires_at__lte=now)

    def for_lists(self) -> Self:
        long = (*(f"host__{name}" for name in LONG), *(f"service__{name}" for name in LONG_OF_SERVICES))
        return self.select_related("service", "host", "requested_by").defer(*long).prefetch_related("approvals")

    def for_headings(self) -> Self:
        """What a line of the list says, and what it takes to tell what is left out."""
        return self.select_related("service", "host").only(*_OF_A_LINE).prefetch_related("approvals")


class Waiver(models.Model):
    """One rule on exactly one thing in one environment, for the values that were seen when it was asked for.

    `fingerprints` are those of the offending values; a finding with another value is not covered. `severity` is the
    worst that was seen and so the worst that is accepted; a graver finding is not covered. `subject` is the
    network's or volume's name on `host`, or the image's id; empty for a service or a host.
    """

    rule = models.CharField(max_length=80)
    kind = models.CharField(max_length=9, choices=SCOPES)
    service = models.ForeignKey(
        "fleet.Service", on_delete=models.CASCADE, null=True, blank=True, related_name="waivers"
    )
    host = models.ForeignKey("fleet.Host", on_delete=models.CASCADE, null=True, blank=True, related_name="waivers")
    subject = models.CharField(max_length=255, blank=True)
    environment = models.CharField(max_length=50)  # its slug
    severity = models.CharField(max_length=8, choices=[(s.value, s.value.capitalize()) for s in Severity])
    fingerprints = JsonField(default=list)
    evidence = JsonField(default=list)  # [{"subject", "host", "evidence"}]: what was accepted
    reason = models.TextField()
    control = models.TextField(help_text="What is done instead, so that the risk stays small.")
    ticket = models.URLField(max_length=500)
    state = models.CharField(max_length=9, choices=STATES, default="requested", db_index=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    requester = models.CharField(max_length=150)  # the name, should the account go
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    approvals_needed = models.PositiveSmallIntegerField(default=1)
    decided_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, blank=True)  # who rejected or withdrew it
    ended_note = models.TextField(blank=True)

    objects = WaiverQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["rule", "state"]), models.Index(fields=["kind", "state"])]
        ordering = ["-requested_at"]

    def __str__(self) -> str:
        return f"{self.rule} on {self.about}"

    @property
    def about(self) -> str:
        """The thing in words: `checkout`, `host prod-01`, `volume data on prod-01`."""
        if self.kind == Scope.SERVICE.value:
            return self.service.name if self.service else "a service that went"
        where = f" on {self.host.name}" if self.host else ""
        name = self.subject or (self.host.name if self.host else "")
        return f"{self.kind} {name}{where if self.subject else ''}"

    @property
    def last_day(self) -> date:
        """It stands until the end of that day."""
        return (self.expires_at - timedelta(seconds=1)).date()

    def stands(self, now: datetime) -> bool:
        return self.state == "active" and self.expires_at > now


class WaiverApproval(models.Model):
    """One person's yes."""

    waiver = models.ForeignKey(Waiver, on_delete=models.CASCADE, related_name="approvals")
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=150)
    at = models.DateTimeField()
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["waiver", "approver"], name="one_approval_per_waiver_and_person")
        ]
        ordering = ["at"]

    def __str__(self) -> str:
        return self.name
