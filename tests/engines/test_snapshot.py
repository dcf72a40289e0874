from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import docker.types
import pytest

from fleet.inventory import PublishedPort, RestartPolicy, Snapshot
from fleet.transport import EngineClient, RefusedByGuard
from tests.engines.fixtures import ThreeEngines
from tests.engines.harness import RealEngine
from tests.engines.images import BUSYBOX
from tests.engines.looking import container, endpoint_of, look

pytestmark = pytest.mark.engine

SECOND = 1_000_000_000
MARKER = "marker-5f2c9e71-never-to-be-seen"


def until(engine: RealEngine, condition: Callable[[Snapshot], bool], *, seconds: float = 30) -> Snapshot:
    deadline = time.monotonic() + seconds
    while True:
        seen = look(engine)
        if condition(seen) or time.monotonic() > deadline:
            return seen
        time.sleep(0.2)


def run_out_of_memory(engine: RealEngine) -> str:
    """The name of a container whose kill the engine noticed: 20.10 misses it when the exit is reported first."""
    for number in range(10):
        hungry = engine.run(f"hungry{number}", command=["tail", "/dev/zero"], mem_limit="8m")
        engine.wait_for("exited", hungry)
        if hungry.attrs["State"]["OOMKilled"]:
            return str(hungry.name)
    pytest.fail("the engine noticed none of ten out-of-memory kills")


def test_an_empty_engine_is_a_host_without_containers(engine: RealEngine) -> None:
    before = datetime.now(UTC)
    seen = look(engine)
    assert seen.containers == ()
    assert seen.gaps == ()
    assert (seen.volumes, seen.plugins, seen.services, seen.tasks, seen.nodes) == ((), (), None, None, None)
    assert {network.name for network in seen.networks or ()} == {"bridge", "host", "none"}
    assert (BUSYBOX,) in [image.tags for image in seen.images or ()]
    host = seen.host
    assert (host.kind, host.name, host.endpoint_scheme, host.endpoint_loopback) == ("docker", "engine", "unix", True)
    assert host.engine_version == engine.client.version()["Version"]
    assert host.warnings is not None
    assert host.swarm is not None
    assert host.swarm.state == "inactive"
    assert abs(host.clock_offset or 99) < 1
    assert before <= seen.taken_at <= datetime.now(UTC)


def test_a_volume_is_as_large_as_what_was_written_to_it(engine: RealEngine) -> None:
    options = {"type": "tmpfs", "device": "tmpfs", "o": "size=8m"}
    engine.client.volumes.create("uncounted", driver_opts=options)
    written = engine.run(
        "writer", command=["dd", "if=/dev/zero", "of=/data/full", "bs=1024", "count=5120"],
        volumes={"full": {"bind": "/data", "mode": "rw"}, "uncounted": {"bind": "/scratch", "mode": "rw"}},
    )  # fmt: skip
    assert written.wait()["StatusCode"] == 0
    sizes = {volume.name: volume.size for volume in look(engine).volumes or ()}
    assert sizes["uncounted"] is None
    assert 5 * 2**20 * 15 // 16 <= (sizes["full"] or 0) <= 5 * 2**20 + 64 * 1024


def test_a_running_container_shows_ports_mounts_networks_and_limits(engine: RealEngine) -> None:
    engine.client.networks.create("shop", labels={"team": "shop"})
    engine.client.volumes.create("pgdata", labels={"backup.policy": "daily"})
    engine.run(
        "web",
        network="shop",
        ports={"80/tcp": ("127.0.0.1", 18080), "443/tcp": 8443},
        volumes={"pgdata": {"bind": "/data", "mode": "rw"}, "/etc/localtime": {"bind": "/clock", "mode": "ro"}},
        tmpfs={"/scratch": ""},
        mem_limit="64m",
        nano_cpus=500_000_000,
        pids_limit=50,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        restart_policy={"Name": "on-failure", "MaximumRetryCount": 3},
        user="10001",
        init=True,
        read_only=True,
    )
    seen = look(engine)
    web = container(seen, "web")
    assert web.ports == (
        PublishedPort(80, "tcp", "127.0.0.1", 18080),
        PublishedPort(443, "tcp", "0.0.0.0", 8443),
        PublishedPort(443, "tcp", "::", 8443),
    )
    assert [(mount.kind, mount.destination, mount.name, mount.writable) for mount in web.mounts or ()] == [
        ("bind", "/clock", None, False),
        ("volume", "/data", "pgdata", True),
    ]
    assert [network.name for network in web.networks or ()] == ["shop"]
    assert web.tmpfs == ("/scratch",)
    assert (web.memory, web.nano_cpus, web.pids_limit) == (64 * 1024 * 1024, 500_000_000, 50)
    assert (web.cap_drop, web.security_options) == (("ALL",), ("no-new-privileges",))
    assert (web.restart_policy, web.user, web.init, web.readonly_root) == (
        RestartPolicy("on-failure", 3),
        "10001",
        True,
        True,
    )
    assert {volume.name: volume.labels for volume in seen.volumes or ()} == {"pgdata": {"backup.policy": "daily"}}
    image = next(image for image in seen.images or () if image.id == web.image_id)
    assert (image.inspected, image.layers, image.comment) == (True, 1, "Imported from -")


