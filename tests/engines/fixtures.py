"""Fixtures that hand out real engines; each test process has its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.engines.harness import RealEngine
from tests.engines.namespaces import missing
from tests.engines.wires import Switch
from tests.requirements import require_or_skip


@dataclass(frozen=True)
class ThreeEngines:
    """Three hosts on one wire: `secured` listens with mutual TLS, `manager` and `worker` are one swarm."""

    secured: RealEngine
    manager: RealEngine
    worker: RealEngine


@pytest.fixture(scope="session")
def engines_possible() -> None:
    """Ask for this before starting an engine by hand."""
    reason = missing()
    if reason:
        require_or_skip(reason)


@pytest.fixture(scope="session")
def session_engine(engines_possible: None) -> Iterator[RealEngine]:
    with RealEngine("engine") as engine:
        engine.import_image()
        yield engine


@pytest.fixture
def engine(session_engine: RealEngine) -> Iterator[RealEngine]:
    """A plain engine that is empty before each test; the same process for the whole run."""
    yield session_engine
    session_engine.remove_all()


@pytest.fixture(scope="session")
def three_engines(engines_possible: None) -> Iterator[ThreeEngines]:
    """A secured engine, a swarm manager and a swarm worker that reach each other. Leave them as you found them."""
    with ExitStack() as stack:
        switch = stack.enter_context(Switch())
        trio = ThreeEngines(
            secured=RealEngine("secured", switch=switch, tls=True),
            manager=RealEngine("manager", switch=switch),
            worker=RealEngine("worker", switch=switch),
        )
        for engine in (trio.secured, trio.manager, trio.worker):
            stack.callback(engine.stop)
            engine.launch()
        for engine in (trio.secured, trio.manager, trio.worker):
            engine.wait_ready().import_image()
        _make_swarm(trio)
        yield trio


def _make_swarm(trio: ThreeEngines) -> None:
    swarm = trio.manager.client.swarm
    swarm.init(advertise_addr=trio.manager.address)
    trio.worker.client.swarm.join(
        remote_addrs=[f"{trio.manager.address}:2377"],
        join_token=swarm.attrs["JoinTokens"]["Worker"],
        advertise_addr=trio.worker.address,
    )
