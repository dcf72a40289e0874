"""A service's stage and verdict, added up from its containers, its own findings and the hosts it runs on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from operator import attrgetter
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Model

from fleet.assessment.carrying import Carrying
from fleet.assessment.doors import keep_doors
from fleet.assessment.findings import Judged, store_findings
from fleet.assessment.flips import Noted
from fleet.assessment.members import Cluster, ServiceCase
from fleet.assessment.stages import Since, carrying_of, ripens_at, stages_since
from fleet.assessment.ties import read_ties
from fleet.assessment.verdicts import badness, count
from fleet.governance.policy import in_force
from fleet.models import Container, Environment, Host, Service, standings
from fleet.models.judged import JUDGED_FIELDS, PILLARS, VERDICT_FIELDS, pillars_judged
from fleet.models.reading import read_rows
from fleet.models.ruled import RULED_FIELDS
from fleet.models.service import STATE_FIELDS
from fleet.models.writing import save_fields
from fleet.readiness.policy import Thresholds
from fleet.readiness.standing import Standing
from fleet.readiness.verdict import Points, Tally, pillars_of, verdict_of_tally, worst_of
from fleet.readiness.vocabulary import PILLARS as SIX
from fleet.readiness.vocabulary import Pillar, Stage

_FIELDS = (
    *JUDGED_FIELDS, *RULED_FIELDS, "verdict_own", "stage", "production_since", "containers_total",
    "containers_running", "hosts_total", "hosts_answered", "settles_at", "stages_since",
    "doors", "doors_total", "distance", "ties",
)  # fmt: skip

_COUNTS = ("failing_critical", "failing_high", "failing_medium", "unknown_findings", "waived_findings")
#: What a service is added up from of a host.
_OF_HOSTS = ("id", "name", "environment", "answered_at", "noted_silent", *VERDICT_FIELDS, *_COUNTS)
#: And of containers, whose standings are read by their digests.
_OF_MEMBERS = (
    "id", "service", "host", "image", "state", "expected_running", "carries_verdict", "created_at", "started_at",
    "restart_count", "lasting_hash", "facts_hash", "standing_hash", *VERDICT_FIELDS,
)  # fmt: skip
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
        held = Service.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
        services = list(read_rows(held))
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
    rows = list(read_rows(present.order_by("service_id", "name", "pk"), defer=_all_but(Container, _OF_MEMBERS)))
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
        material.read_whole(row for case in cases if not case.rests_on_the_same for row in case.carrying)
    standings.recall([row for _, chosen in carrying.values() for row in chosen])
    for case in cases:
        yield Members(case, members[case.service.pk], since[case.service.pk])


def _hosts_of(keys: Collection[int]) -> dict[int, Host]:
    """With their environments; two queries."""
    rest = _all_but(Host, _OF_HOSTS)
    hosts = {row.pk: row for row in read_rows(Host.objects.filter(pk__in=keys).order_by(), defer=rest)}
    environments = Environment.objects.in_bulk({row.environment_id for row in hosts.values()})
    for row in hosts.values():
        row.environment = environments[row.environment_id]
    return hosts


@cache
def _all_but(model: type[Model], names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(field.name for field in model._meta.concrete_fields) - set(names)  # noqa: SLF001 - documented


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
    before, was = _state(service), (service.verdict, service.standing, service.judged_at)
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
    _judge(case, judged)
    # Nobody has to look again when a rollout is over that no rule asked about.
    settles = case.settles_at if case.judged_by_the_clock else None
    service.settles_at = _looked_at(service.settles_at, settles, ripens, now=cluster.now)
    set_verdicts(service, carrying, cluster.policy.policy.thresholds)
    changed = _state(service) != before
    if changed or service.judged_at is None:
        service.judged_at = cluster.now
        silent = unseen or any(one.host.noted_silent or not cluster.is_fresh(one.host) for one in carrying)
        before_it = (was[0], standings.of(was[1]), was[2])
        noted.service(service, before=before_it, causes=causes.get(service.pk, ()), silent=silent)
        return True
    return False


def _looked_at(known: datetime | None, *moments: datetime | None, now: datetime) -> datetime | None:
    """When it is to be added up again though nothing changes. A moment that is `known` and comes sooner stands, to be
    asked again then: with each container that starts it would move, and with it a row of an index.
    """
    coming = min((moment for moment in moments if moment is not None), default=None)
    return known if coming is not None and known is not None and now < known <= coming else coming


#: Two standings are compared by their digests.
_state = attrgetter(*(name for name in _FIELDS if name not in {"judged_at", "judged_key", "standing"}))


def _judge(case: ServiceCase, said: list[Judged]) -> None:
    """Puts the rules about whole services to it when what they rest on changed."""
    service = case.service
    if case.rests_on_the_same:
        return
    findings = case.findings()
    key = case.key_judged_by
    judged = Judged.of(case.row(key), findings)
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
    kinds = Counter(container.read_standing() for container in carrying)
    summed = _summed(service.read_own_standing(), frozenset(kinds.items()), thresholds)
    hosts = list({container.host_id: container.host for container in carrying}.values())
    # The stored verdict may be worse: evidence that is doubted counts there, and no point tells of it.
    service.verdict_own = worst_of({*summed.verdicts, *(container.verdict for container in carrying)}).value
    service.verdict = worst_of({service.verdict_own, *(host.verdict for host in hosts)}).value
    _set_pillars(service, carrying, summed.pillars, hosts)
    service.keep_standing(summed.standing)
    count(service, [summed.whole])
    for name in _COUNTS:
        setattr(service, name, getattr(service, name) + sum(getattr(host, name) for host in hosts))


class _Summed(NamedTuple):
    """What some standings make of a service: `verdicts` of each kind, and by pillar in the order of PILLARS."""

    verdicts: frozenset[str]
    pillars: tuple[frozenset[str], ...]
    standing: Standing
    whole: Points


@lru_cache(maxsize=4_000)
def _summed(own: Standing, kinds: frozenset[tuple[Standing, int]], thresholds: Thresholds) -> _Summed:
    """Of its own standing, and those of its containers, each with how many stand so; what is alike is added up once,
    and services mostly are alike.
    """
    each = [_one_kind(own, standing, thresholds) for standing, _ in kinds]
    total = Standing.total([own, *(standing.times(number) for standing, number in kinds)])
    # A service is as good as its worst container; of two that are equally bad the same one in whatever order they come.
    areas = tuple(max(some)[-1] for some in zip(*(one.areas for one in each), strict=True)) or own.tally.areas[:-1]
    return _Summed(
        verdicts=frozenset(one.verdict for one in each),
        pillars=tuple(frozenset(some) for some in zip(*(one.pillars for one in each), strict=True)) or _NO_PILLARS,
        standing=Standing(Tally((*areas, total.tally.pillar(Pillar.ADOPTION))), total.open),
        whole=total.tally.whole,
    )


_NO_PILLARS: Final[tuple[frozenset[str], ...]] = (frozenset(),) * len(SIX)


class _Kind(NamedTuple):
    """A container's standing with its service's own: its verdict, and by pillar its verdict and how bad it is."""

    verdict: str
    pillars: tuple[str, ...]
    areas: tuple[tuple[float, float, Points], ...]


@lru_cache(maxsize=4_000)
def _one_kind(own: Standing, standing: Standing, thresholds: Thresholds) -> _Kind:
    tally = standing.tally + own.tally
    verdicts = pillars_of(tally, thresholds)
    return _Kind(
        verdict=verdict_of_tally(tally, thresholds).value,
        pillars=tuple(verdicts[pillar].value for pillar in SIX),
        areas=tuple((*badness(tally.pillar(pillar)), tally.pillar(pillar)) for pillar in SIX),
    )


_PILLAR_VERDICTS = attrgetter(*(f"verdict_{pillar}" for pillar in PILLARS))


def _set_pillars(
    service: Service, carrying: Sequence[Container], worked_out: Sequence[Collection[str]], hosts: Sequence[Host]
) -> None:
    """A host's findings count against every service on it, in the pillars that have rules about hosts."""
    told: list[set[str]] = [set(verdicts) for verdicts in worked_out]
    for rows, scopes in ((carrying, Container.judged_scopes), (hosts, Host.judged_scopes)):
        judged = pillars_judged(scopes)
        for verdicts in set(map(_PILLAR_VERDICTS, rows)):
            for pillar, known, verdict in zip(PILLARS, told, verdicts, strict=True):
                if pillar in judged:
                    known.add(verdict)
    for pillar, known in zip(PILLARS, told, strict=True):
        setattr(service, f"verdict_{pillar}", worst_of(known).value)
