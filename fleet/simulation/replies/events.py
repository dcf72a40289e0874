"""/events: what happened lately, worked out backwards from the containers instead of being remembered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fleet.simulation.identifiers import content_id, hex_id
from fleet.simulation.plan import Engine
from fleet.simulation.spec import DAY, Container, HealthCheck

BUFFER = 256  # an engine remembers no more, whatever was asked for
_OLDEST = 30 * DAY
_TICK = 1e-6  # `between` leaves its beginning out


@dataclass(frozen=True, slots=True)
class Event:
    """`at` is epoch seconds."""

    at: float
    action: str
    container: Container
    identity: str
    extra: tuple[tuple[str, str], ...] = ()

    def reply(self, *, api: int) -> dict[str, Any]:
        attributes = {**self.container.image.labels, **self.container.labels, "image": self.container.given_reference,
                      "name": self.container.name, **dict(self.extra)}  # fmt: skip
        old = {"status": self.action, "id": self.identity, "from": self.container.given_reference}
        nanosecond = round(self.at * 1_000_000) * 1000
        return (old if api < 52 else {}) | {  # noqa: PLR2004
            "Type": "container",
            "Action": self.action,
            "Actor": {"ID": self.identity, "Attributes": dict(sorted(attributes.items()))},
            "scope": "local",
            "time": nanosecond // 1_000_000_000,
            "timeNano": nanosecond,
        }


def buffered(engine: Engine, *, since: float, until: float, began: float, now: float) -> list[Event]:
    """What the engine still remembers at `now` of since to until, both included, oldest first."""
    intervals = [c.checked_by.interval or 30 for c in engine.containers if c.checked_by and _probed(c)]
    remembered = began - _OLDEST
    if intervals:
        remembered = max(remembered, now - BUFFER / sum(3 / interval for interval in intervals) - max(intervals))
    # Nothing before `since` is asked for, and only what comes later can push an event out of the buffer.
    found = between(engine, since=max(remembered, since - _TICK), until=now, began=began)
    return [event for event in found[-BUFFER:] if event.at <= until]


def between(engine: Engine, *, since: float, until: float, began: float) -> list[Event]:
    """Everything in (since, until], oldest first."""
    found: list[Event] = []
    for container in engine.containers:
        identity = hex_id(engine.name, "container", container.name)
        for event in _of(container, identity, since=since, until=until, began=began):
            if since < event.at <= until:
                found.append(event)  # noqa: PERF401  (a comprehension over two loops and a test reads worse)
    return sorted(found, key=lambda event: event.at)


def _probed(container: Container) -> bool:
    return container.life.state == "running" and container.checked_by is not None and not container.life.loop


def _of(container: Container, identity: str, *, since: float, until: float, began: float) -> Iterator[Event]:
    life = container.life
    if life.loop:
        yield from _crashes(container, identity, since=max(since, began), until=until, began=began)
        return
    if life.state != "created":
        yield Event(began - life.age, "start", container, identity)
    if life.state == "exited":
        code = (("exitCode", str(life.exit_code)),)
        if life.oom_killed:
            yield Event(began - life.ended - 0.01, "oom", container, identity)
        yield Event(began - life.ended, "die", container, identity, code)
    if _probed(container) and container.checked_by:
        yield from _probes(container, container.checked_by, identity, since=since, until=until, began=began)


def _crashes(container: Container, identity: str, *, since: float, until: float, began: float) -> Iterator[Event]:
    period = container.life.loop
    code = (("exitCode", str(container.life.exit_code or 1)),)
    for number in range(int((since - began) / period), int((until - began) / period) + 1):
        started = began + number * period
        yield Event(started, "start", container, identity)
        yield Event(started + period / 5, "die", container, identity, code)


def _probes(
    container: Container, check: HealthCheck, identity: str, *, since: float, until: float, began: float
) -> Iterator[Event]:
    """Three events for every probe: the reason why an engine with many checks forgets so soon."""
    interval = check.interval or 30.0
    started = began - container.life.age
    words = " ".join(check.test[1:])
    command = f"/bin/sh -c {words}" if check.test[:1] == ("CMD-SHELL",) else words
    for number in range(max(1, int((since - started) / interval)), int((until - started) / interval) + 1):
        at = started + number * interval
        execution = (("execID", content_id(identity, str(number)).removeprefix("sha256:")),)
        yield Event(at, f"exec_create: {command}", container, identity, execution)
        yield Event(at + 0.002, f"exec_start: {command}", container, identity, execution)
        yield Event(at + 0.043, "exec_die", container, identity, (*execution, ("exitCode", "0")))
