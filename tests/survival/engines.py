"""Simulated engines whose answers a test holds back, changes and counts."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections import defaultdict
from collections.abc import Iterator
from unittest import mock

from aiohttp import web

from fleet.simulation import SimulatedFleet, SimulatedHost, running
from fleet.simulation.answers import EngineAnswers
from fleet.simulation.plan import Engine
from fleet.simulation.wire import EngineOnTheWire

#: Asked for once in every sweep, and after everything that a sweep may skip.
ONCE_A_SWEEP = "/info"


class Engines:
    """`hosts` answer as long as `engines` lasts."""

    def __init__(self) -> None:
        self.hosts: tuple[SimulatedHost, ...] = ()
        self.swept: dict[str, list[float]] = defaultdict(list)  # by name: when each sweep came
        self.held = False
        self.waiting: set[str] = set()
        self.privileged = False

    async def handle(self, wire: EngineOnTheWire, request: web.BaseRequest) -> web.StreamResponse:
        name = wire.answers.engine.name
        if request.path.endswith(ONCE_A_SWEEP):
            self.swept[name].append(time.monotonic())
            # Polled, because the test sets it in another thread.
            while self.held:
                self.waiting.add(name)
                await asyncio.sleep(0.02)
            self.waiting.discard(name)
        if wire.answers.engine.containers[0].privileged is not self.privileged:
            wire.answers = EngineAnswers(_with(wire.answers.engine, self.privileged), began=wire.answers.began)
        return await HANDLE(wire, request)


HANDLE = EngineOnTheWire.handle


def _with(engine: Engine, privileged: bool) -> Engine:
    """The label stands for the new container that a real engine would need for that: the list tells of it."""
    first, *others = engine.containers
    labels = {**first.labels, "started": "privileged" if privileged else "plainly"}
    changed = dataclasses.replace(first, privileged=privileged, labels=labels)
    return dataclasses.replace(engine, containers=(changed, *others))


@contextlib.contextmanager
def engines(fleet: SimulatedFleet) -> Iterator[Engines]:
    made = Engines()

    async def handle(wire: EngineOnTheWire, request: web.BaseRequest) -> web.StreamResponse:
        return await made.handle(wire, request)

    with mock.patch.object(EngineOnTheWire, "handle", handle), running(fleet) as made.hosts:
        yield made
