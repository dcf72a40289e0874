"""What is counted of the fleet at this moment: services by stage, verdict and team, hosts and containers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Sum

from fleet.models import Container, Environment, Host, Preferences, Service
from fleet.models.judged import PILLARS
from fleet.percent import percent
from fleet.readiness.vocabulary import Stage, Verdict


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
    host_teams: list[str]
    containers: int
    containers_by_state: dict[str, int]
    containers_in_production: int  # running ones
    verdicts_by_team: dict[str, dict[str, int]] = field(default_factory=dict)  # of services in production
    carried: int = 0  # services that rest on a host which did not answer

    @property
    def containers_running(self) -> int:
        return self.containers_by_state.get("running", 0)

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
    """The figures as of `now`; verdicts on stale evidence count as unknown. Reads the fleet: pages ask
    `fleet.counting` instead, which keeps what this found.
    """
    by_stage: Counter[str] = Counter()
    by_team: dict[str, Counter[str]] = {}
    verdicts: Counter[tuple[str, str]] = Counter()
    pillars: Counter[tuple[str, str, str]] = Counter()
    verdicts_by_team: dict[str, Counter[str]] = {}
    carried = 0
    alike = ["stage", "team", "rests_on_stale", "verdict", *(f"verdict_{pillar}" for pillar in PILLARS)]
    rows = Service.objects.in_catalogue().with_staleness(now).order_by().values_list(*alike).annotate(n=Count("pk"))
    for stage, team, stale, *told, number in rows:
        verdict, *per_pillar = [Verdict.UNKNOWN.value] * len(told) if stale else told
        by_stage[stage] += number
        by_team.setdefault(team, Counter())[stage] += number
        verdicts[stage, verdict] += number
        carried += number if stale else 0
        if stage == Stage.PRODUCTION.value:
            verdicts_by_team.setdefault(team, Counter())[verdict] += number
        for pillar, one in zip(PILLARS, per_pillar, strict=True):
            pillars[stage, pillar, one] += number
    by_state, running_in = _containers()
    swept = Host.objects.filter(enabled=True)
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
        hosts=swept.count(),
        hosts_answering=swept.answering(now).count(),
        host_teams=list(Host.objects.order_by("team").values_list("team", flat=True).distinct()),
        containers=by_state.total(),
        containers_by_state=dict(by_state),
        containers_in_production=running_in[Stage.PRODUCTION.value],
        verdicts_by_team={team: dict(counts) for team, counts in sorted(verdicts_by_team.items())},
        carried=carried,
    )


def _containers() -> tuple[Counter[str], Counter[str]]:
    """Those that are there by state, and the running ones by the stage of their host's environment."""
    by_state = dict(Container.objects.present().order_by().values_list("state").annotate(n=Count("pk")))
    running = Host.objects.order_by().values_list("environment__stage").annotate(n=Sum("containers_running"))
    return Counter(by_state), Counter(dict(running))


def by_environment() -> list[dict[str, object]]:
    """Per environment, in its order: name, slug, stage, hosts, services with a container there, running containers."""
    of: dict[int, int] = {}
    containers: Counter[int] = Counter()
    for host, environment_pk, running in Host.objects.order_by().values_list("pk", "environment", "containers_running"):
        of[host] = environment_pk
        containers[environment_pk] += running
    hosts = Counter(of.values())
    present = Container.objects.present().order_by()
    services: dict[int, set[int]] = {}
    pairs = present.filter(service__isnull=False).values_list("host", "service").distinct()
    for host, service in pairs.iterator(chunk_size=5000):
        services.setdefault(of.get(host, 0), set()).add(service)
    return [
        {
            "name": environment.name,
            "slug": environment.slug,
            "stage": environment.stage,
            "hosts": hosts[environment.pk],
            "services": len(services.get(environment.pk, ())),
            "containers": containers[environment.pk],
        }
        for environment in Environment.objects.all()
    ]
