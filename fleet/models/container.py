"""Containers, the ones that run and the ones that went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Self

from django.db import models

from fleet.inventory import ContainerFacts
from fleet.inventory.plain import from_plain
from fleet.models.fields import JsonField
from fleet.models.freshness import stale_unless, verdict_now, verdict_rank
from fleet.models.host import fresh_at
from fleet.models.judged import Judged
from fleet.models.seen import Seen
from fleet.readiness.vocabulary import Scope


def network_keys(attachments: Iterable[Mapping[str, Any]] | None) -> list[str]:
    """Of the stored facts' `networks`: each one's id, or its name where the container has never been started."""
    return [one.get("network_id") or one["name"] for one in attachments or ()]


def volume_names(mounts: Iterable[Mapping[str, Any]] | None) -> list[str]:
    """Of the stored facts' `mounts`: the volumes among them."""
    return [one["name"] for one in mounts or () if one.get("name")]


class ContainerQuerySet(models.QuerySet["Container"]):
    """Named questions about containers."""

    def present(self) -> Self:
        """What the last sweep of its host still saw."""
        return self.filter(gone_at__isnull=True)

    def matching(self, words: str) -> Self:
        """Containers whose name, service, image or id holds the words."""
        wanted = models.Q(name__icontains=words) | models.Q(image_reference__icontains=words)
        return self.filter(wanted | models.Q(service__name__icontains=words) | models.Q(engine_id__startswith=words))

    def for_lists(self) -> Self:
        """With host, environment and service, without the bulky facts."""
        return self.select_related("host__environment", "service").defer(
            "facts", "standing", "own_standing", "host__facts", "host__swarm", "host__standing", "service__standing"
        )

    def worst_first(self) -> Self:
        """After `with_verdict_now`."""
        return self.order_by(models.F("verdict_rank"), "host__name", "name")

    def with_verdict_now(self, now: datetime) -> Self:
        """Adds `verdict_now`: the stored verdict, or unknown when the host has not answered for too long."""
        fresh = fresh_at(now, "host__answered_at")
        now_known = self.annotate(verdict_now=verdict_now(fresh), rests_on_stale=stale_unless(fresh))
        return now_known.annotate(verdict_rank=verdict_rank())


class Container(Seen, Judged):
    """One container on one host. `expected_running` says that it runs or that its restart policy wants it to."""

    service = models.ForeignKey(
        "fleet.Service", on_delete=models.SET_NULL, null=True, blank=True, related_name="containers", db_index=False
    )
    image = models.ForeignKey("fleet.Image", on_delete=models.SET_NULL, null=True, blank=True, related_name="users")
    image_reference = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=20, blank=True)
    health = models.CharField(max_length=20, blank=True)
    expected_running = models.BooleanField(default=False)
    # Whether the service's verdict rests on this container; set when the service is added up.
    carries_verdict = models.BooleanField(default=False)
    created_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    restart_count = models.PositiveIntegerField(default=0)
    # [[ISO time, count], …] of the last ten minutes, oldest first: what "restarts in ten minutes" is counted from.
    restart_marks = JsonField(default=list)
    # By what a sweep knows that it need not be inspected again (fleet.engines.reading.plan); empty: it always is.
    remembered = models.CharField(max_length=32, blank=True, editable=False)
    # Since when only the list has told of it; its last inspection counts until that is too long ago.
    uninspected_since = models.DateTimeField(null=True, blank=True)

    judged_scopes = (Scope.CONTAINER, Scope.IMAGE, Scope.NETWORK, Scope.VOLUME)
    objects = ContainerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "engine_id"], name="one_container_per_host_and_id")]
        indexes = [
            models.Index(fields=["service", "gone_at"]),
            models.Index(fields=["gone_at", "name"]),
            # Without it SQLite reads a host's containers by the one above: the whole fleet for each host.
            models.Index(fields=["host", "gone_at", "name"]),
            models.Index(fields=["engine_id"]),
        ]
        ordering = ["name"]

    def read_facts(self) -> ContainerFacts:
        return from_plain(ContainerFacts, self.facts)
