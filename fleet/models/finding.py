"""Findings: what each rule says of each subject now, and since when.

Rows are those that somebody has to look at: failures, accepted ones among them, and what cannot be told. What passes or
does not apply stands on the subject's sheet (fleet/models/answer_sheet.py); fleet/models/answers.py reads both.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, Self

from django.db import models

from fleet.models.container import Container, network_keys, volume_names
from fleet.models.fields import JsonField
from fleet.models.host import LONG as LONG_OF_HOSTS
from fleet.models.service import LONG as LONG_OF_SERVICES
from fleet.readiness.vocabulary import Pillar, Scope, Severity, Status

#: How pages tell of a failure that a waiver covers.
WAIVED = "waived"
#: Of the host and the service that something is said of: what is long, and no part of how they are named.
LONG_OF_SUBJECTS: Final = (
    *(f"host__{name}" for name in LONG_OF_HOSTS),
    *(f"service__{name}" for name in LONG_OF_SERVICES),
)
#: What somebody has to look at. Everything else is settled.
OPEN: Final = frozenset({Status.FAIL, Status.UNKNOWN})


def choices_of(words: type[Pillar] | type[Severity] | type[Status] | type[Scope]) -> list[tuple[str, str]]:
    return [(word.value, word.value.replace("-", " ").capitalize()) for word in words]


def hanging_on(containers: models.QuerySet[Container]) -> models.Q:
    """What is said of these containers and of the image, networks, volumes and host of each."""
    rows = list(containers.values_list("pk", "host_id", "image_id", "facts"))
    hosts = {host for _, host, _, _ in rows}
    networks = {key for *_, facts in rows for key in network_keys(facts.get("networks"))}
    volumes = {name for *_, facts in rows for name in volume_names(facts.get("mounts"))}
    return (
        models.Q(subject_kind=Scope.CONTAINER.value, subject_pk__in=[pk for pk, *_ in rows])
        | models.Q(subject_kind=Scope.IMAGE.value, subject_pk__in={image for _, _, image, _ in rows if image})
        | models.Q(subject_kind=Scope.NETWORK.value, host__in=hosts)
        & (models.Q(subject_id__in=networks) | models.Q(subject_name__in=networks))
        | models.Q(subject_kind=Scope.VOLUME.value, host__in=hosts, subject_id__in=volumes)
        | models.Q(subject_kind=Scope.HOST.value, subject_pk__in=hosts)
    )


def owned_by(team: str) -> tuple[models.Q, models.Q]:
    """What is said of the team's services, and of its hosts where it is about no service: what the team can mend."""
    return models.Q(service__team=team), models.Q(service__isnull=True, host__team=team)


class FindingQuerySet(models.QuerySet["Finding"]):
    """Named questions about findings."""

    def with_subjects(self) -> Self:
        """Reads host and service along, and of the host only what a finding's age is told from."""
        return self.select_related("host__environment", "service", "waiver").defer(
            *LONG_OF_SUBJECTS, "waiver__evidence"
        )

    def failing(self) -> Self:
        return self.filter(status=Status.FAIL.value)

    def about(self, containers: models.QuerySet[Container]) -> Self:
        """Findings on these containers and on the image, networks, volumes and host of each."""
        return self.filter(hanging_on(containers))

    def of_team(self, team: str) -> Self:
        services, hosts = owned_by(team)
        return self.filter(services | hosts)

    def with_status(self, status: str) -> Self:
        """Those with the status as pages tell it: an accepted failure is `waived` and does not count as failing."""
        if status == WAIVED:
            return self.filter(status=Status.FAIL.value, waiver__isnull=False)
        chosen = self.filter(status=status)
        return chosen.filter(waiver__isnull=True) if status == Status.FAIL.value else chosen

    def facets(self) -> list[tuple[str, str, str, str, int]]:
        """How many findings by rule, severity, status as pages tell it, and the host's environment (empty without)."""
        told = self.order_by().annotate(free=models.Q(waiver__isnull=True))
        rows = told.values_list("rule", "severity", "status", "free", "host__environment__slug")
        found: Counter[tuple[str, str, str, str]] = Counter()
        for rule, severity, status, free, environment, number in rows.annotate(n=models.Count("pk")):
            shown = status if free or status != Status.FAIL.value else WAIVED
            found[rule, severity, shown, environment or ""] += number
        return [(*key, number) for key, number in found.items()]

    def counts_by_rule(self) -> Counter[tuple[str, str]]:
        """How many findings, by rule and status as pages tell it."""
        found: Counter[tuple[str, str]] = Counter()
        told = self.order_by().annotate(free=models.Q(waiver__isnull=True))
        rows = told.values_list("rule", "status", "free").annotate(n=models.Count("pk"))
        for rule, status, free, number in rows:
            found[rule, status if free or status != Status.FAIL.value else WAIVED] += number
        return found

    def counts_by_status(self) -> Counter[str]:
        """How many findings, by status as pages tell it."""
        told = self.order_by().annotate(free=models.Q(waiver__isnull=True))
        found: Counter[str] = Counter()
        for status, free, number in told.values_list("status", "free").annotate(n=models.Count("pk")):
            found[status if free or status != Status.FAIL.value else WAIVED] += number
        return found

    def open(self) -> Self:
        """Failing and unknown ones: what a person has to look at."""
        return self.filter(status__in=sorted(OPEN))


