"""Hosts: registered machines, how to reach them and how their last sweep went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce

from fleet.inventory import HostFacts, NodeFacts, PluginFacts, SwarmFacts, SwarmServiceFacts, TaskFacts
from fleet.inventory.plain import from_plain
from fleet.models.fields import JsonField
from fleet.models.freshness import rank_now, stale_unless, verdict_now
from fleet.models.judged import Judged
from fleet.models.named import KeysOf
from fleet.models.ruled import Ruled
from fleet.readiness.vocabulary import Scope
from fleet.sealing import seal, unseal

F = TypeVar("F")

#: How far ahead another node's clock may be without its evidence counting as one of unknown age.
CLOCKS_APART = timedelta(minutes=1)
#: What lists show nothing of, neither of hosts nor of what is on them.
LONG = (
    "facts", "swarm", "gaps", "asked", "standing", "own_standing", "judged_on", "images_inspected", "attached",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSummary:
    """How many hosts are registered, swept, answering and simulated, and when one last answered; and the keys of those
    that have not answered for too long.
    """

    registered: int
    total: int  # of those that are swept
    answering: int
    simulated: int
    swept_at: datetime | None
    stale: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`done` of `total` hosts have been swept since somebody asked."""

    done: int
    total: int


class HostQuerySet(models.QuerySet["Host"]):
    """Named questions about hosts; none reads the clock."""

    def due(self, now: datetime, *, latest: datetime | None = None, latest_of_good: datetime | None = None) -> Self:
        """Hosts whose next sweep has come; and those whose next is later than any may be, hosts without failures
        apart, because a clock that was ahead for a moment would else keep them unswept until it is that late.
        """
        come = models.Q(next_sweep_at__lte=now)
        if latest is not None:
            come |= models.Q(next_sweep_at__gt=latest)
        if latest_of_good is not None:
            come |= models.Q(next_sweep_at__gt=latest_of_good, failures=0)
        return self.filter(come, enabled=True).order_by("next_sweep_at")

    def fresh(self, now: datetime) -> Self:
        """Hosts whose evidence is young enough to carry a verdict."""
        return self.filter(fresh_at(now))

    def stale(self, now: datetime) -> Self:
        """Hosts that never answered or whose evidence has grown too old."""
        return self.exclude(fresh_at(now))

    def missing(self) -> Self:
        """Hosts that are swept and never answered, or whose silence is noted: what others rest on changes with that."""
        return self.filter(enabled=True).filter(models.Q(answered_at__isnull=True) | models.Q(noted_silent=True))

    def answering(self, now: datetime) -> Self:
        """Hosts whose last sweep went well and is not stale; one that is not swept any more does not answer."""
        return self.fresh(now).filter(error_code="", enabled=True)

    def silent(self, now: datetime) -> Self:
        """Hosts that are swept and do not answer, or have not yet."""
        answering = fresh_at(now) & models.Q(error_code="")
        return self.filter(enabled=True).exclude(answering)

    def to_store(self) -> Self:
        """Rows that a sweep is about to write, locked in an order that all who lock several keep to."""
        return self.select_related("environment").select_for_update(no_key=True, of=("self",)).order_by("pk")

    def summary(self, now: datetime) -> HostSummary:
        """Counts, the newest answer and who is stale, in one query and so in one look at every host."""
        swept = models.Q(enabled=True)
        answering = fresh_at(now) & models.Q(error_code="", enabled=True)
        return HostSummary(
            **self.aggregate(
                registered=models.Count("pk"),
                total=models.Count("pk", filter=swept),
                answering=models.Count("pk", filter=answering),
                simulated=models.Count("pk", filter=models.Q(simulated=True)),
                # One host whose time is ahead must not hide how old all the others are.
                swept_at=Coalesce(
                    models.Max("answered_at", filter=swept & models.Q(answered_at__lte=now + CLOCKS_APART)),
                    models.Max("answered_at", filter=swept),
                ),
                stale=KeysOf("pk", filter=~fresh_at(now)),
            )
        )

    def progress(self, now: datetime) -> Progress | None:
        """How far the sweeps asked for in the last two minutes are; None when there are none or all are done."""
        asked = self.filter(requested_at__gt=now - timedelta(minutes=2))
        total = asked.count()
        done = asked.filter(attempted_at__gte=models.F("requested_at")).count() if total else 0
        return Progress(done=done, total=total) if done < total else None

    def with_verdict_now(self, now: datetime) -> Self:
        """Adds `verdict_now`, unknown when the host has not answered for too long, and `verdict_rank` to sort by."""
        fresh = fresh_at(now)
        now_known = self.annotate(verdict_now=verdict_now(fresh), rests_on_stale=stale_unless(fresh))
        return now_known.annotate(verdict_rank=rank_now(fresh))


def stale_after() -> timedelta:
    """How old evidence may be before a verdict on it turns unknown; at least three sweep intervals."""
    return timedelta(seconds=max(settings.LOADLINE_STALE_SECONDS, 3 * settings.LOADLINE_SWEEP_SECONDS))


def fresh_at(now: datetime, field: str = "answered_at") -> models.Q:
    """Evidence young enough to carry a verdict, and not of a time to come: then a clock jumped, and its age is unknown.

    A minute ahead is allowed, because the clocks of two nodes never agree.
    """
    return models.Q(**{f"{field}__range": (now - stale_after(), now + CLOCKS_APART)})


