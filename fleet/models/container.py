"""Containers, the ones that run and the ones that went."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import F

from fleet.inventory import ContainerFacts, KeptNeighbour
from fleet.inventory.plain import from_plain, from_text
from fleet.models.fields import JsonField
from fleet.models.freshness import RANKS, stale_unless, verdict_now, verdict_rank
from fleet.models.host import fresh_at
from fleet.models.judged import VERDICT_FIELDS, Judged
from fleet.models.named import among, few_keys, narrowed
from fleet.models.seen import Seen
from fleet.readiness.vocabulary import Scope, Verdict

if TYPE_CHECKING:
    from fleet.models.service import Service


def network_keys(attachments: Iterable[Mapping[str, Any]] | None) -> list[str]:
    """Of the stored facts' `networks`: each one's id, or its name where the container has never been started."""
    return [one.get("network_id") or one["name"] for one in attachments or ()]


def volume_names(mounts: Iterable[Mapping[str, Any]] | None) -> list[str]:
    """Of the stored facts' `mounts`: the volumes among them."""
    return [one["name"] for one in mounts or () if one.get("name")]


#: Fields that the rules about one container rest on besides its facts, and nothing else on its host.
WATCHED_FIELDS = (
    "first_seen", "state", "created_at", "started_at", "restart_count", "restart_marks", "findings_hash",
)  # fmt: skip

#: What the last sweep of its host still saw.
THERE = models.Q(gone_at__isnull=True)


class _ThereInAnyOrder(models.Func):
    """The same in a form of which PostgreSQL does not know that the index by name holds it: it would read that from the
    first name on, and of a word that begins late half of a million names.
    """

    template = "(%(expressions)s) IS TRUE"
    output_field = models.BooleanField()

    def __init__(self) -> None:
        super().__init__(models.ExpressionWrapper(THERE, output_field=models.BooleanField()))


#: Restarted, unhealthy or down, though it ought to run.
TROUBLED = models.Q(expected_running=True) & (
    models.Q(restart_count__gt=0) | models.Q(health="unhealthy") | ~models.Q(state="running")
)


def of_id(words: str) -> models.Q:
    """Those whose id begins so. Ids are hexadecimal digits, and a range of them an index finds under any collation."""
    digits = words.lower()
    if not _DIGITS.fullmatch(digits):
        return models.Q(pk__in=())
    return models.Q(engine_id__gte=digits, engine_id__lt=f"{digits}g")


_DIGITS = re.compile("[0-9a-f]+")


def _holding(words: str) -> models.Q:
    """Services that hold the words are found once, when a row is the first to need them, and not joined to each row."""
    wanted = models.Q(name__icontains=words) | models.Q(image_reference__icontains=words)
    return wanted | models.Q(service__in=_services(words)) | of_id(words)


def _services(words: str) -> models.QuerySet[Service]:
    from fleet.models.service import Service

    return Service.objects.filter(name__icontains=words).order_by()


class ContainerQuerySet(models.QuerySet["Container"]):
    """Named questions about containers."""

    def present(self) -> Self:
        """What the last sweep of its host still saw."""
        return self.filter(gone_at__isnull=True)

    def keys_with(self, words: str) -> list[int] | None:
        """Keys of what is there and whose name, service or image holds the words, or whose id begins so; None when
        they are more than FEW.
        """
        present = self.present()
        return few_keys(
            self.filter(_ThereInAnyOrder(), name__icontains=words),
            present.filter(image_reference__icontains=words),
            present.filter(of_id(words)),
            present.filter(service__in=_services(words)),
        )

    def matching(self, words: str, keys: list[int] | None) -> Self:
        """Those same containers, when their keys are given that `keys_with` found."""
        return narrowed(self.present(), keys, many=lambda: _holding(words))

    def of_verdict(self, verdict: str, stale: Sequence[int]) -> Self:
        """After `with_verdict_now`: of that verdict as of now, when the hosts of these keys are stale."""
        rank = models.Q(verdict_rank=RANKS[verdict])
        silent = among("host", stale)
        if verdict == Verdict.UNKNOWN.value:
            return self.filter(rank | silent if stale else rank)
        return self.filter(rank, ~silent) if stale else self.filter(rank)

    def of_infrastructure(self, references: Sequence[str], *, it_is: bool = True) -> Self:
        """Those of these images, which are there to run others; or all but those."""
        return self.filter(image_reference__in=references) if it_is else self.exclude(image_reference__in=references)

    def for_lists(self) -> Self:
        """With what lists show of it, of its host and of its service: bulky facts and standings stay where they are."""
        about = ("host__name", "host__environment__name", "service__name", "service__slug")
        own = ("name", "host", "service", "engine_id", "image_reference", "state", "health", "started_at", "gone_at")
        return self.select_related("host__environment", "service").only(*own, *VERDICT_FIELDS, *about)

    def worst_first(self) -> Self:
        """After `with_verdict_now`."""
        return self.order_by(models.F("verdict_rank"), "host__name", "name")

    def with_verdict_now(self, now: datetime) -> Self:
        """Adds `verdict_now`: the stored verdict, or unknown when the host has not answered for too long. To sort by,
        `verdict_rank` is that of the stored one, which an index has in order.
        """
        fresh = fresh_at(now, "host__answered_at")
        now_known = self.annotate(verdict_now=verdict_now(fresh), rests_on_stale=stale_unless(fresh))
        return now_known.annotate(verdict_rank=verdict_rank("verdict"))