def test_a_stopped_container_shows_the_doors_it_will_open_and_a_failed_start_its_error(engine: RealEngine) -> None:
    engine.create("never", ports={"5432/tcp": 5432})
    engine.docker("run", "-d", "--name", "failing", "-p", "9000:90", BUSYBOX, "/no/such/program", check=False)
    seen = look(engine)
    assert container(seen, "never").ports == (PublishedPort(5432, "tcp", "", 5432, bound=False),)
    failing = container(seen, "failing")
    assert (failing.state, failing.exit_code) == ("created", 127)
    assert "no such file or directory" in (failing.error or "")
    assert [port.bound for port in failing.ports or ()] == [False]


def test_health_is_what_the_engine_says_and_only_while_it_runs(engine: RealEngine) -> None:
    def probe(command: str) -> dict[str, object]:
        return {"test": ["CMD-SHELL", command], "interval": SECOND // 2, "retries": 1}

    well = engine.run("well", healthcheck=probe("true"))
    ill = engine.run("ill", healthcheck=probe("false"))
    engine.run("plain")
    stopped = engine.run("stopped", healthcheck=probe("true"))
    for subject, state in ((well, "healthy"), (ill, "unhealthy"), (stopped, "healthy")):
        engine.wait_for(state, subject)
    stopped.kill()
    paused = engine.run("paused", healthcheck=probe("true"))
    engine.wait_for("healthy", paused).pause()
    assert engine.client.api.inspect_container("paused")["State"]["Health"]["Status"] == "unhealthy"

    seen = look(engine)

    told = {facts.name: facts.health for facts in seen.containers}
    assert told == {"well": "healthy", "ill": "unhealthy", "plain": "none", "stopped": None, "paused": None}
    assert (container(seen, "ill").failing_streak or 0) >= 1
    paused.unpause()


def test_restarts_and_an_out_of_memory_kill_are_counted(engine: RealEngine) -> None:
    retries = {"Name": "on-failure", "MaximumRetryCount": 2}
    crashing = engine.run("crashing", command=["sh", "-c", "exit 3"], restart_policy=retries)
    killed = run_out_of_memory(engine)
    # The count rises before the last try ends.
    seen = until(engine, lambda seen: (f := container(seen, "crashing")).restart_count == 2 and f.state == "exited")
    facts = container(seen, "crashing")
    assert (facts.restart_count, facts.exit_code) == (2, 3)
    assert container(seen, killed).oom_killed is True
    assert container(seen, "crashing").oom_killed is False
    crashing.stop(timeout=0)


def test_no_secret_of_any_kind_is_anywhere_in_a_snapshot(engine: RealEngine) -> None:
    engine.client.volumes.create(
        "share",
        driver_opts={"type": "nfs", "device": ":/x", "o": f"addr=192.0.2.1,username=bob,password={MARKER},soft"},
    )
    engine.client.networks.create("net", options={"api.token": MARKER}, labels={"password": MARKER})
    leaky = engine.run(
        "leaky",
        command=["sh", "-c", f"echo --password={MARKER}; sleep 1000"],
        environment={"DB_PASSWORD": MARKER, "GREETING": MARKER, "URL": f"amqp://bob:{MARKER}@mq/"},
        labels={"api.token": MARKER, "feed": f"https://bob:{MARKER}@example.org"},
        healthcheck={"test": ["CMD-SHELL", f"echo {MARKER}"], "interval": SECOND // 2},
        log_config=docker.types.LogConfig(type="json-file", config={"labels": MARKER}),
    )
    engine.wait_for("healthy", leaky)
    engine.docker("run", "-d", "--name", "refused", "-e", f"A={MARKER}", BUSYBOX, f"/bin/{MARKER}", check=False)
    engine.docker("run", "-d", "--name", "blank", BUSYBOX, f"mysql -p{MARKER}", check=False)
    image_labels = [f"LABEL secret={MARKER}", f"ENV TOKEN={MARKER}"]
    engine.import_image("leaky:1", changes=image_labels)
    engine.create("from-leaky", image="leaky:1")
    inspected = [str(engine.client.api.inspect_container(name)) for name in ("leaky", "refused", "blank", "from-leaky")]
    assert all(MARKER in text for text in inspected), "the engine itself does tell the marker"

    seen = look(engine)

    assert MARKER not in repr(seen.host)
    # A program's own path is a fact; whoever puts a secret there has put it where every `docker ps` shows it.
    assert container(seen, "refused").command_program == f"/bin/{MARKER}"
    others = [facts for facts in seen.containers if facts.name != "refused"]
    assert MARKER not in repr((others, seen.images, seen.networks, seen.volumes))
    hints = {(hint.place, hint.name) for hint in container(seen, "leaky").secret_hints or ()}
    assert {("env", "DB_PASSWORD"), ("env", "URL"), ("label", "api.token"), ("label", "feed")} <= hints
    assert ("command", "--password") in hints
    assert container(seen, "leaky").environment_names == ("DB_PASSWORD", "GREETING", "PATH", "URL")
    share = next(volume for volume in seen.volumes or () if volume.name == "share")
    assert share.secret_hints == ("o:password",)
    assert (share.options or {})["o"].endswith(",soft")


def test_a_custom_seccomp_profile_is_a_hash(engine: RealEngine) -> None:
    engine.create("custom", security_opt=['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}'])
    engine.create("bare", privileged=True, pid_mode="host", devices=["/dev/null:/dev/x:r"])
    seen = look(engine)
    assert (container(seen, "custom").security_options or ("",))[0].startswith("seccomp=sha256:")
    bare = container(seen, "bare")
    assert (bare.privileged, bare.pid_mode, [device.container_path for device in bare.devices or ()]) == (
        True,
        "host",
        ["/dev/x"],
    )


def test_a_manager_tells_of_services_tasks_and_nodes_and_a_worker_does_not(three_engines: ThreeEngines) -> None:
    manager, worker = three_engines.manager, three_engines.worker
    manager.docker("network", "create", "-d", "overlay", "mesh")
    manager.docker(
        *(
            "service",
            "create",
            "--detach",
            "--name",
            "api",
            "--replicas",
            "2",
            "--replicas-max-per-node",
            "1",
            "--stop-grace-period",
            "0s",
        ),
        *("--publish", "9000:80", "--network", "mesh", "--limit-memory", "64m", "--label", "team=shop"),
        *("--env", f"API_TOKEN={MARKER}", "--label", f"token={MARKER}", BUSYBOX, "sleep", "100000"),
    )
    try:
        seen = until(manager, lambda seen: bool(seen.services and seen.services[0].running_tasks == 2))
        api = (seen.services or ())[0]
        assert (api.name, api.replicas, api.desired_tasks, api.running_tasks) == ("api", 2, 2, 2)
        assert (api.published_ports, api.max_replicas_per_node) == (("9000:80/tcp/ingress",), 1)
        assert {node.hostname: node.role for node in seen.nodes or ()} == {"manager": "manager", "worker": "worker"}
        running = [task for task in seen.tasks or () if task.state == "running"]
        assert len({task.node_id for task in running}) == 2
        assert seen.host.swarm is not None
        assert (seen.host.swarm.control_available, seen.host.swarm.managers, seen.host.swarm.nodes) == (True, 1, 2)
        assert seen.host.swarm.root_certificate_expires is not None
        assert MARKER not in repr(seen)

        below = look(worker)
        assert (below.services, below.tasks, below.nodes, below.gaps) == (None, None, None, ())
        assert below.host.swarm is not None
        assert (below.host.swarm.state, below.host.swarm.control_available) == ("active", False)
        task = below.containers[0]
        assert task.label("com.docker.swarm.service.name") == "api"
        assert {network.name for network in task.networks or ()} == {"ingress", "mesh"}
        assert MARKER not in repr(below)
    finally:
        manager.remove_all()
        worker.remove_all()


def test_an_engine_behind_mutual_tls_is_one_like_any_other(three_engines: ThreeEngines) -> None:
    secured = three_engines.secured
    secured.run("web")
    try:
        seen = look(secured)
        assert (seen.host.endpoint_scheme, seen.host.endpoint_loopback) == ("https", False)
        assert seen.host.name == "secured"
        assert [facts.name for facts in seen.containers] == ["web"]
    finally:
        secured.remove_all()


def test_nothing_but_reading_reaches_an_engine(engine: RealEngine) -> None:
    with EngineClient(endpoint_of(engine)) as client:
        for path in ("/swarm", "/swarm/unlockkey", "/containers/x/archive", "/configs", "/secrets"):
            with pytest.raises(RefusedByGuard):
                client.get(path)
        session = client._session
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            with pytest.raises(RefusedByGuard):
                session.request(method, f"{session.base_url}/v1.41/volumes/create", json={"Name": "made"})
    assert engine.client.volumes.list() == []
    assert engine.client.containers.list(all=True) == []


def test_the_newest_api_that_both_speak_is_agreed(engine: RealEngine) -> None:
    with EngineClient(endpoint_of(engine)) as client:
        assert client.negotiate() == engine.client.version()["ApiVersion"]
        ping = client.ping()
    assert (ping.kind, ping.api_version) == ("docker", engine.client.version()["ApiVersion"])


def test_a_container_that_vanishes_between_list_and_inspect_is_left_out(
    engine: RealEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.run("stays")
    fleeting = engine.run("fleeting")
    read = EngineClient.read

    def read_and_remove(self: EngineClient, path: str, **options: object) -> bytes:
        reply = read(self, path, **options)  # type: ignore[arg-type]  # the same options, passed on
        if path == "/containers/json":
            fleeting.remove(force=True)
        return reply

    monkeypatch.setattr(EngineClient, "read", read_and_remove)
    seen = look(engine)
    assert [facts.name for facts in seen.containers] == ["stays"]
    assert seen.gaps == ()
