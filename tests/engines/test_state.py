"""Where services keep their state, asked of really started engines and of volume plugins that speak the protocol."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from docker.types import Mount

from fleet.state import Form, Health, ServiceState, StateKind, Where
from tests.engines.fixtures import ThreeEngines
from tests.engines.harness import RealEngine
from tests.engines.keeping import state_of_service
from tests.engines.looking import look
from tests.engines.volume_plugin import VolumePlugin

pytestmark = pytest.mark.engine

DATA = "/var/lib/postgresql/data"
RING = "/var/lib/cassandra"
ANYWHERE = {"bind": "/data", "mode": "rw"}


@pytest.fixture
def stores(engine: RealEngine) -> Iterator[RealEngine]:
    """Named like datastores, for the time of a test: busybox runs in each."""
    engine.import_image("postgres:16", changes=[f"VOLUME {DATA}"])
    engine.import_image("redis:7")
    yield engine
    engine.remove_all()
    for name in ("postgres:16", "redis:7"):
        engine.client.images.remove(name, force=True)


def asked(engine: RealEngine, *names: str) -> dict[str, ServiceState]:
    """By name of the service, each of one container."""
    seen = {engine.name: look(engine)}
    return {name: state_of_service(name, seen) for name in names}


def test_each_way_of_keeping_something(stores: RealEngine) -> None:
    create = stores.client.volumes.create
    create("here")
    create("hidden", driver_opts={"type": "none", "o": "bind", "device": "/srv"})
    create("memory", driver_opts={"type": "tmpfs", "device": "tmpfs"})
    runs = {
        "nothing": {},
        "read": {"volumes": {"/srv": {"bind": "/data", "mode": "ro"}}},
        "clock": {"volumes": {"/etc/localtime": {"bind": "/etc/localtime", "mode": "rw"}}},
        "socket": {"volumes": {str(stores.socket): {"bind": "/engine.sock", "mode": "rw"}}},
        "scratch": {"tmpfs": {"/scratch": ""}},
        "in-memory": {"volumes": {"memory": ANYWHERE}},
        "bound": {"volumes": {"/srv": ANYWHERE}},
        "volume": {"volumes": {"here": ANYWHERE}},
        "disguised": {"volumes": {"hidden": ANYWHERE}},
        "nameless": {"volumes": ["/data"]},
        "declared": {"image": "postgres:16"},
        "forgotten": {"image": "redis:7"},
        "cache": {"image": "redis:7", "labels": {"loadline.role": "cache"}},
    }
    for name, options in runs.items():
        labels = {"loadline.service": name, **options.pop("labels", {})}
        stores.run(name, labels=labels, **options)
    found = asked(stores, *runs)
    kinds = {name: state.kind for name, state in found.items()}
    stateless = {"nothing", "read", "clock", "socket", "scratch", "in-memory", "cache"}
    assert {name for name, kind in kinds.items() if kind is StateKind.STATELESS} == stateless
    assert {name for name, kind in kinds.items() if kind is StateKind.ONE_DISK} == set(runs) - stateless
    forms = {name: found[name].holdings[0].form for name in set(runs) - stateless}
    assert forms == {
        "bound": Form.BIND, "volume": Form.VOLUME, "disguised": Form.BIND, "nameless": Form.ANONYMOUS,
        "declared": Form.ANONYMOUS, "forgotten": Form.LAYER,
    }  # fmt: skip
    assert found["disguised"].holdings[0].source == "hidden"
    assert found["forgotten"].family == "Redis"


def test_a_network_file_system_through_the_engines_own_driver(engine: RealEngine) -> None:
    create = engine.client.volumes.create
    create("far", driver_opts={"type": "nfs", "o": "addr=10.9.8.7,nfsvers=4", "device": ":/export"})
    create("near", driver_opts={"type": "nfs", "o": "addr=127.0.0.1,nfsvers=4", "device": ":/export"})
    for name in ("far", "near"):  # not started, and nothing copied into it: there is no such server
        mounted = Mount("/data", name, type="volume", no_copy=True)
        engine.create(name, labels={"loadline.service": name}, mounts=[mounted])
    found = asked(engine, "far", "near")
    assert (found["far"].kind, found["far"].holdings[0].where) == (StateKind.NETWORKED, Where.ELSEWHERE)
    assert (found["near"].kind, found["near"].holdings[0].where) == (StateKind.ONE_DISK, Where.THIS_HOST)


def test_plugins_alive_and_dead(engines_possible: None) -> None:
    with ExitStack() as stack:
        engine = stack.enter_context(RealEngine("plugged"))
        flocker, _, _ = (stack.enter_context(VolumePlugin(engine, name)) for name in ("flocker", "pxd", "acme"))
        create = engine.client.volumes.create
        create("moved", driver="flocker")
        create("thrice", driver="pxd", driver_opts={"repl": "3"})
        create("once", driver="pxd", driver_opts={"repl": "1"})
        create("untold", driver="pxd")
        create("strange", driver="acme")
        names = ("moved", "thrice", "once", "untold", "strange")
        for name in names:
            engine.run(name, labels={"loadline.service": name}, volumes={name: ANYWHERE})
        found = asked(engine, *names)
        assert {name: state.kind for name, state in found.items()} == {
            "moved": StateKind.NETWORKED,
            "thrice": StateKind.REPLICATED,
            "once": StateKind.ONE_DISK,
            "untold": StateKind.UNKNOWN,
            "strange": StateKind.UNKNOWN,
        }
        assert {state.holdings[0].health for state in found.values()} == {Health.ANSWERS}
        flocker.die()
        after = asked(engine, *names)
    assert after["moved"].kind is StateKind.UNKNOWN
    assert after["moved"].holdings[0].health is Health.SILENT
    assert "moved on plugged: The plugin flocker does not answer the engine" in after["moved"].sentence
    assert {name: after[name].kind for name in names[1:]} == {name: found[name].kind for name in names[1:]}


def test_a_ring_on_three_engines_and_what_is_left_of_it(three_engines: ThreeEngines) -> None:
    engines = {"a": three_engines.secured, "b": three_engines.manager, "c": three_engines.worker}
    for name, one in engines.items():
        one.import_image("cassandra:5", changes=[f"VOLUME {RING}"])
        labels = {"loadline.service": "ring"}
        one.run(f"ring-{name}", image="cassandra:5", labels=labels, volumes={"ring": {"bind": RING}})
    whole = state_of_service("ring", {name: look(one) for name, one in engines.items()})
    engines["c"].client.containers.get("ring-c").kill()
    left = state_of_service("ring", {name: look(one) for name, one in engines.items()})
    for one in engines.values():
        one.remove_all()
        one.client.images.remove("cassandra:5", force=True)
    assert whole.kind is StateKind.SELF_REPLICATED
    assert whole.sentence.startswith("Cassandra looks replicated: 3 members on 3 hosts")
    assert left.kind is StateKind.ONE_DISK
    assert "2 members run on 2 hosts, and it takes 3 of each" in left.sentence
