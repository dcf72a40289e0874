"""What is said of services is held against another engine: those that nothing ties start there, the tied ones do not,
or lose what ties them.
"""

from __future__ import annotations

import socket
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.types import DeviceRequest, Healthcheck, LogConfig, Mount

from fleet.inventory.identity import identify
from fleet.neutrality import Distance, Part, Reading, read
from tests.engines.harness import RealEngine
from tests.engines.images import BUSYBOX
from tests.engines.looking import look
from tests.engines.podman import RealPodman, missing
from tests.engines.volume_plugin import VolumePlugin
from tests.requirements import require_or_skip

pytestmark = pytest.mark.engine

JSON = LogConfig(type="json-file", config={"max-size": "10m"})
CHECKED = "elsewhere/checked:1"
CHECK = Healthcheck(test=["CMD", "/bin/true"], interval=60_000_000_000)

#: Services that nothing ties, in the words of the docker SDK.
FREE: dict[str, dict[str, Any]] = {
    "plain": {},
    "kept": {"volumes": {"kept-data": {"bind": "/data"}}, "restart_policy": {"Name": "on-failure"}},
    "daily": {"restart_policy": {"Name": "unless-stopped"}},
    "careful": {
        "user": "1000:1000", "cap_drop": ["ALL"], "cap_add": ["NET_BIND_SERVICE"], "read_only": True,
        "security_opt": ["no-new-privileges:true"], "tmpfs": {"/tmp": "size=16m"}, "mem_limit": "64m",
        "pids_limit": 50, "log_config": JSON, "environment": {"MODE": "server"},
    },
    "published": {"ports": {"8080/tcp": 18080}},
    "networked": {"network": "elsewhere"},
    "hosted": {"network_mode": "host"},
    "alone": {"network_mode": "none"},
    "read-only": {"mounts": [Mount("/conf", "/etc/hostname", type="bind", read_only=True)]},
}  # fmt: skip


@dataclass(frozen=True)
class Tied:
    """`options` make the tie. Podman refuses the container with `refused` in its words, or `lost` tells that it runs
    there without what ties it.
    """

    tie: str
    options: dict[str, Any]
    refused: str = ""
    lost: Callable[[RealPodman, str], bool] | None = None
    image: str = BUSYBOX
    starts: bool = True  # on this machine's Docker


def _no_address(podman: RealPodman, name: str) -> bool:
    """The name of the host has no address in the file that names are looked up in."""
    hosts = podman.client.containers.get(name).exec_run(["cat", "/etc/hosts"]).output.decode()
    lines = [line.split()[0] for line in hosts.splitlines() if "host.docker.internal" in line.split()]
    return not any(word[:1].isdigit() and word[0] != "h" for word in lines)


def _no_socket(podman: RealPodman, _name: str) -> bool:
    return not stat.S_ISSOCK((podman.folder / "run" / "docker" / "docker.sock").stat().st_mode)


def _unchecked(podman: RealPodman, name: str) -> bool:
    return not podman.client.api.inspect_container(name)["Config"].get("Healthcheck")


def _no_devices(podman: RealPodman, name: str) -> bool:
    return not podman.client.api.inspect_container(name)["HostConfig"].get("DeviceRequests")


def _empty_volume(podman: RealPodman, _name: str) -> bool:
    """Not the plugin's: a new one on the local disk."""
    return bool(podman.client.volumes.get("far").attrs["Driver"] == "local")


TIED: dict[str, Tied] = {
    "logs-local": Tied("engine-log-driver", {"log_config": LogConfig(type="local")}, "invalid log driver"),
    "logs-syslog": Tied(
        "engine-log-driver", {"log_config": LogConfig(type="syslog")}, "invalid log driver", starts=False
    ),
    "logs-splunk": Tied(
        "vendor-log-driver",
        {"log_config": LogConfig(type="splunk", config={"splunk-url": "https://127.0.0.1:1", "splunk-token": "x"})},
        "invalid log driver",
        starts=False,
    ),
    "linked": Tied("legacy-links", {"links": {"plain": "db"}}, "link is not supported"),
    "sliced": Tied("cgroup-parent", {"cgroup_parent": "batch.slice"}, "slice"),
    "profiled": Tied(
        "engine-profile", {"security_opt": ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}']}, "seccomp profile"
    ),
    "calls-host": Tied("host-gateway", {"extra_hosts": {"host.docker.internal": "host-gateway"}}, lost=_no_address),
    "agent": Tied(
        "engine-socket",
        {"volumes": {"/run/docker/docker.sock": {"bind": "/docker.sock"}}},
        lost=_no_socket,
    ),
    "trainer": Tied(
        "gpu-request",
        {"device_requests": [DeviceRequest(count=1, capabilities=[["gpu"]])]},
        lost=_no_devices,
        starts=False,
    ),
    "checked": Tied("image-health-check", {}, lost=_unchecked, image=CHECKED),
    "plugged": Tied("volume-plugin", {"volumes": {"far": {"bind": "/data"}}}, lost=_empty_volume),
}


@dataclass(frozen=True)
class Declared:
    """What Loadline says of each service on the Docker engine, and the body that would create it again."""

    readings: dict[str, Reading]
    bodies: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def podman() -> Iterator[RealPodman]:
    reason = missing()
    if reason:
        require_or_skip(reason)
    with RealPodman() as engine:
        yield engine


