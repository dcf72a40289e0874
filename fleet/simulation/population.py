"""Who is on one engine at a moment: its containers as they were planned, and all that happened to them since."""

from __future__ import annotations

import dataclasses
import heapq
from collections import deque
from collections.abc import Iterator
from typing import Final

from fleet.simulation.churn import Occasion, occasions
from fleet.simulation.identifiers import container_id, content_id
from fleet.simulation.plan import Engine
from fleet.simulation.replies.events import BUFFER, Actor, Event, Extra, probes, remembered_since
from fleet.simulation.spec import Container, Image, Life

#: What `change` takes: the kinds of churn, and the ends of two of them.
CHANGES: Final = ("replace", "restart", "stop", "start", "sicken", "recover")
_AFTERWARDS: Final = {"stop": ("start", 1.0), "sicken": ("recover", 2.0)}  # after so many intervals
_STEP: Final = 0.001  # seconds between the events of one change; the last has its moment
_PROBES_KEPT: Final = 60.0
_TERMINATED: Final[Extra] = (("signal", "15"),)


class Population:
    """Containers by place: a place keeps its name whatever stands on it. `version` grows with every change."""

    def __init__(self, engine: Engine, *, began: float) -> None:
        self.engine, self.began, self.version = engine, began, 0
        self.places = [Actor(c, container_id(engine.name, c.name, c.generation)) for c in engine.containers]
        self.by_id = {actor.identity: actor for actor in self.places}
        self.log: deque[Event] = deque(maxlen=BUFFER)
        self._later: list[Occasion] = []
        self._coming = occasions(engine, engine.churn) if engine.churn and engine.containers else None
        self._next = next(self._coming, None) if self._coming else None

    def containers(self) -> Iterator[Container]:
        return (actor.container for actor in self.places)

    def advance(self, now: float) -> bool:
        """Lets everything happen that was due until `now`; whether anything did."""
        before = self.version
        while due := self._due(now - self.began):
            self._happen(due)
        return self.version != before

    def change(self, kind: str, *, now: float, place: int = 0) -> Actor:
        """Makes one change at once, whatever churn there is, and returns who stands there now.

        Raises ValueError for a kind that there is not, a place that nobody has, and what cannot happen to who is there.
        """
        if kind not in CHANGES:
            raise ValueError(f"no change is called {kind}; there are {', '.join(CHANGES)}")
        if not 0 <= place < len(self.places):
            raise ValueError(f"{self.engine.name} has no container number {place}")
        self.advance(now)
        before = self.version
        self._apply(kind, place, now)
        if self.version == before:
            name, life = self.places[place].container.name, self.places[place].container.life
            raise ValueError(f"{kind} cannot happen to {name}, which is {life.state} and {life.health}")
        return self.places[place]

    # Order

    def _due(self, until: float) -> Occasion | None:
        """The earliest that is due, of those that churn brings and those that follow from others."""
        if self._later and self._later[0].at <= until and (self._next is None or self._later[0] < self._next):
            return heapq.heappop(self._later)
        if self._coming is None or self._next is None or self._next.at > until:
            return None
        due, self._next = self._next, next(self._coming, None)
        return due

    def _happen(self, due: Occasion) -> None:
        before = self.version
        self._apply(due.kind, due.place, self.began + due.at)
        if self.version != before and due.kind in _AFTERWARDS and self.engine.churn:
            kind, intervals = _AFTERWARDS[due.kind]
            heapq.heappush(self._later, Occasion(due.at + intervals * self.engine.churn.seconds, due.place, kind))

    # Changes

    def _apply(self, kind: str, place: int, at: float) -> None:
        """Nothing, when it cannot happen to what stands there."""
        actor = self.places[place]
        container, life = actor.container, actor.container.life
        plain = not (life.loop or life.flap or container.task)
        runs = plain and life.state == "running"
        if kind == "replace" and plain:
            self._replace(actor, place, at)
        elif kind == "restart" and runs:
            self._log(at, actor, ("kill", _TERMINATED), _die(), ("stop", ()), ("start", ()), ("restart", ()))
            self._live(place, _started_again(life, self.began - at, ended=self.began - at))
        elif kind == "stop" and runs:
            self._log(at, actor, ("kill", _TERMINATED), _die(), ("stop", ()))
            self._live(place, dataclasses.replace(life, state="exited", exit_code=0, ended=self.began - at))
        elif kind == "start" and plain and life.state == "exited":
            self._log(at, actor, ("start", ()))
            self._live(place, _started_again(life, self.began - at, ended=life.ended))
        elif kind == "sicken" and runs and container.checked_by and life.health == "healthy":
            self._log(at, actor, ("health_status: unhealthy", ()))
            self._live(place, dataclasses.replace(life, health="unhealthy"))
        elif kind == "recover" and runs and life.health == "unhealthy":
            self._log(at, actor, ("health_status: healthy", ()))
            self._live(place, dataclasses.replace(life, health="healthy"))

    def _replace(self, old: Actor, place: int, at: float) -> None:
        """As compose does it: the old one goes, and one of its name comes from the next image."""
        image = newer(old.container.image)
        container = dataclasses.replace(
            old.container,
            image=image,
            reference=_reference(old.container, image),
            life=Life(age=self.began - at, waited=0.1),
            generation=old.container.generation + 1,
        )
        new = Actor(container, container_id(self.engine.name, container.name, container.generation))
        if image is not old.container.image:
            self._log_image(at - 12 * _STEP, "pull", image, old)
        ended = () if old.container.life.state != "running" else (("kill", _TERMINATED), _die(), ("stop", ()))
        self._log(at - 2 * _STEP, old, *ended, ("destroy", ()))
        self._log(at, new, ("create", ()), ("start", ()))
        del self.by_id[old.identity]
        self.by_id[new.identity] = self.places[place] = new
        if not any(one.image.reference == old.container.image.reference for one in self.containers()):
            # Whoever deploys in this way also tidies up behind it.
            self._log_image(at, "delete", old.container.image, old)
        self.version += 1

    def _live(self, place: int, life: Life) -> None:
        old = self.places[place]
        new = Actor(dataclasses.replace(old.container, life=life), old.identity)
        self.by_id[new.identity] = self.places[place] = new
        self.version += 1

    # What is written down

    def _log(self, at: float, actor: Actor, *told: tuple[str, Extra]) -> None:
        """These events in turn, the last of them at `at`, after the probes that the container leaves behind."""
        first = at - (len(told) - 1) * _STEP
        if told[0][0] in {"kill", "destroy"}:
            self.log.extend(probes(actor, since=first - _PROBES_KEPT, until=first, began=self.began))
        for number, (action, extra) in enumerate(told):
            self._keep(Event(first + number * _STEP, action, actor, extra))

    def _log_image(self, at: float, action: str, image: Image, actor: Actor) -> None:
        thing = image.reference if action == "pull" else content_id("image", image.reference, image.digest)
        self._keep(Event(at, action, actor, (("name", image.repository),), "image", thing))

    def _keep(self, event: Event) -> None:
        """And forgets what no call could be told any more, so that a thousand engines stay small."""
        forgotten = remembered_since(self.places, began=self.began, now=event.at)
        while self.log and self.log[0].at < forgotten:
            self.log.popleft()
        self.log.append(event)


def newer(image: Image) -> Image:
    """The next release of an image whose tag counts, an hour younger wherever it runs; another image stays itself."""
    stem, _, last = image.reference.rpartition(".")
    if not last.isdecimal() or ":" not in stem:
        return image
    reference = f"{stem}.{int(last) + 1}"
    version = reference.rpartition(":")[2]
    labels = {key: version if key.endswith(".version") else value for key, value in image.labels.items()}
    digest = content_id("released", reference) if image.digest else ""
    return dataclasses.replace(image, reference=reference, digest=digest, age=image.age - 3600, labels=labels)


def _reference(old: Container, image: Image) -> str:
    """The new image named with as much care as the old one was."""
    if old.reference == old.image.pinned:
        return image.pinned
    return image.reference if old.reference == old.image.reference else ""


def _started_again(life: Life, age: float, *, ended: float) -> Life:
    waited = life.age + life.waited - age
    return dataclasses.replace(life, state="running", age=age, waited=waited, ended=ended, health="healthy")


def _die() -> tuple[str, Extra]:
    return "die", (("exitCode", "0"),)
