"""How far the organisation has come: figures that every page, the API and the history share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from fleet.models import Container, Day, Environment, Finding, Host, Preferences, RuleDay, Service
from fleet.models.finding import WAIVED
from fleet.models.judged import PILLARS
from fleet.percent import percent
from fleet.readiness.vocabulary import Stage, Status, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts at one moment. The stages add up to `services`; the verdicts of a stage to its services.

    `by_team` and `by_environment` map a name to its counts by stage, and to (hosts, containers running).
    """

    at: datetime
    services: int
    by_stage: dict[str, int]
    verdicts_by_stage: dict[str, dict[str, int]]
    pillars_by_stage: dict[str, dict[str, dict[str, int]]]  # stage to pillar to verdict to services
    by_team: dict[str, dict[str, int]]
    load_line: int  # percent
    hosts: int
    hosts_answering: int
    containers: int
    containers_running: int
    containers_in_production: int

    @property
    def in_production(self) -> int:
        return self.by_stage[Stage.PRODUCTION.value]

    @property
    def verdicts(self) -> dict[str, int]:
        """Of production services."""
        return self.verdicts_by_stage[Stage.PRODUCTION.value]

    @property
    def pillars(self) -> dict[str, dict[str, int]]:
        """Pillar to verdict to production services."""
        return self.pillars_by_stage[Stage.PRODUCTION.value]

    @property
    def ready(self) -> int:
        return self.verdicts[Verdict.READY.value]

    @property
    def adoption_percent(self) -> int | None:
        """Share of the catalogue's services that run in containers in production; None with an empty catalogue."""
        return percent(self.in_production, self.services)

    @property
    def ready_percent(self) -> int | None:
        """Share of production services that are ready; None when none is in production."""
        return percent(self.ready, self.in_production)

    @property
    def above_the_line(self) -> bool:
        return self.ready_percent is not None and self.ready_percent >= self.load_line


def figures(now: datetime) -> Figures:
    """The figures as of `now`; verdicts on stale evidence count as unknown."""
    by_stage: Counter[str] = Counter()
    by_team: dict[str, Counter[str]] = {}
    verdicts: Counter[tuple[str, str]] = Counter()
    pillars: Counter[tuple[str, str, str]] = Counter()
    names = [f"now_{pillar}" for pillar in PILLARS]
    rows = Service.objects.in_catalogue().with_verdict_now(now).values_list("stage", "team", "verdict_now", *names)
    for stage, team, verdict, *per_pillar in rows:
        by_stage[stage] += 1
        by_team.setdefault(team, Counter())[stage] += 1
        verdicts[stage, verdict] += 1
        pillars.update((stage, pillar, one) for pillar, one in zip(PILLARS, per_pillar, strict=True))
    present = Container.objects.present()
    running = present.filter(state="running")
    return Figures(
        at=now,
        services=sum(by_stage.values()),
        by_stage={stage.value: by_stage[stage.value] for stage in Stage},
        verdicts_by_stage={s.value: {v.value: verdicts[s.value, v.value] for v in Verdict} for s in Stage},
        pillars_by_stage={
            s.value: {p: {v.value: pillars[s.value, p, v.value] for v in Verdict} for p in PILLARS} for s in Stage
        },
        by_team={team: {s.value: counts[s.value] for s in Stage} for team, counts in sorted(by_team.items())},
        load_line=Preferences.current().load_line,
        hosts=Host.objects.filter(enabled=True).count(),
        hosts_answering=Host.objects.filter(enabled=True).answering(now).count(),
        containers=present.count(),
        containers_running=running.count(),
        containers_in_production=running.filter(host__environment__stage=Stage.PRODUCTION.value).count(),
    )


def by_environment() -> list[dict[str, object]]:
    """Per environment, in its order: name, slug, stage, hosts, services with a container there, running containers."""
    hosts = dict(Host.objects.values_list("environment").annotate(n=Count("pk")))
    running = Container.objects.present().filter(state="running")
    containers = dict(running.values_list("host__environment").annotate(n=Count("pk")))
    present = Container.objects.present()
    services = dict(present.values_list("host__environment").annotate(n=Count("service", distinct=True)))
    return [
        {
            "name": environment.name,
            "slug": environment.slug,
            "stage": environment.stage,
            "hosts": hosts.get(environment.pk, 0),
            "services": services.get(environment.pk, 0),
            "containers": containers.get(environment.pk, 0),
        }
        for environment in Environment.objects.all()
    ]


def record_day(now: datetime) -> Day:
    """Writes today's figures into the history; the last writing of a day stands."""
    current = figures(now)
    day, _ = Day.objects.update_or_create(
        day=now.date(),
        defaults={
            "services": current.services,
            **{f"stage_{stage}": count for stage, count in current.by_stage.items()},
            **{verdict.replace("-", "_"): count for verdict, count in current.verdicts.items()},
            "pillars_ready": {p: counts[Verdict.READY.value] for p, counts in current.pillars.items()},
            "hosts": current.hosts,
            "hosts_answering": current.hosts_answering,
            "containers": current.containers,
        },
    )
    record_rules(now)
    return day


def is_recorded(now: datetime) -> bool:
    """Whether today has figures already."""
    return Day.objects.filter(day=now.date()).exists()


def record_rules(now: datetime) -> None:
    """Writes how many findings each rule has by status into the history; the last writing of a day stands."""
    counts: dict[str, Counter[str]] = {}
    for (rule, status), number in Finding.objects.all().counts_by_rule().items():
        counts.setdefault(rule, Counter())[_STATUS_FIELDS[status]] += number
    days = [
        RuleDay(rule=rule, day=now.date(), **{name: found[name] for name in _RULE_DAY})
        for rule, found in counts.items()
    ]
    RuleDay.objects.bulk_create(
        days, batch_size=200, update_conflicts=True, update_fields=_RULE_DAY, unique_fields=("rule", "day")
    )


_STATUS_FIELDS = {
    Status.PASS.value: "passed",
    Status.FAIL.value: "failed",
    WAIVED: "waived",
    Status.UNKNOWN.value: "unknown",
    Status.NOT_APPLICABLE.value: "not_applicable",
}
_RULE_DAY = ("passed", "failed", "waived", "unknown", "not_applicable")
