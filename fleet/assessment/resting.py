"""Whether a host can be left alone: nothing on it changed, and nothing that its judgement rests on elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Self

from django.db.models import Count, Sum

from fleet.assessment.keys import (
    clock_steps,
    environment_digest,
    fleet_parts,
    parts_of,
    settling,
    swarm_digest,
    twins_digest,
)
from fleet.governance.policy import in_force
from fleet.inventory.plain import fingerprint
from fleet.models import Container, Host, Waiver
from fleet.models.host import stale_after
from fleet.readiness.subjects import ONE_OFF_JOB
from fleet.recording import RESTART_WINDOW
from fleet.reference import current_tables


@dataclass(frozen=True, slots=True)
class Outside:
    """What the judgement of some hosts rests on that stands on none of their rows, read once for all of them."""

    parts: Mapping[str, str]  # as in Host.judged_on
    twins: Mapping[int, tuple[str, ...]]  # by the host's key

    @classmethod
    def load(cls, hosts: Sequence[Host], now: datetime) -> Self:
        """Some small queries, however many hosts."""
        parts = fleet_parts(in_force(), current_tables(), now)
        return cls({**parts, "waivers": waivers_digest(now)}, _twins(hosts))

    def leaves_alone(self, host: Host, now: datetime) -> bool:
        """Whether everything on the host is judged as it would be now, given that an engine says what it said.

        What its own rows say was judged when they were written; what time alone changes is `judge_again_at`.
        """
        if host.judge_again_at is None or now >= host.judge_again_at:
            return False
        judged_on = host.judged_on
        return (
            all(judged_on.get(name) == digest for name, digest in self.parts.items())
            and judged_on.get("environment") == environment_digest(host)
            and judged_on.get("twins") == twins_digest(host, self.twins.get(host.pk, ()))
        )


def _twins(hosts: Sequence[Host]) -> dict[int, tuple[str, ...]]:
    """As `twins_of`, of many hosts."""
    ids = {host.engine_id for host in hosts} - {""}
    alike: dict[tuple[str, bool], list[tuple[str, int]]] = {}
    rows = Host.objects.filter(engine_id__in=ids).order_by("name").values_list("engine_id", "simulated", "name", "pk")
    for engine, simulated, name, key in rows:
        alike.setdefault((engine, simulated), []).append((name, key))
    return {
        host.pk: tuple(name for name, key in alike.get((host.engine_id, host.simulated), ()) if key != host.pk)
        for host in hosts
        if host.engine_id
    }


def waivers_digest(now: datetime) -> str:
    """Any waiver that comes, goes or ends changes it; which hosts it is about is found out then."""
    standing = Waiver.objects.standing(now).order_by().aggregate(number=Count("pk"), sum=Sum("pk"))
    return fingerprint(standing["number"], standing["sum"])


def twins_of(host: Host) -> tuple[str, ...]:
    """Other hosts that report the same engine."""
    return _twins([host]).get(host.pk, ())


def resting(host: Host, now: datetime) -> dict[str, str]:
    """What can change without a row on the host, beside the parts that everything rests on."""
    return {
        "swarm": swarm_digest(host, now),
        "clock": str(clock_steps(host)),
        "waivers": waivers_digest(now),
    }


def rests_on_the_same(host: Host, now: datetime) -> bool:
    """Whether everything is judged as it would be now, given that no row on the host changed: some small queries."""
    if host.judge_again_at is None or now >= host.judge_again_at:
        return False
    around = parts_of(host, policy=in_force(), tables=current_tables(), twins=twins_of(host), now=now)
    return all(host.judged_on.get(name) == digest for name, digest in {**around, **resting(host, now)}.items())


def next_look(host: Host, containers: Sequence[Container], now: datetime) -> datetime:
    """When time alone may change what is said of anything on the host; `now` while a container settles."""
    if any(settling(row) for row in containers):
        return now
    return min(moment for moment in _moments(host, containers, now) if moment > now)


def _moments(host: Host, containers: Sequence[Container], now: datetime) -> Iterator[datetime]:
    yield datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), tzinfo=UTC)
    for gap in host.gaps:
        yield datetime.fromisoformat(gap["since"]) + stale_after()
    for task in host.swarm_tasks() or ():
        if task.at is not None:
            yield task.at + RESTART_WINDOW
    for row in containers:
        yield row.first_seen + RESTART_WINDOW
        for mark in row.restart_marks:
            yield datetime.fromisoformat(mark[0]) + RESTART_WINDOW
        if row.created_at is not None:
            yield row.created_at + RESTART_WINDOW
            yield row.created_at + ONE_OFF_JOB
        ended = row.facts.get("finished_at")
        if ended is not None:
            yield datetime.fromisoformat(ended) + RESTART_WINDOW
