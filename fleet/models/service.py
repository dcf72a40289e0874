"""Services: what people own, one row of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan

from fleet.inventory.mapping import GUESSED
from fleet.models.container import Container
from fleet.models.fields import JsonField
from fleet.models.freshness import RANKS, verdict_rank
from fleet.models.host import Host, fresh_at
from fleet.models.judged import PILLARS, Judged, verdict_field
from fleet.models.named import among
from fleet.models.ruled import Ruled
from fleet.neutrality import Distance, Reading
from fleet.readiness.vocabulary import Stage, Verdict
from fleet.state import ServiceState, StateKind
from fleet.state.kept import KeptState, from_kept, to_kept

STAGES = [
    (Stage.NONE.value, "Not in containers"),
    (Stage.EXPERIMENT.value, "Experiment"),
    (Stage.STAGING.value, "Staging"),
    (Stage.PRODUCTION.value, "Production"),
]

#: What people may say of a service that no container tells of.
DECLARABLE = STAGES[1:]

_FEW_HOSTS = 2000
#: What lists show nothing of.
LONG = ("standing", "own_standing", "doors", "stages_since", "state_evidence", "ties")


class ServiceQuerySet(models.QuerySet["Service"]):
    """Named questions about services."""

    def in_catalogue(self) -> Self:
        """Services that have a container, or that a person entered."""
        return self.filter(models.Q(containers_total__gt=0) | models.Q(declared=True))

    def standing_in(self, stage: str) -> Self:
        """Services of that stage by their containers, or where they have none by what people declared."""
        declared = models.Q(stage=Stage.NONE.value, declared_stage=stage)
        return self.filter(declared | models.Q(stage=stage) if stage != Stage.NONE.value else models.Q(stage=stage))

    def unmapped(self) -> Self:
        """Services that nothing but the name of an image or of a container names, and that nobody confirmed."""
        return self.filter(source__in=GUESSED, declared=False, containers_total__gt=0)

    def with_staleness(self, now: datetime, *, alone: bool = False, stale: Sequence[int] | None = None) -> Self:
        """Adds `rests_on_stale`: whether any host that the verdict rests on has not answered for too long. Of many
        services that is quicker when the hosts are asked for before (`stale_hosts`, unless they are known); of one
        `alone` it is not.
        """
        if stale is None:
            stale = [] if alone else stale_hosts(now)
        judged_here = Container.objects.present().filter(service=OuterRef("pk"), carries_verdict=True)
        if not stale and not alone:
            return self.annotate(rests_on_stale=models.Value(value=False))
        if 0 < len(stale) <= _FEW_HOSTS:  # named, they need not be looked up for each container
            # Not EXISTS, of which PostgreSQL finds all that it holds of, for the fifty rows of a page as well.
            first = Subquery(judged_here.filter(among("host", stale)).order_by().values("host")[:1])
            # Nor IS NULL, which it takes for true of five in a thousand, so that it would look at all of them first.
            some = Coalesce(first, 0, output_field=models.BigIntegerField())
            return self.annotate(rests_on_stale=GreaterThan(some, 0))
        return self.annotate(rests_on_stale=Exists(judged_here.exclude(fresh_at(now, "host__answered_at"))))

    def with_verdict_now(self, now: datetime, *, alone: bool = False, stale: Sequence[int] | None = None) -> Self:
        """Of its rows `verdict_now` can be asked: unknown when any host that the verdict rests on went stale. The
        database is not asked for it: it would plan and work out anew what is stale. To sort by, `verdict_rank` is that
        of the stored one, which an index has in order.
        """
        return self.with_staleness(now, alone=alone, stale=stale).annotate(verdict_rank=verdict_rank("verdict"))

    def of_verdict(self, verdict: str, *, pillar: str = "") -> Self:
        """After `with_verdict_now`: of that verdict as of now, in the pillar or in all."""
        known = models.Q(**{f"verdict_{pillar}": verdict}) if pillar else models.Q(verdict_rank=RANKS[verdict])
        if not self.may_be_stale():
            return self.filter(known)
        if verdict == Verdict.UNKNOWN.value:
            return self.filter(known | models.Q(rests_on_stale=True))
        return self.filter(known, rests_on_stale=False)

    def with_doors(self) -> Self:
        """Services that something outside of their hosts can open a connection to, or of which nobody can tell."""
        return self.filter(doors_total__gt=0)

    def at_distance(self, distance: str) -> Self:
        """After `with_verdict_now`: so far from running on another engine; on stale evidence nobody knows."""
        if not self.may_be_stale():
            return self.filter(distance=distance)
        if distance == Distance.UNKNOWN.value:
            return self.filter(models.Q(distance=distance) | models.Q(rests_on_stale=True))
        return self.filter(distance=distance, rests_on_stale=False)

    def tied_by(self, slug: str) -> Self:
        """Services that had the tie when they were last looked at."""
        return self.filter(ties__found__has_key=slug)

    def below_in_pillar(self, pillar: str, now: datetime, *, stale: Sequence[int] | None = None) -> Self:
        """Services that are not ready in the pillar, worst first."""
        seen = self.in_catalogue().with_verdict_now(now, stale=stale)
        here = seen.annotate(rank_here=verdict_rank(f"verdict_{pillar}"))
        below = models.Q(rank_here__lt=RANKS[Verdict.READY.value])
        if here.may_be_stale():
            below |= models.Q(rests_on_stale=True)
        return here.filter(below).order_by("rank_here", "name")

    def may_be_stale(self) -> bool:
        """After `with_verdict_now`, which has asked whether any host is."""
        return not isinstance(self.query.annotations["rests_on_stale"], models.Value)

    def of_state(self, kind: str) -> Self:
        """After `with_verdict_now`: services that keep their state so as of now. On stale evidence that is unknown."""
        known = models.Q(state_kind=kind)
        if not self.may_be_stale():
            return self.filter(known)
        if kind == StateKind.UNKNOWN.value:
            return self.filter(known | models.Q(rests_on_stale=True))
        return self.filter(known, rests_on_stale=False)


def stale_hosts(now: datetime) -> list[int]:
    """Keys of hosts that have not answered for too long; more than are named one by one, if there are."""
    return list(Host.objects.stale(now).order_by().values_list("pk", flat=True)[: _FEW_HOSTS + 1])


STATE_KINDS = [(kind.value, kind.value.replace("-", " ").capitalize()) for kind in StateKind]


class Service(Ruled, Judged):
    """One row of the catalogue, run by any number of containers on any number of hosts, or by none yet.

    `stage` and the verdict come from the containers in the furthest stage it has reached: a bad copy on a test host
    does not make the service in production worse.
    """

    name = models.CharField(max_length=200, unique=True)
    slug = models.SlugField(max_length=220, unique=True)
    team = models.CharField(max_length=100, blank=True)
    source = models.CharField(max_length=10, blank=True)  # label, swarm, compose, mapping, image, name
    declared = models.BooleanField(default=False)  # entered by a person; stays without any container
    stage = models.CharField(max_length=10, choices=STAGES, default=Stage.NONE.value)
    first_seen = models.DateTimeField()
    production_since = models.DateTimeField(null=True, blank=True)
    containers_total = models.PositiveIntegerField(default=0)
    containers_running = models.PositiveIntegerField(default=0)
    hosts_total = models.PositiveIntegerField(default=0)
    simulated = models.BooleanField(default=False)
    hosts_answered = models.BooleanField(default=True)  # whether every host had answered when it was judged
    settles_at = models.DateTimeField(null=True, blank=True)  # when it is to be added up though nothing changes
    # What it shows to the outside (fleet.reach.summary), and how many doors that are; None until it was added up.
    doors = JsonField(null=True, editable=False)
    doors_total = models.IntegerField(null=True, editable=False)
    # Without the hosts it runs on: what its own team can mend.
    verdict_own = verdict_field()
    # What people enter (fleet.catalogue); sweeps write none of it but a team that is empty.
    tier = models.IntegerField(null=True, blank=True)  # 1 is the most critical
    runbook = models.CharField(max_length=500, blank=True, default="", db_default="")
    oncall = models.CharField(max_length=500, blank=True, default="", db_default="")
    source_url = models.CharField(max_length=500, blank=True, default="", db_default="")
    declared_stage = models.CharField(max_length=10, choices=DECLARABLE, blank=True, default="", db_default="")
    team_source = models.CharField(max_length=10, blank=True, default="", db_default="")  # entered, mapping, or empty
    entered_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    entered_at = models.DateTimeField(null=True, blank=True)
    # Since when it has had a container that ought to run, by stage; what the policy's `stage_minutes` count from.
    stages_since = JsonField(default=dict, db_default={}, editable=False)
    # Where it keeps its state, as of when it was added up, and why (fleet.state.kept); None until it was.
    state_kind = models.CharField(
        max_length=16, choices=STATE_KINDS, default=StateKind.UNKNOWN.value, db_default=StateKind.UNKNOWN.value
    )
    state_evidence = JsonField(null=True, editable=False)
    # How far it is from running on another OCI engine, and what ties it to this one (fleet.neutrality).
    distance = models.CharField(
        max_length=13,
        choices=[(one.value, one.value) for one in Distance],
        default=Distance.UNKNOWN.value,
        db_default=Distance.UNKNOWN.value,
    )
    ties = JsonField(default=dict, blank=True, editable=False)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        # In each order that the list can be sorted in, and the pillars' pages have theirs.
        indexes = [
            models.Index(verdict_rank("verdict"), "name", name="services_worst_first"),
            models.Index(fields=["team", "name"], name="services_by_team"),
            models.Index(fields=["stage", "name"], name="services_by_stage"),
            models.Index(fields=["containers_total"], name="services_by_containers"),
            models.Index(fields=["hosts_total"], name="services_by_hosts"),
            models.Index(fields=["state_kind", "stage", "name"], name="services_by_state_kind"),
            *(
                models.Index("stage", verdict_rank(f"verdict_{pillar}"), "name", name=f"services_by_{pillar}")
                for pillar in PILLARS
            ),
            models.Index(fields=["name"], condition=models.Q(doors_total__gt=0), name="services_with_doors"),
            # `catch_up` looks for these every fifteen seconds, and there are hardly ever any.
            models.Index(fields=["name"], condition=models.Q(hosts_answered=False), name="services_of_silent_hosts"),
            models.Index(
                fields=["settles_at"], condition=models.Q(settles_at__isnull=False), name="services_that_settle"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stage_told(self) -> str:
        """Its stage by its containers, or where it has none the one that people declared."""
        return self.declared_stage if self.stage == Stage.NONE.value and self.declared_stage else self.stage

    @property
    def stage_is_declared(self) -> bool:
        """Whether `stage_told` is a person's word and not evidence."""
        return self.stage_told != self.stage

    def keep_state(self, state: ServiceState) -> None:
        """Sets the kind and what it rests on; leaves both as they are when they say the same."""
        kept = to_kept(state)
        if kept != self.state_evidence:
            self.state_kind, self.state_evidence = state.kind.value, kept

    def read_state(self) -> KeptState | None:
        """None until it was added up."""
        return from_kept(self.state_evidence) if self.state_evidence else None

    @property
    def verdict_now(self) -> str:
        """Of a row from `with_verdict_now`: unknown when it rests on stale evidence."""
        stale: bool = getattr(self, "rests_on_stale")  # noqa: B009 - annotated, and a row without it is a mistake
        return Verdict.UNKNOWN.value if stale else self.verdict

    @property
    def state_kind_now(self) -> str:
        """Of a row from `with_verdict_now`: unknown when it rests on stale evidence."""
        stale: bool = getattr(self, "rests_on_stale")  # noqa: B009 - annotated, and a row without it is a mistake
        return StateKind.UNKNOWN.value if stale else self.state_kind

    def read_ties(self) -> Reading:
        return Reading.from_plain(self.ties, self.distance)


STATE_FIELDS = ("state_kind", "state_evidence")
