"""A service's stage and verdict, added up from its containers and the hosts they run on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from fleet.models import Container, Host, Service
from fleet.models.judged import JUDGED_FIELDS, PILLARS, pillars_judged
from fleet.readiness.verdict import worst_of
from fleet.readiness.vocabulary import Stage, Status

_ORDER = {stage.value: rank for rank, stage in enumerate(Stage)}
_FIELDS = (
    *JUDGED_FIELDS, "stage", "production_since", "containers_total", "containers_running", "hosts_total",
)  # fmt: skip


def assess_services(ids: Iterable[int], *, now: datetime) -> int:
    """Adds these services up again; returns how many rows changed. Services of other hosts are not touched."""
    wanted = frozenset(ids)
    if not wanted:
        return 0
    with transaction.atomic():
        # Not the key: other sweeps go on storing containers that point to these rows.
        services = list(Service.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))
        members: dict[int, list[Container]] = defaultdict(list)
        present = Container.objects.present().filter(service__in=wanted).select_related("host__environment")
        for container in present.defer("facts", "restart_marks", "host__facts", "host__swarm"):
            if container.service_id is not None:
                members[container.service_id].append(container)
        changed = [service for service in services if _add_up(service, members[service.pk], now)]
        Service.objects.bulk_update(changed, _FIELDS, batch_size=100)
    return len(changed)


def _add_up(service: Service, members: Sequence[Container], now: datetime) -> bool:
    """Fills the service from its members; whether anything but the time of judging changed."""
    before = _state(service)
    stage, carrying = _carrying(members)
    _mark_carrying(members, {container.pk for container in carrying})
    service.stage = stage.value
    service.containers_total = len(members)
    service.containers_running = sum(1 for container in members if container.state == "running")
    service.hosts_total = len({container.host_id for container in members})
    if stage is Stage.PRODUCTION and service.production_since is None:
        service.production_since = now
    _set_verdicts(service, carrying)
    changed = _state(service) != before
    if changed or service.judged_at is None:
        service.judged_at = now
        return True
    return False


def _state(service: Service) -> tuple[object, ...]:
    return tuple(getattr(service, name) for name in _FIELDS if name != "judged_at")


def _carrying(members: Sequence[Container]) -> tuple[Stage, list[Container]]:
    """The furthest stage, and the containers in it: those that the verdict rests on.

    Containers that run, or ought to, decide. With none of them, what is left of finished ones shows an experiment.
    """
    alive = [container for container in members if container.expected_running]
    if alive:
        furthest = max((c.host.environment.stage for c in alive), key=_ORDER.__getitem__)
        return Stage(furthest), [c for c in alive if c.host.environment.stage == furthest]
    return (Stage.EXPERIMENT, list(members)) if members else (Stage.NONE, [])


def _mark_carrying(members: Sequence[Container], carrying: set[int]) -> None:
    turned = {c.pk for c in members if (c.pk in carrying) is not c.carries_verdict}
    if not turned:
        return
    # What the sweep of another host holds is left to it: it waits for this service with that row in its hands, so
    # waiting for the row would lock both out; and it adds this very service up when it is its turn.
    free = Container.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=turned).order_by("pk")
    mine = set(free.values_list("pk", flat=True))
    Container.objects.filter(pk__in=mine & carrying).update(carries_verdict=True)
    Container.objects.filter(pk__in=mine - carrying).update(carries_verdict=False)


def _set_verdicts(service: Service, carrying: Sequence[Container]) -> None:
    """A host's findings count against every service on it, in the pillars that have rules about hosts."""
    hosts = {container.host_id: container.host for container in carrying}.values()
    judged: list[Container | Host] = [*carrying, *(hosts if pillars_judged(Host.judged_scopes) else ())]
    service.verdict = worst_of(one.verdict for one in judged).value
    for pillar in PILLARS:
        verdicts = [one.pillars[pillar] for one in judged]
        told = [verdict for verdict in verdicts if verdict != Status.NOT_APPLICABLE]
        setattr(service, f"verdict_{pillar}", worst_of(told).value)
    for name in ("failing_critical", "failing_high", "failing_medium", "unknown_findings"):
        setattr(service, name, sum(getattr(one, name) for one in (*carrying, *hosts)))
