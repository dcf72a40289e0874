"""Each state rule on a really started engine: the violating state fails and its mended twin passes."""

from __future__ import annotations

import pytest
from docker.types import Mount

from fleet.readiness.vocabulary import Severity, Status
from tests.engines.harness import RealEngine
from tests.engines.images import BUSYBOX
from tests.engines.judging import judge_engine
from tests.engines.volume_plugin import VolumePlugin, folder_of

pytestmark = pytest.mark.engine

DATA = "/var/lib/postgresql/data"
#: Named like the datastore, for the rules go by name; the first says nothing about volumes, the second does.
BARE, DECLARED = "postgres:bare", "postgres:declared"


@pytest.fixture
def datastores(engine: RealEngine) -> RealEngine:
    engine.import_image(BARE, changes=["EXPOSE 5432"])
    engine.import_image(DECLARED, changes=["EXPOSE 5432", f"VOLUME {DATA}"])
    return engine


def test_state_in_writable_layer(datastores: RealEngine) -> None:
    datastores.run("lost", image=BARE)
    datastores.run("elsewhere", image=BARE, volumes={"wal": {"bind": f"{DATA}/pg_wal"}})
    datastores.run("mended", image=BARE, volumes={"pgdata": {"bind": DATA}})
    datastores.run("declared", image=DECLARED)
    datastores.run("web")
    findings = judge_engine(datastores)
    slug = "state-in-writable-layer"
    assert findings[slug, "lost"].status is Status.FAIL
    assert findings[slug, "lost"].severity is Severity.CRITICAL
    assert findings[slug, "elsewhere"].status is Status.FAIL
    assert findings[slug, "mended"].status is Status.PASS
    assert findings[slug, "declared"].status is Status.PASS  # on an anonymous volume, which another rule judges
    assert findings[slug, "web"].status is Status.NOT_APPLICABLE


def test_a_renamed_datastore_is_unknown_until_its_owner_says_where_it_keeps_data(engine: RealEngine) -> None:
    engine.import_image("orders:3", changes=["EXPOSE 5432"])
    engine.run("silent", image="orders:3")
    engine.run("told", image="orders:3", labels={"loadline.data-directory": "/srv/orders"})
    engine.run(
        "mended",
        image="orders:3",
        labels={"loadline.data-directory": "/srv/orders"},
        volumes={"orders": {"bind": "/srv/orders"}},
    )
    findings = judge_engine(engine)
    statuses = {name: findings["state-in-writable-layer", name].status for name in ("silent", "told", "mended")}
    assert statuses == {"silent": Status.UNKNOWN, "told": Status.FAIL, "mended": Status.PASS}


def test_anonymous_volume(datastores: RealEngine) -> None:
    datastores.run("nameless", image=DECLARED)
    datastores.run("vanishing", image=DECLARED, auto_remove=True)
    datastores.run("mended", image=DECLARED, volumes={"pgdata": {"bind": DATA}})
    findings = judge_engine(datastores)
    slug = "anonymous-volume"
    assert (findings[slug, "nameless"].status, findings[slug, "nameless"].severity) == (Status.FAIL, Severity.HIGH)
    assert (findings[slug, "vanishing"].status, findings[slug, "vanishing"].severity) == (
        Status.FAIL,
        Severity.CRITICAL,
    )
    assert findings[slug, "mended"].status is Status.PASS


def test_local_volume_hides_bind(engine: RealEngine) -> None:
    folder = folder_of(engine, "shared")
    for name, device in (("hidden", str(folder)), ("sensitive", "/etc")):
        engine.client.volumes.create(name, driver_opts={"type": "none", "o": "bind", "device": device})
    engine.client.volumes.create("mended")
    engine.run("user", volumes={"hidden": {"bind": "/data"}, "sensitive": {"bind": "/looks-harmless"}})
    findings = judge_engine(engine)
    slug = "local-volume-hides-bind"
    assert (findings[slug, "hidden"].status, findings[slug, "hidden"].severity) == (Status.FAIL, Severity.HIGH)
    assert findings[slug, "hidden"].evidence["Options.device"] == str(folder)
    assert findings[slug, "sensitive"].severity is Severity.CRITICAL
    assert findings[slug, "mended"].status is Status.PASS


def test_volume_shared_by_services(engine: RealEngine) -> None:
    for service, shared, mended in (("shop", "rw", "rw"), ("billing", "rw", "ro")):
        engine.run(
            service,
            labels={"com.docker.compose.project": "acme", "com.docker.compose.service": service},
            volumes={"both-write": {"bind": "/a", "mode": shared}, "one-writes": {"bind": "/b", "mode": mended}},
        )
    findings = judge_engine(engine)
    failing = findings["volume-shared-by-services", "both-write"]
    assert failing.status is Status.FAIL
    assert failing.evidence == {"Mounts[].RW": {"billing": "acme/billing", "shop": "acme/shop"}}
    assert findings["volume-shared-by-services", "one-writes"].status is Status.PASS


def test_two_copies_of_a_datastore_on_one_volume(datastores: RealEngine) -> None:
    for name in ("db-1", "db-2"):
        datastores.run(name, image=BARE, volumes={"pgdata": {"bind": DATA}})
    assert judge_engine(datastores)["volume-shared-by-services", "pgdata"].status is Status.FAIL
    datastores.client.containers.get("db-2").kill()
    assert judge_engine(datastores)["volume-shared-by-services", "pgdata"].status is Status.PASS


@pytest.mark.slow
def test_volume_plugin_down(engines_possible: None) -> None:
    with RealEngine("plugged") as engine, VolumePlugin(engine, "flocker") as plugin:
        engine.client.volumes.create("orders", driver="flocker")
        engine.run("user", volumes={"orders": {"bind": "/data"}})
        alive = judge_engine(engine)["volume-plugin-down", "orders"]
        plugin.die()
        dead = judge_engine(engine)["volume-plugin-down", "orders"]
        with plugin:
            mended = judge_engine(engine)["volume-plugin-down", "orders"]
    assert dead.status is Status.FAIL
    assert dead.severity is Severity.CRITICAL
    assert "flocker" in str(dead.evidence["Warnings"])
    assert alive.status is Status.PASS
    assert mended.status is Status.PASS


def test_datastore_on_tmpfs(datastores: RealEngine) -> None:
    datastores.client.volumes.create("memory", driver_opts={"type": "tmpfs", "device": "tmpfs", "o": "size=8m"})
    datastores.run("option", image=BARE, tmpfs={DATA: ""})
    datastores.run("mount", image=DECLARED, mounts=[Mount(DATA, source=None, type="tmpfs")])
    datastores.run("in-disguise", image=BARE, volumes={"memory": {"bind": DATA}})
    datastores.run("mended", image=BARE, volumes={"pgdata": {"bind": DATA}}, tmpfs={"/tmp": ""})
    datastores.run("cache", image=BARE, tmpfs={DATA: ""}, labels={"loadline.role": "cache"})
    datastores.run("web", image=BUSYBOX, tmpfs={"/data": ""})
    findings = judge_engine(datastores)
    statuses = {name: finding.status for (slug, name), finding in findings.items() if slug == "datastore-on-tmpfs"}
    assert statuses == {
        "option": Status.FAIL,
        "mount": Status.FAIL,
        "in-disguise": Status.FAIL,
        "mended": Status.PASS,
        "cache": Status.NOT_APPLICABLE,
        "web": Status.NOT_APPLICABLE,
    }
