"""A simulated engine answers key for key as a real one of the same release that runs the same things."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from fleet.simulation.plan import Engine, SimulatedFleet
from fleet.simulation.releases import DEBIAN_12, V20_DEBIAN
from fleet.simulation.serving import running
from fleet.simulation.spec import (
    MIB,
    Container,
    HealthCheck,
    Image,
    Life,
    Mount,
    Network,
    Port,
    Volume,
)
from tests.engines.harness import RealEngine
from tests.engines.images import BUSYBOX
from tests.fleet.simulation.shapes import differences

pytestmark = pytest.mark.engine

FOREVER = ("sleep", "100000")
PLAIN = Image(BUSYBOX, environment=("PATH=/bin",), command=(), comment="Imported from -")
APP = Image(
    "contract/app:1",
    environment=("PATH=/bin",),
    user="10001",
    command=("100000",),
    entrypoint=("/bin/sleep",),
    exposed=("80/tcp",),
    volumes=("/data",),
    labels={"a": "b"},
    health_check=HealthCheck(("CMD-SHELL", "true"), interval=1, timeout=3, retries=4),
    comment="Imported from -",
)
FULL_CHECK = HealthCheck(("CMD-SHELL", "true"), interval=1, timeout=0, retries=0)
RUNS = Life(age=4)
CONTAINERS = (
    Container(
        name="full",
        image=PLAIN,
        command=FOREVER,
        life=RUNS,
        health_check=FULL_CHECK,
        labels={"x": "y"},
        environment=("A=b",),
        user="1000:1000",
        ports=(Port(80, 18080, "127.0.0.1"),),
        mounts=(
            Mount("volume", "/data", "data"),
            Mount("bind", "/host", "/srv", writable=False),
            Mount("volume", "/anonymous"),
            Mount("tmpfs", "/scratch"),
        ),
        tmpfs={"/quick": ""},
        network_mode="front",
        networks=("front",),
        memory=64 * MIB,
        nano_cpus=500_000_000,
        pids_limit=100,
        restart="unless-stopped",
        cap_add=("NET_BIND_SERVICE",),
        cap_drop=("ALL",),
        security_options=("no-new-privileges:true",),
        read_only=True,
        init=True,
        log_options={"max-size": "10m"},
        ulimits={"nofile": 1024},
        sysctls={"net.ipv4.ip_unprivileged_port_start": "0"},
        stop_timeout=20,
    ),
    Container(name="bare", image=PLAIN, command=FOREVER, life=RUNS, ports=(Port(5432, 15432),)),
    Container(name="declared", image=APP, life=RUNS, mounts=(Mount("volume", "/data"),)),
    Container(name="gone", image=PLAIN, command=("false",), life=Life("exited", age=4, ended=3, exit_code=1)),
    Container(name="created", image=PLAIN, command=FOREVER, life=Life("created", age=4), ports=(Port(99, 15499),)),
    Container(name="paused", image=PLAIN, command=FOREVER, life=Life("paused", age=4)),
    Container(
        name="hosted", image=PLAIN, command=FOREVER, life=RUNS, network_mode="host", networks=("host",), pid_mode="host"
    ),
    Container(name="alone", image=PLAIN, command=FOREVER, life=RUNS, network_mode="none", networks=("none",)),
    Container(name="inside", image=APP, life=RUNS, network_mode="back", networks=("back",),
              mounts=(Mount("volume", "/data"),), ports=(Port(80, 18081),)),
    Container(
        name="mighty",
        image=PLAIN,
        command=FOREVER,
        life=Life("created", age=4),
        privileged=True,
        mounts=(Mount("bind", "/var/run/docker.sock", "/var/run/docker.sock"),),
        devices=("/dev/null",),
    ),
    Container(name="looping", image=PLAIN, command=("false",), life=Life(loop=5), restart="always"),
    Container(name="writer", image=PLAIN, command=("sh", "-c", "echo more > /x; sleep 1000"), life=RUNS, size_rw=5),
)  # fmt: skip
ENGINE = Engine(
    name="contract",
    environment="test",
    team="",
    release=V20_DEBIAN,
    system=DEBIAN_12,
    containers=CONTAINERS,
    images=(PLAIN, APP),
    networks=(Network("front", 21), Network("back", 22, internal=True, labels={"a": "b"})),
    volumes=(
        Volume("data", labels={"a": "b"}),
        Volume("shared", options={"type": "nfs", "o": "addr=10.0.0.1", "device": ":/x"}),
    ),
    live_restore=False,
)


@dataclass(frozen=True)
class Pair:
    real: RealEngine
    simulated: str

    def ask_real(self, path: str) -> requests.Response:
        api = self.real.client.api
        reply: requests.Response = api.get(api.base_url + path)
        return reply

    def ask_simulated(self, path: str) -> requests.Response:
        return requests.get(self.simulated + path, timeout=10)

    def both(self, path: str) -> tuple[Any, Any]:
        return self.ask_real(path).json(), self.ask_simulated(path).json()


def _fill(real: RealEngine) -> None:
    """The same things by hand, so that no mistake is made twice."""
    real.import_image()
    changes = ["USER 10001", "VOLUME /data", "LABEL a=b", "EXPOSE 80", 'ENTRYPOINT ["/bin/sleep"]', 'CMD ["100000"]',
               "HEALTHCHECK --interval=1s --timeout=3s --retries=4 CMD true"]  # fmt: skip
    real.import_image("contract/app:1", changes=changes)
    real.docker("network", "create", "front")
    real.docker("network", "create", "--internal", "--label", "a=b", "back")
    real.docker("volume", "create", "--label", "a=b", "data")
    real.docker("volume", "create", "-o", "type=nfs", "-o", "o=addr=10.0.0.1", "-o", "device=:/x", "shared")
    full = (
        "--network front --health-cmd true --health-interval 1s -v data:/data -v /srv:/host:ro -v /anonymous "
        "--mount type=tmpfs,dst=/scratch --tmpfs /quick -p 127.0.0.1:18080:80 -e A=b --memory 64m --cpus 0.5 "
        "--pids-limit 100 --restart unless-stopped --security-opt no-new-privileges:true --cap-drop ALL "
        "--cap-add NET_BIND_SERVICE --user 1000:1000 --init --read-only --ulimit nofile=1024 "
        "--log-opt max-size=10m --label x=y --sysctl net.ipv4.ip_unprivileged_port_start=0 --stop-timeout 20"
    )
    real.docker("run", "-d", "--name", "full", *full.split(), BUSYBOX, *FOREVER)
    real.docker("run", "-d", "--name", "bare", "-p", "15432:5432", BUSYBOX, *FOREVER)
    real.docker("run", "-d", "--name", "declared", "contract/app:1")
    real.docker("run", "-d", "--name", "gone", BUSYBOX, "false")
    real.docker("create", "--name", "created", "-p", "15499:99", BUSYBOX, *FOREVER)
    real.docker("run", "-d", "--name", "paused", BUSYBOX, *FOREVER)
    real.docker("pause", "paused")
    real.docker("run", "-d", "--name", "hosted", "--network", "host", "--pid", "host", BUSYBOX, *FOREVER)
    real.docker("run", "-d", "--name", "alone", "--network", "none", BUSYBOX, *FOREVER)
    real.docker("run", "-d", "--name", "inside", "--network", "back", "-p", "18081:80", "contract/app:1")
    socket = "/var/run/docker.sock:/var/run/docker.sock"
    real.docker("create", "--name", "mighty", "--privileged", "-v", socket, "--device", "/dev/null", BUSYBOX, *FOREVER)
    real.docker("run", "-d", "--name", "looping", "--restart", "always", BUSYBOX, "false")
    real.docker("run", "-d", "--name", "writer", BUSYBOX, "sh", "-c", "echo more > /x; sleep 1000")


@pytest.fixture(scope="module")
def pair(engines_possible: None) -> Iterator[Pair]:
    with RealEngine("contract") as real, running(SimulatedFleet((ENGINE,))) as hosts:
        _fill(real)
        time.sleep(2.5)  # two probes of the health check
        yield Pair(real, hosts[0].url.replace("tcp://", "http://"))


@pytest.mark.parametrize(
    "path",
    [
        "/version",
        "/info",
        "/images/json",
        "/images/contract/app:1/json",
        f"/images/{BUSYBOX}/json",
        "/networks",
        "/networks/front",
        "/networks/back",
        "/networks/bridge",
        "/networks/host",
        "/networks/none",
        "/volumes",
        "/volumes/data",
        "/volumes/shared",
        "/plugins",
        "/system/df",
        "/containers/json",
        "/containers/json?all=1",
        "/containers/json?all=1&size=1",
    ],
)
def test_a_reply_has_the_keys_and_types_of_a_real_one(pair: Pair, path: str) -> None:
    assert differences(*pair.both(path)) == []


@pytest.mark.parametrize("container", [container.name for container in CONTAINERS if container.name != "looping"])
def test_a_list_entry_and_an_inspect_have_the_keys_and_types_of_real_ones(pair: Pair, container: str) -> None:
    real, simulated = pair.both("/v1.41/containers/json?all=1")
    assert differences(_named(real, container), _named(simulated, container)) == []
    assert differences(*pair.both(f"/v1.41/containers/{container}/json")) == []
    assert differences(*pair.both(f"/v1.41/containers/{container}/json?size=1")) == []


@pytest.mark.parametrize("container", [c.name for c in CONTAINERS if c.name not in {"looping", "full", "hosted"}])
def test_the_settings_of_a_container_are_those_of_a_real_one(pair: Pair, container: str) -> None:
    """Types cannot tell an empty list from a full one or a wrong default from a right one; values can."""
    real, simulated = pair.both(f"/v1.41/containers/{container}/json")
    for part in ("HostConfig", "Config"):
        for reply in (real, simulated):
            for own in ("Hostname", "CgroupParent", "AttachStdout", "AttachStderr"):
                reply[part].pop(own, None)
        assert simulated[part] == real[part]
    for name in ("Path", "Args", "Name", "RestartCount", "Driver", "Platform", "AppArmorProfile"):
        assert simulated[name] == real[name]
    for name in ("Status", "Running", "Paused", "Restarting", "OOMKilled", "ExitCode", "Error"):
        assert simulated["State"][name] == real["State"][name]
    assert simulated["NetworkSettings"]["Ports"] == real["NetworkSettings"]["Ports"]


def test_the_full_container_is_told_value_by_value(pair: Pair) -> None:
    real, simulated = pair.both("/v1.41/containers/full/json")
    for reply in (real, simulated):
        reply["HostConfig"].pop("CgroupParent")
        reply["Config"].pop("Hostname")
        for mount in reply["Mounts"]:
            del mount["Source"]
            if len(mount.get("Name", "")) == 64:
                mount["Name"] = "anonymous"
        reply["Mounts"].sort(key=lambda mount: str(mount["Destination"]))
        reply["HostConfig"]["Binds"].sort()  # the docker client sends them in an order of its own each time
    assert simulated["HostConfig"] == real["HostConfig"]
    assert simulated["Config"] == real["Config"]
    assert simulated["Mounts"] == real["Mounts"]


def _named(entries: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(entry for entry in entries if entry["Names"] == [f"/{name}"])


def test_a_crash_loop_looks_like_a_real_one_between_two_starts(pair: Pair) -> None:
    path = "/containers/looping/json"
    real, simulated = (_awaited(ask, path, "restarting") for ask in (pair.ask_real, pair.ask_simulated))
    assert differences(real, simulated) == []
    for name in ("Running", "Restarting", "ExitCode", "Pid"):
        assert simulated["State"][name] == real["State"][name]


def _awaited(ask: Callable[[str], requests.Response], path: str, state: str) -> Any:
    for _ in range(100):
        reply = ask(path).json()
        if reply["State"]["Status"] == state:
            return reply
        time.sleep(0.1)
    raise TimeoutError(f"{path} never was {state}")


def test_the_list_tells_ports_mounts_and_status_as_a_real_one(pair: Pair) -> None:
    real, simulated = pair.both("/v1.41/containers/json?all=1")
    for container in CONTAINERS:
        if container.name == "looping":
            continue  # its state is another on every call
        theirs, ours = _named(real, container.name), _named(simulated, container.name)
        for key in ("Command", "State", "Image", "Labels", "HostConfig"):
            assert ours[key] == theirs[key]
        by_address = sorted(ours["Ports"], key=str), sorted(theirs["Ports"], key=str)
        assert by_address[0] == by_address[1]
        assert {m["Destination"]: (m["Type"], m["Mode"], bool(m["Source"])) for m in ours["Mounts"]} == {
            m["Destination"]: (m["Type"], m["Mode"], bool(m["Source"])) for m in theirs["Mounts"]
        }
        assert ours["Status"].split(" ")[0] == theirs["Status"].split(" ")[0]
        assert ("(healthy)" in ours["Status"]) == ("(healthy)" in theirs["Status"])


@pytest.mark.parametrize(
    "path",
    [
        "/_ping",
        "/containers/nosuch/json",
        "/images/nosuch/json",
        "/images/no/such:2/json",
        "/networks/nosuch",
        "/volumes/nosuch",
        "/services",
        "/tasks",
        "/nodes",
        "/v1.99/info",
        "/v1.11/info",
        "/v1.41/nosuch",
        "/nosuch",
        "/vx/info",
        '/containers/json?filters={"bogus":["x"]}',
    ],
)
def test_a_refusal_has_the_status_the_headers_and_the_words_of_a_real_one(pair: Pair, path: str) -> None:
    real, simulated = pair.ask_real(path), pair.ask_simulated(path)
    assert (simulated.status_code, simulated.text) == (real.status_code, real.text)
    for name in ("Content-Type", "Api-Version", "Ostype", "Docker-Experimental", "Cache-Control"):
        if not path.startswith("/v1."):
            assert simulated.headers.get(name) == real.headers.get(name)


@pytest.mark.parametrize("path", ["/containers/json?all=1", "/containers/full/json", "/version"])
def test_the_framing_is_that_of_a_real_one(pair: Pair, path: str) -> None:
    real, simulated = pair.ask_real(path), pair.ask_simulated(path)
    for name in ("Content-Type", "Transfer-Encoding", "Server"):
        assert simulated.headers.get(name) == real.headers.get(name)
    assert simulated.content.endswith(b"\n") == real.content.endswith(b"\n")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "all=1",
        "limit=1",
        'filters={"name":["full"]}',
        'filters={"status":["exited"]}',
        'filters={"label":["x=y"]}',
        'filters={"health":["healthy"]}',
        'filters={"network":["back"]}',
        'filters={"status":{"paused":true}}',
    ],
)
def test_the_list_is_narrowed_as_a_real_one_is(pair: Pair, query: str) -> None:
    real, simulated = pair.both(f"/containers/json?{query}")
    assert len(simulated) == len(real)
    if "limit" not in query:
        assert {tuple(entry["Names"]) for entry in simulated} == {tuple(entry["Names"]) for entry in real}


def test_events_have_the_keys_and_types_of_real_ones(pair: Pair) -> None:
    now = int(time.time())
    path = f'/events?since=0&until={now}&filters={{"type":["container"],"event":["start","exec_die"]}}'
    real = [line for line in pair.ask_real(path).iter_lines() if b'"full"' in line]
    simulated = [line for line in pair.ask_simulated(path).iter_lines() if b'"full"' in line]
    for action in ("start", "exec_die"):
        theirs = next(json.loads(line) for line in real if json.loads(line)["Action"] == action)
        ours = next(json.loads(line) for line in simulated if json.loads(line)["Action"] == action)
        assert differences(theirs, ours) == []