def at_work(infrastructure: Sequence[str]) -> models.Exists:
    """Of hosts: whether a container runs there whose image is none of these."""
    running = Container.objects.present().filter(state="running", host=models.OuterRef("pk"))
    return models.Exists(running.of_infrastructure(infrastructure, it_is=False))


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
    # Of the facts that a whole service is judged by (fleet.inventory.lasting); empty until its next sweep writes it.
    lasting_hash = models.CharField(max_length=16, blank=True, default="", db_default="", editable=False)
    # Since when only the list has told of it; its last inspection counts until that is too long ago.
    uninspected_since = models.DateTimeField(null=True, blank=True)
    # What of the facts is looked at when other things on the host are judged (fleet.inventory.neighbour).
    as_neighbour = JsonField(null=True, editable=False, finite=True)

    #: Read as text by the name that this says (fleet.models.reading), of which `neighbour` is made at once.
    TEXTS: ClassVar = {"as_neighbour": "neighbour_text"}

    judged_scopes = (Scope.CONTAINER, Scope.IMAGE, Scope.NETWORK, Scope.VOLUME)
    objects = ContainerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "engine_id"], name="one_container_per_host_and_id")]
        indexes = [
            models.Index(fields=["service", "gone_at"]),
            models.Index(fields=["name", "id"], condition=THERE, name="containers_by_name"),
            # Without it SQLite reads a host's containers by the one above: the whole fleet for each host.
            models.Index(fields=["host", "gone_at", "name"]),
            models.Index(fields=["engine_id"]),
            # Lists of what is there: in each order that they can be sorted in, and by what they can be filtered by.
            models.Index(verdict_rank("verdict"), "name", "id", condition=THERE, name="containers_worst_first"),
            models.Index(fields=["image_reference"], condition=THERE, name="containers_by_image"),
            models.Index(fields=["state", "name"], condition=THERE, name="containers_by_state"),
            models.Index(fields=["health", "name"], condition=THERE, name="containers_by_health"),
            models.Index(fields=["started_at"], condition=THERE, name="containers_by_start"),
            # What the pages of resilience, network and hardening show of all of them.
            models.Index(F("restart_count").desc(), "id", condition=THERE & TROUBLED, name="troubled_containers"),
        ]
        ordering = ["name"]

    def read_facts(self) -> ContainerFacts:
        return self._facts_as(ContainerFacts)

    def keep_neighbour(self, facts: ContainerFacts) -> None:
        """Sets what the facts are to others, of which nothing has to be made again to read it."""
        self.neighbour = KeptNeighbour.of(facts)
        self.as_neighbour = self.neighbour.to_plain()

    @cached_property
    def neighbour(self) -> KeptNeighbour:
        if text := self.__dict__.get("neighbour_text"):
            return from_text(KeptNeighbour, text)
        if not self.as_neighbour:
            return KeptNeighbour.of(self.read_facts())
        return from_plain(KeptNeighbour, self.as_neighbour)

    @property
    def keeps_neighbour(self) -> bool:
        """Whether `neighbour` takes no more than what is stored for it."""
        return bool(self.__dict__.get("neighbour_text") or self.as_neighbour)
