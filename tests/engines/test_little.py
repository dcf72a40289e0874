"""A second sweep of a real engine asks for what moves, and for what somebody changed meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from fleet import engines
from fleet.engines import Plan, collect
from fleet.inventory import NothingNew, Snapshot
from fleet.transport import Endpoint, EngineClient
from tests.engines.harness import RealEngine

pytestmark = pytest.mark.engine


class Asking(EngineClient):
    """Remembers what it asked for."""

    asked: list[str]

    def read(self, path: str, **more: Any) -> bytes:
        self.asked.append(path)
        return super().read(path, **more)


def look(engine: RealEngine, plan: Plan) -> tuple[Snapshot, list[str]]:
    with Asking(Endpoint(engine.url, None)) as client:
        client.asked = []
        return collect(client, now=datetime.now(UTC), plan=plan), client.asked


def next_plan(seen: Snapshot, before: Plan) -> Plan:
    known = {**before.known, **seen.remembered}
    gone = before.known.keys() - {one.id for one in seen.containers} - seen.unchanged
    return replace(
        before,
        known={identity: token for identity, token in known.items() if identity not in gone},
        things=False,
        sizes=False,
        usage=False,
        probe=False,
        events_since=seen.events_until,
        looks=seen.looks,
    )


def glance(engine: RealEngine, plan: Plan) -> tuple[Snapshot | NothingNew, list[str]]:
    with Asking(Endpoint(engine.url, None)) as client:
        client.asked = []
        return engines.look(client, now=datetime.now(UTC), plan=plan), client.asked


@pytest.fixture
def quiet(engine: RealEngine) -> tuple[RealEngine, Plan]:
    """Three containers, one of them with a probe every second, that a sweep has seen."""
    check = {"test": ["CMD-SHELL", "true"], "interval": 1_000_000_000, "timeout": 1_000_000_000}
    probed = engine.run("probed", healthcheck=check)
    engine.run("plain", mem_limit="64m", memswap_limit="64m")
    engine.run("other")
    engine.wait_for("healthy", probed)
    time.sleep(1.1)  # the window of events that follows begins at whole seconds of the engine's clock
    first = Plan(secret=b"secret")
    seen, asked = look(engine, first)
    assert len([path for path in asked if path.startswith("/containers/") and path != "/containers/json"]) == 3
    return engine, next_plan(seen, first)


def test_nothing_is_inspected_where_nothing_happened_but_probes(quiet: tuple[RealEngine, Plan]) -> None:
    engine, plan = quiet
    time.sleep(2.5)  # two probes at least
    seen, asked = look(engine, plan)
    assert asked == ["/version", "/info", "/events", "/containers/json"]
    assert (len(seen.unchanged), seen.running_unchanged, seen.containers) == (3, 3, ())
    assert seen.host.events_whole


def test_an_engine_on_which_nothing_happened_but_probes_is_known_by_its_bytes(quiet: tuple[RealEngine, Plan]) -> None:
    engine, plan = quiet
    time.sleep(2.5)
    seen, asked = glance(engine, plan)
    assert asked == ["/info", "/events", "/containers/json"]
    assert isinstance(seen, NothingNew)
    assert (seen.events_until or 0) > (plan.events_since or 0)


def test_ports_and_mounts_in_another_order_are_nothing_new(engine: RealEngine) -> None:
    ports = {f"{number}/tcp": None for number in range(7000, 7006)}
    engine.run("doors", ports=ports, volumes={f"v{number}": {"bind": f"/v{number}"} for number in range(4)})
    first = Plan(secret=b"secret")
    seen, _ = look(engine, first)
    time.sleep(1.1)
    plan = next_plan(seen, first)
    again = [glance(engine, plan)[0] for _ in range(8)]
    assert all(isinstance(one, NothingNew) for one in again)


def update(engine: RealEngine) -> None:
    engine.client.containers.get("plain").update(mem_limit="32m", memswap_limit="32m")


def an_exec(engine: RealEngine) -> None:
    engine.client.containers.get("plain").exec_run(["true"])


def stop(engine: RealEngine) -> None:
    engine.client.containers.get("plain").stop(timeout=0)


def rename(engine: RealEngine) -> None:
    engine.client.containers.get("plain").rename("renamed")


def connect(engine: RealEngine) -> None:
    engine.client.networks.create("shop").connect("plain")


@pytest.mark.parametrize("change", [update, an_exec, stop, rename, connect])
def test_what_somebody_changed_is_seen_by_the_next_sweep(
    quiet: tuple[RealEngine, Plan], change: Callable[[RealEngine], None]
) -> None:
    engine, plan = quiet
    before = engine.client.containers.get("plain").id
    change(engine)
    time.sleep(1.1)
    seen, _ = glance(engine, plan)
    assert isinstance(seen, Snapshot)
    (inspected,) = seen.containers
    assert inspected.id == before
    if change is update:
        assert inspected.memory == 32 * 2**20
    if change is an_exec:
        assert [one.kind for one in inspected.hand_changes or ()] == ["exec"]
    if change is connect:
        assert {one.name for one in seen.networks or ()} >= {"shop"}
    if change is stop:
        assert inspected.state == "exited"


def test_a_container_that_was_removed_is_not_among_the_unchanged(quiet: tuple[RealEngine, Plan]) -> None:
    engine, plan = quiet
    gone = engine.client.containers.get("other")
    gone.remove(force=True)
    seen, _ = look(engine, plan)
    assert gone.id not in seen.unchanged
    assert len(seen.unchanged) == 2
