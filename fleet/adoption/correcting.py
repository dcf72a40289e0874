"""Setting days right of which a host tells only afterwards: what began while it was silent, by when it was started.

While a host does not answer, what it last told is carried and marked as such. Once it answers again, its containers
tell since when they run. So what began in the silence is added to the days from then on; that the host ran nothing new
was a guess. What went in the silence stays carried until the answer, because nothing tells when it went.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from fleet.adoption.backdating import Began, Spell, backdated
from fleet.adoption.infrastructure import infrastructure_among
from fleet.adoption.recounting import Added, recount
from fleet.models import Container, Host, HostSilence, Service, ServiceSpell
from fleet.models.spell import CORRECTED
from fleet.models.writing import insert_rows
from fleet.readiness.vocabulary import Stage, Verdict


def keep_silences(now: datetime) -> int:
    """Notes hosts that fell silent, ends the silences of those that answer again, and sets right what began in them;
    how many days it set right.
    """
    silent = Host.objects.filter(enabled=True, answered_at__isnull=False).stale(now).order_by()
    lasting = HostSilence.objects.filter(until__isnull=True)
    known = set(lasting.values_list("host", flat=True))
    rows = silent.values_list("pk", "name", "answered_at")
    new = [(pk, name, answered, None) for pk, name, answered in rows if pk not in known]
    insert_rows(HostSilence, ("host", "name", "since", "until"), new)
    over = list(lasting.filter(host__in=Host.objects.fresh(now)).select_related("host__environment"))
    days: set[date] = set()
    for silence in over:
        with transaction.atomic():
            days |= _set_right(silence, now)
            HostSilence.objects.filter(pk=silence.pk).update(until=now)
    # Of a host that is registered no more nothing will be told.
    lasting.filter(host__isnull=True).update(until=now)
    return len(days)


def _set_right(silence: HostSilence, now: datetime) -> set[date]:
    """What is there now, was not known before the silence and began in it."""
    new = Container.objects.present().filter(
        host=silence.host, first_seen__gt=silence.since, started_at__gt=silence.since, started_at__lte=now
    )
    told = new.filter(state="running").order_by("pk")
    rows = told.values_list("service", "service__team", "started_at", "image_reference")
    began = [(service, team, at, reference) for service, team, at, reference in rows if at is not None]
    if not began or silence.host is None:
        return set()
    stage = silence.host.environment.stage
    earliest: dict[int, datetime] = {}
    for service, _, at, _ in began:
        if service is not None:
            earliest[service] = min(at, earliest.get(service, at))
    if stage == Stage.PRODUCTION.value:
        _date_production(silence, earliest)
    changed = _backdate({service: Began(stage, at.date()) for service, at in earliest.items()}, now.date())
    left_out = set(infrastructure_among({reference for *_, reference in began}))
    added: dict[date, list[Added]] = defaultdict(list)
    at_work_before = _worked_before(silence)
    first = min((at for *_, at, reference in began if reference not in left_out), default=None)
    for day in _days(min(at for _, _, at, _ in began).date(), now.date()):
        for _, team, at, reference in began:
            if at.date() <= day:
                added[day].append(Added(team or "", stage, infrastructure=reference in left_out))
    # The host itself was at work from its first container on.
    host_since = first.date() if first and not at_work_before and stage == Stage.PRODUCTION.value else None
    for day in {*changed, *added}:
        worked = host_since is not None and day >= host_since
        host_team = silence.host.team if worked else None
        recount(day, added.get(day, ()), services=day in changed, at_work_of=host_team, now=now)
    return {*changed, *added}


def _days(first: date, until: date) -> Sequence[date]:
    return [date.fromordinal(number) for number in range(first.toordinal(), until.toordinal())]


def _date_production(silence: HostSilence, earliest: dict[int, datetime]) -> None:
    """Services that were first seen in production when the host answered again, and had been there for a while."""
    for service in Service.objects.filter(pk__in=earliest, production_since__gt=silence.since):
        since = max(earliest[service.pk], service.first_seen)
        if service.production_since and since < service.production_since:
            Service.objects.filter(pk=service.pk).update(production_since=since)


def _worked_before(silence: HostSilence) -> bool:
    """Whether a container that ran on the host before it fell silent was carried."""
    rows = Container.objects.filter(host=silence.host, first_seen__lte=silence.since).order_by()
    carried = rows.exclude(gone_at__lte=silence.since).values_list("image_reference", flat=True).distinct()
    references = set(carried)
    return bool(references - set(infrastructure_among(references)))


def _backdate(began: dict[int, Began], today: date) -> set[date]:
    """Rewrites spells; the days of which services are to be counted anew."""
    rows: dict[int, list[Spell]] = defaultdict(list)
    teams: dict[int, tuple[str, str]] = {}
    spells = ServiceSpell.objects.filter(service__in=began).order_by("service", "since", "pk")
    for one in spells:
        if one.service_id is not None:
            rows[one.service_id].append(Spell(one.pk, one.stage, one.since, one.until))
            teams[one.service_id] = (one.name, one.team)
    days: set[date] = set()
    begun = []
    for service, what in began.items():
        found = backdated(rows[service], what, today)
        for pk, until in found.cut:
            ServiceSpell.objects.filter(pk=pk).update(until=until)
        ServiceSpell.objects.filter(pk__in=found.drop).delete()
        for since, until in found.begin:
            name, team = teams[service]
            begun.append((service, name, team, what.stage, Verdict.UNKNOWN.value, CORRECTED, since, until))
            days.update(_days(since, until))
    insert_rows(ServiceSpell, ("service", "name", "team", "stage", "verdict", "told", "since", "until"), begun)
    return days