class Finding(models.Model):
    """One rule, one subject. `first_seen` is since when the status has been this; it was last seen when the host
    last answered. `severity_rank` sorts worst first.
    """

    rule = models.CharField(max_length=80)
    pillar = models.CharField(max_length=10, choices=choices_of(Pillar))
    severity = models.CharField(max_length=8, choices=choices_of(Severity))
    severity_rank = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=14, choices=choices_of(Status))
    core_gate = models.BooleanField(default=False)
    subject_kind = models.CharField(max_length=9, choices=choices_of(Scope))
    subject_pk = models.BigIntegerField()  # of the container, image, network, volume, host or service row
    subject_id = models.CharField(max_length=255)  # the engine's id, or the name where it has none
    subject_name = models.CharField(max_length=255)
    host = models.ForeignKey(
        "fleet.Host",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="findings",
        db_index=False,
        db_constraint=False,
    )
    # Django sees to it that findings go with what they are about. PostgreSQL would look up each of them for each of a
    # new container's sixty findings, a quarter of what storing them costs it; the sweep that writes them holds the
    # host's row, and wrote the container just now.
    container = models.ForeignKey(
        "fleet.Container",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="findings",
        db_constraint=False,
    )
    service = models.ForeignKey(
        "fleet.Service", on_delete=models.CASCADE, null=True, blank=True, related_name="findings", db_constraint=False
    )
    evidence = JsonField(default=dict)
    blind = models.BooleanField(default=False)  # unknown because Loadline has no source for it
    cis = JsonField(null=True, blank=True)  # CIS numbers that this failure violates; null: all of the rule's
    fingerprint = models.CharField(max_length=16, blank=True)  # of the offending value: what a waiver is bound to
    waiver = models.ForeignKey(
        "fleet.Waiver", on_delete=models.SET_NULL, null=True, blank=True, related_name="findings", db_index=False
    )
    reason = models.TextField(blank=True)
    first_seen = models.DateTimeField()

    objects = FindingQuerySet.as_manager()

    class Meta:
        # Every index costs each of a new container's fifty-odd rows one more insert. This one also finds a subject's
        # rows, and with the subject first it grows where the last row went.
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_pk", "rule"], name="one_finding_per_rule_and_subject"
            )
        ]
        indexes = [
            models.Index(fields=["rule", "status", "id"]),
            models.Index(fields=["status", "severity_rank", "rule", "id"], name="findings_worst_first"),
            models.Index(fields=["pillar", "status"]),
            # A host's own findings have no container; SQLite would else walk through all that have none.
            models.Index(fields=["host", "container"], name="findings_of_a_host"),
            # Hardly any finding is waived, and the others need not be in it.
            models.Index(fields=["waiver"], condition=models.Q(waiver__isnull=False), name="waived_findings"),
        ]
        ordering = ["severity_rank", "rule", "subject_name"]

    def __str__(self) -> str:
        return f"{self.rule}: {self.subject_name} {self.status}"
