"""A container at one instant: the only place where the simulation's clock turns a life into a state."""

from __future__ import annotations

from typing import NamedTuple

from fleet.simulation.identifiers import spoken
from fleet.simulation.spec import Container, Life

_RUNS_FOR = 0.2  # the part of a crash loop's period in which the container is up
_UNHEALTHY_FOR = 0.2  # the part of a flapping one's period in which probes fail


class State(NamedTuple):
    """What State of an inspect and State and Status of the list are made of. Times are epoch seconds, 0 is never.

    A tuple, because a hundred are made for each list and each /info, and a frozen dataclass takes longer.
    """

    name: str
    started: float
    finished: float
    exit_code: int
    restarts: int
    health: str  # "" without a health check
    failing_streak: int
    since: float  # how long it has been in this state

    @property
    def up(self) -> bool:
        return self.name in {"running", "paused"}

    @property
    def words(self) -> str:
        """The list's Status."""
        ago = spoken(self.since)
        if self.name == "created":
            return "Created"
        if self.name == "exited":
            return f"Exited ({self.exit_code}) {ago} ago"
        if self.name == "restarting":
            return f"Restarting ({self.exit_code}) {ago} ago"
        if self.name == "paused":
            return f"Up {ago} (Paused)"
        health = f"health: {self.health}" if self.health == "starting" else self.health
        return f"Up {ago} ({health})" if health else f"Up {ago}"


def state_at(container: Container, *, began: float, now: float) -> State:
    """`began` is when the simulation started, `now` the moment of asking."""
    life = container.life
    if life.loop:
        return _looping(life, began=began, now=now)
    started = 0.0 if life.state == "created" else began - life.age
    # One that was started again has ended before.
    finished = began - life.ended if life.state == "exited" or life.ended else 0.0
    health, streak = _health(container, began=began, now=now)
    return State(
        name=life.state,
        started=started,
        finished=finished,
        exit_code=life.exit_code,
        restarts=life.restarts,
        health=health,
        failing_streak=streak,
        since=now - (finished if life.state == "exited" else started),
    )


def _looping(life: Life, *, began: float, now: float) -> State:
    rounds, into = divmod(max(now - began, 0.0), life.loop)
    started = began + rounds * life.loop
    up_for = life.loop * _RUNS_FOR
    up = into < up_for
    return State(
        name="running" if up else "restarting",
        started=started,
        finished=(started - life.loop if up else started) + up_for,
        exit_code=0 if up else life.exit_code or 1,
        restarts=life.restarts + int(rounds),
        health="",
        failing_streak=0,
        since=into if up else into - up_for,
    )


def _health(container: Container, *, began: float, now: float) -> tuple[str, int]:
    life, check = container.life, container.checked_by
    if check is None or check.test[:1] == ("NONE",) or life.state == "created":
        return "", 0
    if life.state == "exited":
        return "unhealthy", 0  # engines say so of every stopped container
    if life.age < 0 and life.health == "healthy" and now < began - life.age + (check.interval or 30):
        return "starting", 0  # until the first probe
    if not life.flap:
        return life.health, 212 if life.health == "unhealthy" else 0
    into = max(now - began, 0.0) % life.flap
    ill_from = life.flap * (1 - _UNHEALTHY_FOR)
    if into < ill_from:
        return "healthy", 0
    return "unhealthy", check.retries + int((into - ill_from) / (check.interval or 30))
