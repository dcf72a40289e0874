"""/events: probes, worked out backwards from the containers instead of being remembered, and what was written down."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from fleet.simulation.spec import DAY, Container, HealthCheck

BUFFER = 256  # an engine remembers no more, whatever was asked for
_OLDEST = 30 * DAY
_TICK = 1e-6  # `between` leaves its beginning out
_OLD_FIELDS_BELOW = 52
_LASTS = 0.043  # seconds that a probe takes
_encode = msgspec.json.encode

Extra = tuple[tuple[str, str], ...]


class Actor:
    """Whom an event tells of; kept, because a busy engine tells of the same ones thousands of times."""

    __slots__ = ("_pieces", "container", "identity")

    def __init__(self, container: Container, identity: str) -> None:
        self.container, self.identity = container, identity
        self._pieces: tuple[bytes, bytes, bytes] | None = None

    def attributes(self, extra: Extra) -> dict[str, str]:
        container = self.container
        found = {**container.image.labels, **container.labels, "image": container.given_reference,
                 "name": container.name, **dict(extra)}  # fmt: skip
        return dict(sorted(found.items()))

    def old(self, action: str) -> dict[str, str]:
        return {"status": action, "id": self.identity, "from": self.container.given_reference}

    def pieces(self) -> tuple[bytes, bytes, bytes]:
        """Of a probe as JSON: the old fields behind `status`, what precedes `execID`, and what follows it."""
        if self._pieces is None:
            plain = self.attributes(())
            ahead = _encode({key: value for key, value in plain.items() if key < "execID"})[1:-1]
            behind = _encode({key: value for key, value in plain.items() if key > "execID"})[1:-1]
            old = b"," + _encode(self.old(""))[1:-1].partition(b",")[2] + b","
            start = b',"Actor":{"ID":"%b","Attributes":{' % self.identity.encode() + (ahead + b"," if ahead else b"")
            self._pieces = old, start, b'",' + behind + b'}},"scope":"local","time":'
        return self._pieces


class Event(NamedTuple):
    """`at` is epoch seconds. `thing` is what an event of another type is about: an image's reference, for one."""

    at: float
    action: str
    actor: Actor
    extra: Extra = ()
    type: str = "container"
    thing: str = ""

    def reply(self, *, api: int) -> dict[str, Any]:
        nanosecond = round(self.at * 1_000_000) * 1000
        time = {"scope": "local", "time": nanosecond // 1_000_000_000, "timeNano": nanosecond}
        if self.type == "container":
            old, told = self.actor.old(self.action), self.actor.attributes(self.extra)
        else:
            old, told = {"status": self.action, "id": self.thing}, dict(self.extra)
        who = {"ID": self.actor.identity if self.type == "container" else self.thing, "Attributes": told}
        kept = old if api < _OLD_FIELDS_BELOW else {}
        return {**kept, "Type": self.type, "Action": self.action, "Actor": who, **time}

    def line(self, *, api: int) -> bytes:
        """The reply as JSON; probes, which are nearly all of what an engine tells, are put together from pieces."""
        if not self.extra or self.extra[0][0] != "execID":
            return _encode(self.reply(api=api))
        old, before, after = self.actor.pieces()
        action = _action(self.action)
        nanosecond = round(self.at * 1_000_000) * 1000
        return b"".join((
            b'{"status":' + action + old if api < _OLD_FIELDS_BELOW else b"{",
            b'"Type":"container","Action":',
            action,
            before,
            # Neither of the two has anything that JSON would write in another way.
            '",'.join([f'"{key}":"{value}' for key, value in self.extra]).encode(),
            after,
            b'%d,"timeNano":%d}' % (nanosecond // 1_000_000_000, nanosecond),
        ))  # fmt: skip


@functools.lru_cache(maxsize=256)
def _action(action: str) -> bytes:
    return _encode(action)


def buffered(
    actors: Iterable[Actor], log: Iterable[Event], *, since: float, until: float, began: float, now: float
) -> list[Event]:
    """What the engine still remembers at `now` of since to until, both included, oldest first."""
    actors = list(actors)
    remembered = remembered_since(actors, began=began, now=now)
    # Nothing before `since` is asked for, and only what comes later can push an event out of the buffer.
    found = between(actors, log, since=max(remembered, since - _TICK), until=now, began=began)
    return [event for event in found[-BUFFER:] if event.at <= until]


def remembered_since(actors: Iterable[Actor], *, began: float, now: float) -> float:
    """A moment before which an engine with these probes has surely forgotten everything."""
    checks = [actor.container.checked_by for actor in actors if _probed(actor.container)]
    intervals = [check.interval or 30 for check in checks if check]
    if not intervals:
        return began - _OLDEST
    return max(began - _OLDEST, now - BUFFER / sum(3 / one for one in intervals) - max(intervals))


def between(actors: Iterable[Actor], log: Iterable[Event], *, since: float, until: float, began: float) -> list[Event]:
    """Everything in (since, until], oldest first. `log` has what changed since the simulation began."""
    found = [event for event in log if since < event.at <= until]
    for actor in actors:
        for event in _of(actor, since=since, until=until, began=began):
            if since < event.at <= until:
                found.append(event)  # noqa: PERF401  (a comprehension over two loops and a test reads worse)
    found.sort(key=lambda event: event.at)
    return found


def probes(actor: Actor, *, since: float, until: float, began: float) -> list[Event]:
    """Those of one container that runs with a health check; empty for any other."""
    check = actor.container.checked_by
    if not check or not _probed(actor.container):
        return []
    found = _probes(actor, check, since=since, until=until, began=began)
    return [event for event in found if since < event.at <= until]


def _probed(container: Container) -> bool:
    return container.life.state == "running" and container.checked_by is not None and not container.life.loop


def _of(actor: Actor, *, since: float, until: float, began: float) -> Iterator[Event]:
    container, life = actor.container, actor.container.life
    if life.loop:
        yield from _crashes(actor, since=max(since, began), until=until, began=began)
        return
    # What began or ended later than the simulation is in the log.
    if life.state != "created" and life.age >= 0:
        yield Event(began - life.age, "start", actor)
    if life.state == "exited" and life.ended >= 0:
        code = (("exitCode", str(life.exit_code)),)
        if life.oom_killed:
            yield Event(began - life.ended - 0.01, "oom", actor)
        yield Event(began - life.ended, "die", actor, code)
    if _probed(container) and container.checked_by:
        yield from _probes(actor, container.checked_by, since=since, until=until, began=began)


def _crashes(actor: Actor, *, since: float, until: float, began: float) -> Iterator[Event]:
    period = actor.container.life.loop
    code = (("exitCode", str(actor.container.life.exit_code or 1)),)
    for number in range(int((since - began) / period), int((until - began) / period) + 1):
        started = began + number * period
        yield Event(started, "start", actor)
        yield Event(started + period / 5, "die", actor, code)


def _probes(actor: Actor, check: HealthCheck, *, since: float, until: float, began: float) -> Iterator[Event]:
    """Three events for every probe: the reason why an engine with many checks forgets so soon."""
    interval = check.interval or 30.0
    started = began - actor.container.life.age
    words = " ".join(check.test[1:])
    command = f"/bin/sh -c {words}" if check.test[:1] == ("CMD-SHELL",) else words
    for number in range(max(1, int((since - _LASTS - started) / interval)), int((until - started) / interval) + 1):
        at = started + number * interval
        if at + _LASTS < since:
            continue
        # Sixty-four hex digits, as the engine draws them for each exec.
        execution = ("execID", f"{number:016x}{actor.identity[16:]}")
        yield Event(at, f"exec_create: {command}", actor, (execution,))
        yield Event(at + 0.002, f"exec_start: {command}", actor, (execution,))
        yield Event(at + _LASTS, "exec_die", actor, (execution, ("exitCode", "0")))
