"""A service's stage and verdict, added up from its containers, its own findings and the hosts it runs on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from fleet.assessment.carrying import Carrying
from fleet.assessment.doors import keep_doors
from fleet.assessment.findings import Judged, store_findings
from fleet.assessment.flips import Noted
from fleet.assessment.members import Cluster, ServiceCase
from fleet.assessment.stages import Since, carrying_of, ripens_at, stages_since
from fleet.assessment.ties import read_ties
from fleet.assessment.verdicts import count, lowest_areas
from fleet.governance.policy import in_force
from fleet.models import Container, Environment, Host, Service
from fleet.models.judged import JUDGED_FIELDS, PILLARS, pillars_judged
from fleet.models.reading import read_rows
from fleet.models.ruled import RULED_FIELDS
from fleet.models.service import STATE_FIELDS
from fleet.models.writing import save_fields
from fleet.readiness.policy import Thresholds
from fleet.readiness.standing import Standing
from fleet.readiness.verdict import Tally, pillars_of, verdict_of_tally, worst_of
from fleet.readiness.vocabulary import PILLARS as SIX
from fleet.readiness.vocabulary import Pillar, Stage, Status

_FIELDS = (
    *JUDGED_FIELDS, *RULED_FIELDS, "verdict_own", "stage", "production_since", "containers_total",
    "containers_running", "hosts_total", "hosts_answered", "settles_at", "stages_since",
    "doors", "doors_total", "distance", "ties",
)  # fmt: skip

#: What a service is added up from of a host.
_OF_HOSTS = ("id", "name", "environment", "answered_at", "noted_silent", *JUDGED_FIELDS)
#: And of containers.
_NOT_OF_MEMBERS = ("facts", "restart_marks", "own_standing", "remembered", "first_seen", "changed_at")
#: Services whose containers are held in memory together.
_BATCH = 50


def assess_services(
    ids: Iterable[int],
    *,
    now: datetime,
    causes: Mapping[int, Sequence[str]] | None = None,
    unseen: Collection[int] = (),
) -> int:
    """Adds these services up again; returns how many rows changed. Services of other hosts are not touched.

    `causes` say by service what came with it, for the changes that follow; a verdict of the `unseen` is no change, as
    it was unknown to everybody.
    """
    wanted = frozenset(ids)
    if not wanted:
        return 0
    with transaction.atomic(savepoint=False):
        # Not the key: other sweeps go on storing containers that point to these rows.
        services = list(Service.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))
        keys = {service.pk: service.judged_key for service in services}
        evidence = {service.pk: service.state_evidence for service in services}
        cluster = Cluster.load(services, now=now, policy=in_force())
        changed: dict[int, Service] = {}
        judged: list[Judged] = []
        carrying, noted = Carrying(now), Noted(now)
        for one in gather(services, cluster, whole=False):
            if _add_up(one, causes or {}, judged, carrying, noted, unseen=one.service.pk in unseen):
                changed[one.service.pk] = one.service
            if len(judged) >= _BATCH:  # each holds the facts of its containers
                store_findings(judged, now=now)
                judged.clear()
        store_findings(judged, now=now)
        carrying.store()
        noted.store()
        save_fields(list(changed.values()), _FIELDS)
        save_fields([one for one in services if one.state_evidence is not evidence[one.pk]], STATE_FIELDS)
        # A new day is in each key, and mostly all that is new.
        keyed = [one for one in services if one.pk not in changed and one.judged_key != keys[one.pk]]
        save_fields(keyed, ["judged_key"])
    return len(changed)


@dataclass(frozen=True, slots=True)
class Members:
    """A service with all its containers, those that carry its verdict among them, and since when it has had any that
    ought to run, by stage.
    """

    case: ServiceCase
    all: Sequence[Container]
    since: Since

    @property
    def service(self) -> Service:
        return self.case.service


def gather(services: Sequence[Service], cluster: Cluster, *, whole: bool = True) -> Iterator[Members]:
    """What is judged of these services, some at a time, as a fleet is too big to be held whole; unless it is wanted
    `whole`, facts only of those that are to be judged again.
    """
    for start in range(0, len(services), _BATCH):
        yield from _gathered(services[start : start + _BATCH], cluster, whole=whole)


def _gathered(services: Sequence[Service], cluster: Cluster, *, whole: bool) -> Iterator[Members]:
    present = Container.objects.present().filter(service__in=[service.pk for service in services])
    # Ordered by name alone SQLite would read them by name: the whole fleet for some services.
    rows = list(read_rows(present.order_by("service_id", "name", "pk"), defer=_NOT_OF_MEMBERS))
    hosts = _hosts_of({row.host_id for row in rows})
    members: dict[int | None, list[Container]] = defaultdict(list)
    for row in rows:
        row.host = hosts[row.host_id]
        members[row.service_id].append(row)
    minutes, now = cluster.policy.policy.stage_minutes, cluster.now
    since = {one.pk: stages_since(one.stages_since, members[one.pk], now) for one in services}
    carrying = {one.pk: carrying_of(members[one.pk], since=since[one.pk], minutes=minutes, now=now) for one in services}
    material = cluster.material(row for _, chosen in carrying.values() for row in chosen)
    cases = [ServiceCase(service, *carrying[service.pk], cluster, material) for service in services]
    if not whole:
        material.read_whole(row for case in cases if case.key != case.service.judged_key for row in case.carrying)
    for case in cases:
        yield Members(case, members[case.service.pk], since[case.service.pk])


def _hosts_of(keys: Collection[int]) -> dict[int, Host]:
    """With their environments; two queries."""
    rest = [field.name for field in Host._meta.concrete_fields if field.name not in _OF_HOSTS]  # noqa: SLF001
    hosts = {row.pk: row for row in read_rows(Host.objects.filter(pk__in=keys).order_by(), defer=rest)}
    environments = Environment.objects.in_bulk({row.environment_id for row in hosts.values()})
    for row in hosts.values():
        row.environment = environments[row.environment_id]
    return hosts


def _add_up(
    members: Members,
    causes: Mapping[int, Sequence[str]],
    judged: list[Judged],
    marks: Carrying,
    noted: Noted,
    *,
    unseen: bool,
) -> bool:
    """Fills the service from its members; whether anything but the time of judging changed.

    What is said of the service as a whole goes into `judged` when it is not what is stored, and which containers carry
    its verdict into `marks`.
    """
    case, service = members.case, members.service
    stage, carrying, cluster = case.stage, case.carrying, case.cluster
    before, was = _state(service), (service.verdict, service.read_standing(), service.judged_at)
    marks.of(service, members.all, {container.pk for container in carrying})
    service.stage = stage.value
    service.containers_total = len(members.all)
    service.containers_running = sum(1 for container in members.all if container.state == "running")
    service.hosts_answered = cluster.all_hosts_answered
    service.hosts_total = len({container.host_id for container in members.all})
    if stage is Stage.PRODUCTION and service.production_since is None:
        service.production_since = cluster.now
    ripens = ripens_at(members.since, cluster.policy.policy.stage_minutes, cluster.now)
    service.stages_since = dict(members.since)
    service.settles_at = min((moment for moment in (case.settles_at, ripens) if moment is not None), default=None)
    _judge(case, judged)
    set_verdicts(service, carrying, cluster.policy.policy.thresholds)
    changed = _state(service) != before
    if changed or service.judged_at is None:
        service.judged_at = cluster.now
        silent = unseen or any(one.host.noted_silent or one.host.is_stale(cluster.now) for one in carrying)
        noted.service(service, before=was, causes=causes.get(service.pk, ()), silent=silent)
        return True
    return False


def _state(service: Service) -> tuple[object, ...]:
    return tuple(getattr(service, name) for name in _FIELDS if name not in {"judged_at", "judged_key"})


def _judge(case: ServiceCase, said: list[Judged]) -> None:
    """Puts the rules about whole services to it when what they rest on changed."""
    service, key = case.service, case.key
    if service.judged_key == key:
        return
    judged = Judged.of(case.row(key), case.findings())
    service.judged_key = key
    service.keep_state(case.state())
    keep_doors(case)
    ties = read_ties(case)
    service.distance, service.ties = ties.distance.value, ties.to_plain()
    if judged.digest != service.findings_hash:
        said.append(judged)
        service.keep_own_standing(Standing.of(judged.findings))
        service.findings_hash = judged.digest


def set_verdicts(service: Service, carrying: Sequence[Container], thresholds: Thresholds) -> None:
    """The worst container decides, together with what is said of the service as a whole; then the hosts, apart."""
    own = service.read_own_standing()
    read = [container.read_standing() for container in carrying]
    # Replicas mostly stand alike, and what is alike is added up once.
    standings = [standing + own for standing in dict.fromkeys(read)] or [own]
    hosts = {container.host_id: container.host for container in carrying}.values()
    stored = [container.verdict for container in carrying]
    worked_out = [verdict_of_tally(standing.tally, thresholds) for standing in standings] if carrying else []
    # The stored verdict may be worse: evidence that is doubted counts there, and no point tells of it.
    service.verdict_own = worst_of([*stored, *worked_out]).value
    service.verdict = worst_of([service.verdict_own, *(host.verdict for host in hosts)]).value
    _set_pillars(service, carrying, standings, hosts, thresholds)
    lowest = lowest_areas(standings)
    areas = tuple(lowest.get(pillar, Tally().pillar(pillar)) for pillar in SIX)
    total = Standing.total([own, *read])
    adoption = total.tally.pillar(Pillar.ADOPTION)
    service.keep_standing(Standing(Tally((*areas, adoption)), total.open))
    count(service, [total.tally.whole, *(host.read_standing().tally.whole for host in hosts)])


def _set_pillars(
    service: Service,
    carrying: Sequence[Container],
    standings: Sequence[Standing],
    hosts: Iterable[Host],
    thresholds: Thresholds,
) -> None:
    """A host's findings count against every service on it, in the pillars that have rules about hosts."""
    worked_out = [pillars_of(standing.tally, thresholds) for standing in standings] if carrying else []
    inherited = list(hosts) if pillars_judged(Host.judged_scopes) else []
    judged: list[Container | Host] = [*carrying, *inherited]
    told = {tuple(one.pillars.items()) for one in judged}
    told |= {tuple((pillar.value, verdict.value) for pillar, verdict in one.items()) for one in worked_out}
    for number, pillar in enumerate(PILLARS):
        verdicts = {verdicts[number][1] for verdicts in told} - {Status.NOT_APPLICABLE.value}
        setattr(service, f"verdict_{pillar}", worst_of(verdicts).value)