class Host(Ruled, Judged):
    """A registered machine. Its identity is this row: two hosts that report the same engine id stay two."""

    name = models.CharField(max_length=200, unique=True)
    url = models.CharField(max_length=500, unique=True, help_text="unix://, tcp://, https:// or ssh://")
    engine = models.CharField(max_length=20, default="docker")
    environment = models.ForeignKey("fleet.Environment", on_delete=models.PROTECT, related_name="hosts")
    team = models.CharField(max_length=100, blank=True)
    enabled = models.BooleanField(default=True, help_text="A host that is not enabled is not swept.")
    environment_declared = models.BooleanField(default=True, editable=False)  # somebody chose it
    simulated = models.BooleanField(default=False, editable=False)
    registered_at = models.DateTimeField()
    # Sealed; see fleet.sealing. Never shown, exported or logged.
    sealed_ca = models.TextField(blank=True, editable=False)
    sealed_certificate = models.TextField(blank=True, editable=False)
    sealed_key = models.TextField(blank=True, editable=False)

    # The sweep's own bookkeeping.
    next_sweep_at = models.DateTimeField()
    claim = models.CharField(max_length=32, blank=True, editable=False)
    requested_at = models.DateTimeField(null=True, blank=True, editable=False)  # somebody pressed "Sweep now"
    attempted_at = models.DateTimeField(null=True, blank=True, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    error_code = models.CharField(max_length=30, blank=True, editable=False)
    error = models.TextField(blank=True, editable=False)
    gaps = JsonField(default=list, blank=True, editable=False)  # [{"endpoint", "reason"}]
    sweep_seconds = models.FloatField(null=True, blank=True, editable=False)
    rows_written = models.PositiveIntegerField(null=True, blank=True, editable=False)  # by the last good sweep

    noted_silent = models.BooleanField(default=False, editable=False)  # a change says that its evidence is too old
    # When something slow was last asked for: {"sizes", "usage", "probe"} ISO times, {"events"} seconds since 1970.
    asked = JsonField(default=dict, blank=True, editable=False)
    engine_id = models.CharField(max_length=255, blank=True, db_index=True, editable=False)  # clones share one

    # What the last good sweep saw.
    facts = JsonField(default=dict, blank=True, editable=False, finite=True)
    # Ids of the images that were inspected: what one stands for never changes, so it is not asked again for an hour.
    images_inspected = JsonField(default=list, blank=True, editable=False)
    # Networks and volumes that are known (fleet.engines.attached): of a new container's an engine may tell no event.
    attached = JsonField(default=list, db_default=[], blank=True, editable=False)
    swarm = JsonField(default=dict, blank=True, editable=False)  # {"services", "tasks", "nodes", "plugins"}
    containers_total = models.PositiveIntegerField(default=0, editable=False)
    containers_running = models.PositiveIntegerField(default=0, editable=False)
    # Digests of what every judgement here rests on, by part: what differs is the cause of what flips.
    judged_on = JsonField(default=dict, blank=True, editable=False)
    # Until then nothing here is judged otherwise unless something changes: restarts leave their window, days begin.
    judge_again_at = models.DateTimeField(null=True, blank=True, editable=False)

    judged_scopes = (Scope.HOST,)
    objects = HostQuerySet.as_manager()

    class Meta:
        # No index on anything that each sweep writes: PostgreSQL would have to renew all of a row's entries in all of
        # them each time, and a thousand rows are read through in a millisecond.
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def read_facts(self) -> HostFacts | None:
        """None before the first good sweep."""
        return from_plain(HostFacts, self.facts) if self.facts else None

    @property
    def swarm_facts(self) -> SwarmFacts | None:
        part = self.facts.get("swarm")
        return from_plain(SwarmFacts, part) if part else None

    def swarm_services(self) -> tuple[SwarmServiceFacts, ...] | None:
        return self._swarm_part("services", SwarmServiceFacts)

    def swarm_tasks(self) -> tuple[TaskFacts, ...] | None:
        return self._swarm_part("tasks", TaskFacts)

    def swarm_nodes(self) -> tuple[NodeFacts, ...] | None:
        return self._swarm_part("nodes", NodeFacts)

    def plugins(self) -> tuple[PluginFacts, ...] | None:
        return self._swarm_part("plugins", PluginFacts)

    def _swarm_part(self, name: str, kind: type[F]) -> tuple[F, ...] | None:
        part = self.swarm.get(name)
        return None if part is None else tuple(from_plain(kind, entry) for entry in part)

    def set_credentials(self, *, ca: str | None, certificate: str | None, key: str | None) -> None:
        """Seals PEM texts; None or "" removes one."""
        self.sealed_ca, self.sealed_certificate, self.sealed_key = seal(ca), seal(certificate), seal(key)

    def credentials(self) -> tuple[str | None, str | None, str | None]:
        """CA, certificate and key as PEM texts. Raises UnsealError."""
        return unseal(self.sealed_ca), unseal(self.sealed_certificate), unseal(self.sealed_key)

    def time_is_up(self, now: datetime) -> bool:
        """Whether time alone may have changed what is said of something on it since it was judged."""
        return self.judge_again_at is None or now >= self.judge_again_at

    def rests_on(self, parts: Mapping[str, str]) -> bool:
        """Whether it was judged on these parts, as they are named in `judged_on`."""
        return all(self.judged_on.get(name) == digest for name, digest in parts.items())

    @property
    def has_credentials(self) -> bool:
        return bool(self.sealed_ca or self.sealed_certificate or self.sealed_key)

    def is_stale(self, now: datetime) -> bool:
        return self.answered_at is None or not now - stale_after() <= self.answered_at <= now + CLOCKS_APART
