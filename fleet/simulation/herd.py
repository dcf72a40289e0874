"""The containers of one engine, with what is worth keeping between two calls."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

from fleet.simulation.filters import Filters, passes
from fleet.simulation.plan import Engine
from fleet.simulation.population import Population
from fleet.simulation.replies import events
from fleet.simulation.replies.attachments import Switchboard
from fleet.simulation.replies.images import images_of
from fleet.simulation.replies.inspect import inspect, sizes
from fleet.simulation.replies.listing import ListEntry
from fleet.simulation.spec import Container, Image
from fleet.simulation.states import State, state_at

_SHORTEST_PREFIX = 1


class Herd:
    """List entries are cut once and kept; inspects are rare, so they are built when asked for and not kept."""

    def __init__(self, engine: Engine, *, began: float, dice: random.Random) -> None:
        self.engine, self.began, self.dice = engine, began, dice
        self.board = Switchboard(engine)
        self.population = Population(engine, began=began)
        self._cut: dict[str, tuple[Container, ListEntry]] = {}
        self._take_stock()

    def advance(self, now: float) -> bool:
        """Lets happen what was due until `now`; whether anything did."""
        if not self.population.advance(now):
            return False
        self._take_stock()
        return True

    def _take_stock(self) -> None:
        self.by_id = {identity: actor.container for identity, actor in self.population.by_id.items()}
        # The engine lists the youngest first.
        self._order = sorted(self.by_id, key=lambda identity: self.by_id[identity].created_age)
        for gone in self._cut.keys() - self.by_id.keys():
            del self._cut[gone]
        self.images: dict[str, Image] = {
            image.reference: image for image in images_of(self.engine, self.population.containers())
        }

    def change(self, kind: str, *, now: float, place: int) -> tuple[str, Container]:
        """Makes one change at once; see Population.change."""
        self.advance(now)
        actor = self.population.change(kind, now=now, place=place)
        self._take_stock()
        return actor.identity, actor.container

    def events(self, *, since: float | None, until: float | None, now: float, api: int) -> list[bytes]:
        """A line for each that is remembered of `since` to `until`; nothing of the past without `since`."""
        if since is None:
            return []
        found = events.buffered(
            self.population.places, self.population.log,
            since=since, until=now if until is None else min(until, now), began=self.began, now=now,
        )  # fmt: skip
        return [event.line(api=api) for event in found]

    def events_between(self, since: float, until: float, *, api: int) -> list[bytes]:
        """A line for everything in (since, until]."""
        population = self.population
        found = events.between(population.places, population.log, since=since, until=until, began=self.began)
        return [event.line(api=api) for event in found]

    def states(self, now: float) -> Iterator[str]:
        return (state_at(container, began=self.began, now=now).name for container in self.by_id.values())

    def users_of_images(self) -> Counter[str]:
        return Counter(container.image.reference for container in self.by_id.values())

    def entries(
        self,
        *,
        now: float,
        everything: bool,
        filters: Filters,
        size: bool,
        with_health: bool,
        limit: int = 0,
    ) -> list[bytes]:
        """As the engine does, asking for a status or a limit means all of them, not only what runs."""
        everything = everything or bool(limit) or "status" in filters
        found: list[bytes] = []
        for identity in self._order:
            container = self.by_id[identity]
            state = state_at(container, began=self.began, now=now)
            if not everything and state.name not in {"running", "paused", "restarting"}:
                continue
            if filters and not passes(container, identity, state, filters):
                continue
            entry = self._entry(identity, container, state)
            found.append(entry.render(state, size=size, with_health=with_health, dice=self.dice))
            if len(found) == limit:
                break
        return found

    def _entry(self, identity: str, container: Container, state: State) -> ListEntry:
        cut_of, kept = self._cut.get(identity, (None, None))
        if kept is None or cut_of is not container or not kept.fits(state):
            kept = ListEntry(container, self.engine, self.board, state, identity=identity, began=self.began)
            self._cut[identity] = (container, kept)
        return kept

    def inspect(self, name: str, *, now: float, size: bool) -> dict[str, Any] | None:
        """By id, name or the beginning of an id; None when there is none."""
        identity = self._find(name)
        if identity is None:
            return None
        container = self.by_id[identity]
        state = state_at(container, began=self.began, now=now)
        reply = inspect(
            container, self.engine, self.board, state,
            identity=identity, began=self.began, now=now, dice=self.dice,
        )  # fmt: skip
        return {**reply, **sizes(container)} if size else reply

    def _find(self, name: str) -> str | None:
        if name in self.by_id:
            return name
        for identity, container in self.by_id.items():
            if container.name == name.removeprefix("/"):
                return identity
        starting = [identity for identity in self.by_id if identity.startswith(name)]
        return starting[0] if len(starting) == _SHORTEST_PREFIX else None

    def attached_to(self, network: str, *, now: float) -> list[tuple[str, Container]]:
        """Containers that are up on it."""
        return [
            (identity, container)
            for identity, container in self.by_id.items()
            if network in container.networks and state_at(container, began=self.began, now=now).up
        ]
