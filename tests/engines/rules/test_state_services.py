"""State rules that look over several containers or hosts, on really started engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fleet.readiness.vocabulary import Severity, Status
from tests.engines.fixtures import ThreeEngines
from tests.engines.harness import RealEngine
from tests.engines.judging import judge_engine, judge_service
from tests.engines.looking import look
from tests.engines.volume_plugin import VolumePlugin

pytestmark = pytest.mark.engine

MIB = 1024 * 1024
DATA = "/var/lib/postgresql/data"


def test_what_grows_and_what_is_bound(engine: RealEngine) -> None:
    grown = engine.run("grown")
    engine.run("mended", read_only=True, tmpfs={"/tmp": ""})
    engine.run("small")
    assert grown.exec_run(["dd", "if=/dev/zero", "of=/grown", "bs=1048576", "count=120"]).exit_code == 0
    engine.run("bound", volumes={"/srv": {"bind": "/data", "mode": "rw"}})
    engine.run("read", volumes={"/srv": {"bind": "/data", "mode": "ro"}})
    findings = judge_engine(engine)
    assert findings["growing-writable-layer", "grown"].status is Status.FAIL
    assert findings["growing-writable-layer", "grown"].severity is Severity.MEDIUM
    assert findings["growing-writable-layer", "grown"].evidence["SizeRw"] == "more than 100 MiB"
    assert findings["growing-writable-layer", "mended"].status is Status.NOT_APPLICABLE
    assert findings["growing-writable-layer", "small"].status is Status.PASS
    assert findings["writable-bind-mount", "bound"].status is Status.FAIL
    assert findings["writable-bind-mount", "read"].status is Status.PASS


def test_volumes(engine: RealEngine) -> None:
    engine.import_image("postgres:16")
    create = engine.client.volumes.create
    create("bare")
    create("mended", labels={"backup.policy": "daily"})
    create("soft", driver_opts={"type": "nfs", "o": "addr=127.0.0.1,soft,nfsvers=4", "device": ":/x"})
    create("hard", driver_opts={"type": "nfs", "o": "addr=127.0.0.1,hard,nfsvers=4", "device": ":/x"})
    for name in ("bare", "mended"):
        engine.run(f"db-{name}", image="postgres:16", volumes={name: {"bind": DATA}})
    findings = judge_engine(engine)
    assert findings["no-backup-evidence", "bare"].status is Status.FAIL
    assert findings["no-backup-evidence", "mended"].status is Status.PASS
    assert findings["network-volume-options", "soft"].status is Status.FAIL
    assert findings["network-volume-options", "hard"].status is Status.PASS
    assert findings["volume-driver-unsupported", "bare"].status is Status.NOT_APPLICABLE


def test_a_driver_whose_vendor_is_gone(engines_possible: None) -> None:
    with RealEngine("plugged") as plugged, VolumePlugin(plugged, "flocker"):
        plugged.client.volumes.create("precious", driver="flocker")
        findings = judge_engine(plugged)
    assert findings["volume-driver-unsupported", "precious"].status is Status.FAIL
    assert "ClusterHQ" in findings["volume-driver-unsupported", "precious"].reason


def test_stopped_containers_by_the_dozen(engine: RealEngine) -> None:
    engine.run("web")
    assert judge_engine(engine)["unused-images-and-volumes", "engine"].status is Status.PASS
    for number in range(26):
        engine.create(f"left-{number}")
    assert judge_engine(engine)["unused-images-and-volumes", "engine"].status is Status.FAIL


@pytest.fixture
def stores(three_engines: ThreeEngines) -> Iterator[ThreeEngines]:
    for one in (three_engines.secured, three_engines.manager, three_engines.worker):
        one.import_image("cassandra:5")
        one.import_image("postgres:16")
    yield three_engines
    for one in (three_engines.secured, three_engines.manager, three_engines.worker):
        one.remove_all()


def test_a_ring_and_a_lonely_store(stores: ThreeEngines) -> None:
    engines = {"a": stores.secured, "b": stores.manager, "c": stores.worker}
    ring = {"labels": {"loadline.service": "ring"}, "image": "cassandra:5"}
    for name, one in engines.items():
        one.run(f"ring-{name}", volumes={f"ring-{name}": {"bind": "/var/lib/cassandra"}}, **ring)
    alone = {"labels": {"loadline.service": "ledger"}, "image": "postgres:16", "volumes": {"ledger": {"bind": DATA}}}
    engines["a"].run("ledger", **alone)
    seen = {name: look(one) for name, one in engines.items()}
    assert judge_service("ring", seen)["replicated-store-too-close"].status is Status.PASS
    assert judge_service("ring", seen)["single-replica-on-local-volume"].status is Status.NOT_APPLICABLE
    lonely = judge_service("ledger", seen)["single-replica-on-local-volume"]
    assert lonely.status is Status.FAIL
    assert lonely.evidence == {"Volume.Driver": {"ledger": {"Driver": "local", "host": "a"}}}
    engines["b"].run("ring-d", volumes={"ring-d": {"bind": "/var/lib/cassandra"}}, **ring)
    crowded = {name: look(one) for name, one in engines.items()}
    assert judge_service("ring", crowded)["replicated-store-too-close"].status is Status.FAIL


def test_two_replicas_of_a_store_are_more_than_one(stores: ThreeEngines) -> None:
    for name, one in {"a": stores.secured, "b": stores.worker}.items():
        labels = {"loadline.service": "ledger"}
        one.run(f"ledger-{name}", image="postgres:16", labels=labels, volumes={"ledger": {"bind": DATA}})
    seen = {"a": look(stores.secured), "b": look(stores.worker)}
    assert judge_service("ledger", seen)["single-replica-on-local-volume"].status is Status.PASS
