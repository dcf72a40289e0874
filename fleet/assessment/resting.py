"""Whether a host can be left alone: nothing on it changed, and nothing that its judgement rests on elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
from fleet.governance.policy import InForce, in_force
from fleet.inventory import Proven
from fleet.inventory.plain import fingerprint
from fleet.models import Container, Host, Waiver
from fleet.models.host import stale_after
from fleet.proving import Grounds, grounds
from fleet.readiness.subjects import ONE_OFF_JOB
from fleet.recording import RESTART_WINDOW, restarts_in_window
from fleet.reference import current_tables
from fleet.tables import Tables

_Engine = tuple[str, bool]  # id, and whether it is simulated


@dataclass(frozen=True)
class Outside:
    """What the judgement of some hosts rests on that stands on none of their rows, read once for all of them."""

    policy: InForce
    tables: Tables
    parts: Mapping[str, str]  # as in Host.judged_on
    any_waived: bool  # whether any waiver stands in the whole fleet
    grounds: Grounds  # publishers and registries, and what is proven by them
    _engines: frozenset[str]
    _alike: Mapping[_Engine, Sequence[tuple[str, int]]]

    @classmethod
    def load(cls, engine_ids: Iterable[str], now: datetime) -> Self:
        """Some small queries, however many engines."""
        policy, tables = in_force(), current_tables()
        number, digest = _waivers(now)
        proven_by = grounds()
        parts = {**fleet_parts(policy, tables, now), "waivers": digest, "trust": proven_by.digest}
        engines = frozenset(engine_ids) - {""}
        return cls(policy, tables, parts, number > 0, proven_by, engines, _alike(engines))

    def twins_of(self, host: Host) -> tuple[str, ...]:
        """Other hosts that report the same engine; one query for a host whose engine was not known before."""
        if not host.engine_id:
            return ()
        alike = self._alike if host.engine_id in self._engines else _alike([host.engine_id])
        return tuple(name for name, key in alike.get((host.engine_id, host.simulated), ()) if key != host.pk)

    def leaves_alone(self, host: Host, now: datetime) -> bool:
        """Whether everything on the host is judged as it would be now, given that an engine says what it said.

        What its own rows say was judged when they were written; what time alone changes is `judge_again_at`.
        """
        if host.time_is_up(now) or not host.rests_on(self.parts):
            return False
        return host.rests_on(
            {"environment": environment_digest(host), "twins": twins_digest(host, self.twins_of(host))}
        )


def _alike(engine_ids: Collection[str]) -> Mapping[_Engine, Sequence[tuple[str, int]]]:
    """Names and keys of the hosts that report these engines, apart for simulated ones."""
    found: dict[_Engine, list[tuple[str, int]]] = {}
    rows = Host.objects.filter(engine_id__in=engine_ids).order_by("name") if engine_ids else Host.objects.none()
    for engine, simulated, name, key in rows.values_list("engine_id", "simulated", "name", "pk"):
        found.setdefault((engine, simulated), []).append((name, key))
    return found


def _waivers(now: datetime) -> tuple[int, str]:
    """How many stand; and a digest that any that comes, goes or ends changes. Which hosts it is about is found out
    then.
    """
    standing = Waiver.objects.standing(now).order_by().aggregate(number=Count("pk"), sum=Sum("pk"))
    return standing["number"], fingerprint(standing["number"], standing["sum"])


def resting(host: Host, outside: Outside, now: datetime) -> dict[str, str]:
    """What can change without a row on the host, beside the parts that everything rests on."""
    return {
        "swarm": swarm_digest(host, now),
        "clock": str(clock_steps(host)),
        "waivers": outside.parts["waivers"],
        "trust": outside.parts["trust"],
    }


def rests_on_the_same(host: Host, outside: Outside, now: datetime) -> bool:
    """Whether everything is judged as it would be now, given that no row on the host changed."""
    if host.time_is_up(now):
        return False
    around = parts_of(host, policy=outside.policy, tables=outside.tables, twins=outside.twins_of(host), now=now)
    return host.rests_on({**around, **resting(host, outside, now)})


def next_look(
    host: Host,
    containers: Sequence[Container],
    proven: Collection[Proven],
    now: datetime,
    *,
    of_others: datetime | None = None,
) -> datetime:
    """When time alone may change what is said of anything on the host; `now` while a container settles.

    `of_others` is when that is for what is not among the `containers`, or sooner.
    """
    if any(settling(row) for row in containers):
        return now
    from fleet.assessment.proven import moments_of  # only what is judged anew needs it

    moments: list[datetime] = [*_moments(host, containers, now), *moments_of(proven)]
    moments += [of_others] if of_others else []
    return min(moment for moment in moments if moment > now)


def _moments(host: Host, containers: Sequence[Container], now: datetime) -> Iterator[datetime]:
    yield datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), tzinfo=UTC)
    for gap in host.gaps:
        yield datetime.fromisoformat(gap["since"]) + stale_after()
    for task in host.swarm_tasks() or ():
        if task.at is not None:
            yield task.at + RESTART_WINDOW
    for row in containers:
        yield from _moments_of(row, now)


def _moments_of(row: Container, now: datetime) -> Iterator[datetime]:
    # One that did not restart of late will not have when the window has moved on: nine containers of ten.
    if restarts_in_window(row, now=now) != 0 or len(row.restart_marks) > 1:
        yield row.first_seen + RESTART_WINDOW
        for mark in row.restart_marks:
            yield datetime.fromisoformat(mark[0]) + RESTART_WINDOW
        if row.created_at is not None:
            yield row.created_at + RESTART_WINDOW
    if row.created_at is not None and row.neighbour.auto_remove:
        yield row.created_at + ONE_OFF_JOB
    if row.neighbour.finished_at is not None and row.state in {"exited", "dead"}:
        yield row.neighbour.finished_at + RESTART_WINDOW
