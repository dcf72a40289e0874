"""Judging one host and everything on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from fleet.assessment.findings import store_findings
from fleet.assessment.subjects import SubjectRow, Things, container_subjects, lost, rows_of_things, unanswered
from fleet.assessment.verdicts import store_verdicts
from fleet.inventory.plain import fingerprint
from fleet.models import Container, Host
from fleet.readiness import catalogue
from fleet.readiness.assess import judge
from fleet.readiness.vocabulary import Scope
from fleet.recording import RESTART_WINDOW, restarts_in_window

#: Facts of a host that move with every sweep and that no container's findings rest on.
_FLAPPING = {"system_time", "clock_offset", "clock_round_trip", "containers_total", "images_total"}
_SWARM_TASK = "com.docker.swarm.task.id"


@dataclass(frozen=True, slots=True)
class Assessed:
    """`services` are those whose verdict may have changed and has to be added up again."""

    judged: int
    services: frozenset[int]


def assess_host(host_id: int, *, now: datetime) -> Assessed:
    """Judges the host and everything on it whose facts, surroundings, rules or policy changed since the last time.

    With nothing changed it costs a few reads. Raises nothing for a broken rule: that finding is unknown.
    """
    host = Host.objects.select_related("environment").get(pk=host_id)
    if not host.facts:
        return Assessed(0, frozenset())
    containers = list(Container.objects.present().filter(host=host).select_related("service"))
    things = Things.load(host)
    base_key = _surroundings_key(host, things, now)
    keys = _container_keys(containers, base_key, now)
    everything = fingerprint(base_key, sorted(row.facts_hash for row in containers))
    host_changed = host.judged_key != everything
    waiting = [row for row in containers if _settling(row) or row.judged_key != keys[row.pk]]
    if not host_changed and not waiting:
        return Assessed(0, frozenset())
    around = things.surroundings(host, containers, now)
    subjects = container_subjects(containers, around, now)
    rows = [SubjectRow(subjects[row.pk], Scope.CONTAINER, row.pk, row.engine_id, row.name, row) for row in waiting]
    if host_changed:
        rows += rows_of_things(host, things, containers, around, subjects)
    judgements = {(row.kind, row.pk): judge(row.subject) for row in rows}
    with transaction.atomic():
        changed = store_findings(host, rows, judgements, whole=host_changed, now=now)
        touched = store_verdicts(host, containers, things, now)
        for row in rows:
            if row.container is not None:
                row.container.judged_key = keys[row.pk]
        Container.objects.bulk_update([r.container for r in rows if r.container], ["judged_key"], batch_size=200)
        Host.objects.filter(pk=host.pk).update(judged_key=everything)
    # Those judged anew count too when their verdict stayed: the host's environment may be what changed.
    judged = {row.container.service_id for row in rows if row.container and row.container.service_id is not None}
    return Assessed(changed, touched | judged)


def _settling(row: Container) -> bool:
    """When it has settled depends on the clock alone, so it is judged each time."""
    return row.state in {"created", "removing", "restarting"}


def _container_keys(containers: Sequence[Container], base_key: str, now: datetime) -> dict[int, str]:
    """By container, what its findings rest on."""
    failed = sum(1 for row in containers if row.state in {"exited", "dead"} and _ended_of_late(row, now))
    neighbours = fingerprint(sorted(row.facts_hash for row in containers), failed)
    return {
        # Restarts leave the window without any fact changing; the count is in the key so that a loop that ended passes.
        row.pk: fingerprint(
            base_key, row.facts_hash, restarts_in_window(row, now=now), neighbours if _leans_on_others(row) else ""
        )
        for row in containers
    }


def _leans_on_others(row: Container) -> bool:
    """Whether rules look at other containers to judge it: whose namespace it shares, who had its slot in a swarm."""
    modes = (row.facts.get("network_mode"), row.facts.get("pid_mode"))
    shares = any(mode is not None and mode.startswith("container:") for mode in modes)
    return shares or _SWARM_TASK in (row.facts.get("labels") or {})


def _ended_of_late(row: Container, now: datetime) -> bool:
    ended = row.facts.get("finished_at")
    return ended is not None and datetime.fromisoformat(ended) > now - RESTART_WINDOW


def _surroundings_key(host: Host, things: Things, now: datetime) -> str:
    steady = {key: value for key, value in host.facts.items() if key not in _FLAPPING}
    policy = [settings.LOADLINE_ALLOWED_REGISTRIES, host.environment.stage]
    # The day is in it because support windows end on one, and failed tasks because they leave the window unchanged.
    clock = [now.date().isoformat(), _failed_of_late(host, now)]
    silent = [sorted(unanswered(host)), sorted(lost(host, now))]
    return fingerprint(steady, host.swarm, things.hashes(), policy, catalogue.version(), clock, silent)


def _failed_of_late(host: Host, now: datetime) -> int:
    tasks = host.swarm_tasks() or ()
    failed = (task.at for task in tasks if task.state in {"failed", "rejected"} and task.at is not None)
    return sum(1 for at in failed if at > now - RESTART_WINDOW)