@pytest.fixture(scope="module")
def declared(session_engine: RealEngine, podman: RealPodman) -> Iterator[Declared]:
    engine = session_engine
    engine.import_image(CHECKED, changes=['HEALTHCHECK CMD ["/bin/true"]'])
    engine.client.networks.create("elsewhere", driver="bridge")
    try:
        with VolumePlugin(engine, "flocker"), socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(engine.plugins.parent / "docker.sock"))  # the engine sees it as /run/docker/docker.sock
            engine.client.volumes.create("far", driver="flocker")
            for name, options in FREE.items():
                engine.run(name, **options)
            for name, one in TIED.items():
                (engine.run if one.starts else engine.create)(name, image=one.image, **one.options)
            yield Declared(_readings(engine), _bodies(engine))
            engine.remove_all()
    finally:
        engine.remove_all()


def _readings(engine: RealEngine) -> dict[str, Reading]:
    """As when a service is added up, of what one sweep sees."""
    snapshot = look(engine)
    images = {one.id: one for one in snapshot.images or ()}
    drivers = {key: one.driver for one in snapshot.networks or () for key in (one.id, one.name)}
    parts: dict[str, list[Part]] = {}
    for facts in snapshot.containers:
        found = Part(
            facts=facts,
            engine=snapshot.host.kind,
            os_type=snapshot.host.os_type,
            image=images.get(facts.image_id or ""),
            networks=drivers,
        )
        parts.setdefault(facts.name, []).append(found)
        assert identify(facts).service
    return {name: read(found) for name, found in parts.items()}


def _bodies(engine: RealEngine) -> dict[str, dict[str, Any]]:
    """What inspect tells, as a body of POST /containers/create: without the container's own name for itself, and
    without what its image says, which nobody said when it was started.
    """
    bodies = {}
    for name in (*FREE, *TIED):
        told = engine.client.api.inspect_container(name)
        of_image = engine.client.api.inspect_image(told["Image"])["Config"]
        config = {
            key: value
            for key, value in told["Config"].items()
            if key not in {"Hostname", "Domainname"} and (not value or of_image.get(key) != value)
        }
        bodies[name] = {**config, "HostConfig": told["HostConfig"]}
    return bodies


@pytest.fixture(scope="module")
def moved(session_engine: RealEngine, podman: RealPodman, declared: Declared) -> RealPodman:
    """Podman with the images, by docker save, and with a network of the same name."""
    for name in (BUSYBOX, CHECKED):
        podman.load(session_engine.client.images.get(name).save(named=True))
    # A registry would hand it on in the OCI's format, as builders make it by default.
    archive = podman.folder / "run" / "checked.tar"
    podman.podman("save", "--format", "oci-archive", "--output", str(archive), CHECKED)
    podman.podman("rmi", CHECKED)
    podman.podman("load", "--input", str(archive))
    podman.client.networks.create("elsewhere", driver="bridge")
    return podman


@pytest.mark.parametrize("name", FREE)
def test_what_nothing_ties_starts_on_another_engine_as_it_is(name: str, declared: Declared, moved: RealPodman) -> None:
    reading = declared.readings[name]
    assert (reading.distance, reading.changes, reading.missing) == (Distance.FREE, (), ())
    moved.create(name, declared.bodies[name])
    container = moved.client.containers.get(name)
    container.start()
    container.reload()
    assert container.attrs["State"]["Status"] == "running"


@pytest.mark.parametrize("name", TIED)
def test_what_is_tied_does_not_start_or_loses_what_ties_it(name: str, declared: Declared, moved: RealPodman) -> None:
    reading, one = declared.readings[name], TIED[name]
    assert one.tie in {bond.slug for bond in reading.changes}
    assert reading.distance is not Distance.FREE
    if one.refused:
        with pytest.raises(docker.errors.APIError, match=one.refused):
            _start(moved, name, declared.bodies[name])
    else:
        _start(moved, name, declared.bodies[name])
        assert one.lost is not None
        assert one.lost(moved, name)


def _start(podman: RealPodman, name: str, body: dict[str, Any]) -> None:
    podman.create(name, body)
    podman.client.containers.get(name).start()


def test_docker_has_what_is_lost(session_engine: RealEngine, declared: Declared) -> None:
    """The counterpart: on the engine that they are tied to, the same containers have it."""
    client = session_engine.client
    hosts = client.containers.get("calls-host").exec_run(["cat", "/etc/hosts"]).output.decode()
    assert any(line.split()[0][0].isdigit() for line in hosts.splitlines() if "host.docker.internal" in line)
    assert client.api.inspect_container("checked")["Config"]["Healthcheck"]["Test"] == ["CMD", "/bin/true"]


def test_a_policy_of_restarts_is_a_note_for_the_host(declared: Declared) -> None:
    assert [bond.slug for bond in declared.readings["daily"].preparations] == ["restart-by-engine"]
    unit = Path("/lib/systemd/system/podman-restart.service")
    if unit.exists():
        assert "restart-policy=always" in unit.read_text() or "should-start-on-boot" in unit.read_text()
