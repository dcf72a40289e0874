"""Real engines with containers that violate one item each of the CIS Docker Benchmark 1.6.0, and twins that do not."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from tests.engines.harness import FOREVER, RealEngine
from tests.engines.images import BUSYBOX
from tests.engines.swarm_root import renew_root
from tests.engines.wires import Switch

LOOSE: Final = "loose"  # one swarm of its own, as it came; all planted containers are on it
TIGHT: Final = ("tight-1", "tight-2", "tight-3")  # the well-configured twin: a swarm of three managers
GATEWAY: Final = "172.31.253.1"  # an address of the loose engine that is neither loopback nor every address
STARTS: Final = 6  # docker commands at a time
#: The engine takes no root certificate that ends within a year: this one does so many seconds after it has been taken.
ROOT_SECONDS: Final = 12

#: What a well-configured container is started with; a planted one lacks or changes one of these.
CAREFUL: Final[Mapping[str, str]] = {
    "--user": "10001",
    "--read-only": "true",
    "--memory": "32m",
    "--cpus": "0.2",
    "--pids-limit": "20",
    "--ulimit": "nofile=1024",
    "--cap-drop": "ALL",
    "--security-opt": "no-new-privileges",
    "--restart": "on-failure:5",
    "--network": "app",
    "--health-cmd": "true",
    "--health-interval": "1h",  # dozens of them, on a machine with more to do
}


@dataclass(frozen=True)
class One:
    """A container that violates these items (by number, apart by blanks) because of `flags` and for lack of `without`.

    Flags may hold {folder}, an empty one of the host, and {cgroup}, the engine's own control group.
    """

    violates: str
    name: str
    flags: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    image: str = BUSYBOX
    command: tuple[str, ...] = FOREVER
    because: str = ""  # why one container violates more than one item
    refused: bool = False  # some kernels do not start it; it is then judged as created, with the error of its start


def _option(number: str, name: str, *values: str) -> One:
    return One(number, name, tuple(word for value in values for word in ("--security-opt", value)))


PLANTED: Final = (
    _option("5.2", "apparmor-off", "apparmor=unconfined"),
    _option("5.2", "apparmor-off-by-colon", "apparmor:unconfined"),
    _option("5.3", "selinux-off", "label=disable"),
    _option("5.3", "selinux-off-by-colon", "label:disable"),
    One("5.4", "may-trace", ("--cap-add", "SYS_PTRACE")),
    One("5.4", "may-trace-by-long-name", ("--cap-add", "CAP_SYS_PTRACE")),
    One("5.4", "may-do-all", ("--cap-add", "ALL"), refused=True),
    One("5.5", "privileged", ("--privileged",), refused=True),
    One("5.6", "etc", ("-v", "/etc:/host/etc")),
    One("5.6", "usr", ("--mount", "type=bind,source=/usr/,target=/host/usr,readonly")),
    One("5.6", "part-of-etc", ("-v", "/etc/ssl/../passwd:/host/passwd")),
    One("5.6", "dev", ("-v", "/dev:/host/dev")),
    One("5.6", "whole-root", ("-v", "/:/host:ro")),
    One("5.7", "sshd", command=("sh", "-c", "sleep 100000; exec /usr/sbin/sshd -D")),
    One("5.7", "ssh-port", ("--expose", "22")),
    One("5.8", "port-81", ("-p", "127.0.0.1:81:8080")),
    One("5.8", "one-of-a-range", ("-p", "127.0.0.1:1020-1030:8080/udp")),
    One("5.9", "database", ("-p", f"{GATEWAY}:15432:5432")),
    One("5.9 5.14", "open-database", ("-p", "16379:6379"), because="a datastore's port, and on every address"),
    One("5.10", "host-network", ("--network", "host"), ("--network",)),
    One("5.11", "any-memory", (), ("--memory",)),
    One("5.12", "any-cpu", (), ("--cpus",)),
    One("5.12", "usual-share", ("--cpu-shares", "1024"), ("--cpus",)),
    One("5.13", "writable-root", (), ("--read-only",)),
    One("5.14", "no-address", ("-p", "18080:8080")),
    One("5.14", "every-address", ("-p", "0.0.0.0:18081:8080")),
    One("5.14", "every-address-of-six", ("-p", "[::]:18082:8080"), refused=True),
    One("5.14", "all-its-ports", ("-P", "--expose", "8080")),
    One("5.15", "no-restart", (), ("--restart",)),
    One("5.15", "restart-always", ("--restart", "always"), ("--restart",)),
    One("5.15", "restart-unless-stopped", ("--restart", "unless-stopped"), ("--restart",)),
    One("5.15", "restart-without-end", ("--restart", "on-failure"), ("--restart",)),
    One("5.15", "restart-ten-times", ("--restart", "on-failure:10"), ("--restart",)),
    One("5.16", "host-pid", ("--pid", "host")),
    One("5.17", "host-ipc", ("--ipc", "host")),
    One("5.18", "device", ("--device", "/dev/null:/dev/x:r")),
    One("5.19", "no-ulimit", (), ("--ulimit",)),
    # It takes a folder that the host itself mounted as shared, which this one is not.
    One("5.20", "shared", ("-v", "{folder}:/x:shared"), refused=True),
    One(
        "5.20",
        "shared-below",
        ("--mount", "type=bind,source={folder},target=/x,bind-propagation=rshared"),
        refused=True,
    ),
    One("5.21", "host-uts", ("--uts", "host")),
    _option("5.22", "seccomp-off", "seccomp=unconfined"),
    _option("5.22", "seccomp-off-by-colon", "seccomp:unconfined"),
    One("5.25", "foreign-cgroup", ("--cgroup-parent", "{cgroup}/other")),
    One("5.26", "may-gain", (), ("--security-opt",)),
    One("5.26", "may-gain-aloud", ("--security-opt", "no-new-privileges=false"), ("--security-opt",)),
    One("5.27", "no-health-check", (), ("--health-cmd", "--health-interval")),
    One("5.27", "health-check-off", ("--no-healthcheck",), ("--health-cmd", "--health-interval"), image="asks:1"),
    One("5.28", "latest", image="base:latest"),
    One("5.28", "moved-tag", image="moved:1"),
    One("5.29", "any-processes", (), ("--pids-limit",)),
    One("5.29", "any-processes-aloud", ("--pids-limit", "-1"), ("--pids-limit",)),
    One("5.30", "docker0", (), ("--network",)),
    One("5.31", "host-users", ("--userns", "host")),
    One("5.32", "socket", ("-v", "{folder}/docker.sock:/var/run/docker.sock:ro")),
    One("5.32", "folder-of-the-socket", ("-v", "/var/run:/host/run:ro")),
    One(
        "5.2 5.4 5.5 5.10 5.16 5.17 5.21 5.22 5.31",
        "everything-at-once",
        (
            *("--privileged", "--cap-add", "SYS_ADMIN", "--network", "host", "--pid", "host", "--ipc", "host"),
            *("--uts", "host", "--userns", "host"),
            *("--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"),
        ),
        ("--network",),
        because="each of its flags is an item; --privileged implies some of them and excuses none",
        refused=True,
    ),
)

#: Well-configured ones, some of them close to an item; the last ones lean on others.
TWINS: Final = (
    One("", "careful"),
    One("", "adds-back", ("--cap-add", "NET_BIND_SERVICE")),
    One("", "own-folder", ("-v", "{folder}:/x:rprivate", "-v", "data:/data")),
    One("", "time-zone", ("-v", "/etc/localtime:/etc/localtime:ro")),
    One("", "loopback", ("-p", "127.0.0.1:18090:8080", "-p", "127.0.0.1:15433:5432")),
    One("", "one-address", ("-p", f"{GATEWAY}:18091:8080")),
    One("", "exposed-only", ("--expose", "8080")),
    One("", "own-share", ("--cpu-shares", "512"), ("--cpus",)),
    One("", "three-restarts", ("--restart", "on-failure:3"), ("--restart",)),
    One("", "gains-nothing", ("--security-opt", "no-new-privileges:true"), ("--security-opt",)),
    One("", "own-filter", ("--security-opt", "seccomp={folder}/seccomp.json")),
    One("", "asks-by-image", (), ("--health-cmd",), image="asks:1"),
    One("", "sick", ("--health-cmd", "false", "--health-interval", "1s", "--health-retries", "1"),
        ("--health-cmd", "--health-interval")),
    One("", "shares", ("--ipc", "shareable")),
    One("", "joins", ("--ipc", "container:shares", "--pid", "container:shares", "--network", "container:shares"),
        ("--network",)),
)  # fmt: skip

#: Of hosts and what else is no container, by number, as `host` or `host/name`.
AROUND: Final[Mapping[str, frozenset[str]]] = {
    "5.1": frozenset({LOOSE}),
    "7.1": frozenset({LOOSE}),
    "7.3": frozenset({f"{LOOSE}/open", f"{LOOSE}/ingress"}),  # a swarm makes ingress by itself, in the clear
    "7.4": frozenset({f"{TIGHT[0]}/leaky"}),  # only tasks of a swarm can have secrets
    "7.5": frozenset({LOOSE}),
    "7.7": frozenset({LOOSE}),
    "7.8": frozenset({LOOSE}),
}


@dataclass(frozen=True)
class Planted:
    urls: Mapping[str, str]
    twins: frozenset[str] = field(default_factory=frozenset)  # subjects that violate nothing

    @staticmethod
    def expected(number: str) -> set[str]:
        named = {f"{LOOSE}/{one.name}" for one in PLANTED if number in one.violates.split()}
        return named | AROUND.get(number, frozenset())


@contextmanager
def planted(folder: Path) -> Iterator[Planted]:
    with ExitStack() as stack:
        switch = stack.enter_context(Switch())
        strict = ("--no-new-privileges", "--label", "loadline.no-new-privileges=on")  # a task cannot ask for it
        loose = RealEngine(LOOSE)
        tight = [RealEngine(name, switch=switch, arguments=strict) for name in TIGHT]
        for engine in (loose, *tight):
            stack.callback(engine.stop)
            engine.launch()
        for engine in (loose, *tight):
            engine.wait_ready()
        with ThreadPoolExecutor(1) as beside:
            made = beside.submit(_make_tight_swarm, tight)
            _make_loose_swarm(loose, folder)
            aged = time.monotonic() + ROOT_SECONDS
            _make_images(loose)
            _start_all(loose, folder)
            made.result()
        time.sleep(max(0.0, aged - time.monotonic()))
        twins = {f"{LOOSE}/{one.name}" for one in TWINS} | {f"{LOOSE}/sealed", *TIGHT}
        twins |= {f"{TIGHT[0]}/web", *(f"{name}/ingress" for name in TIGHT)}
        yield Planted({engine.name: engine.url for engine in (loose, *tight)}, frozenset(twins))


def _make_loose_swarm(engine: RealEngine, folder: Path) -> None:
    engine.docker("swarm", "init", "--advertise-addr", "127.0.0.1", "--cert-expiry", "4000h")
    renew_root(engine, folder, lasting=timedelta(days=365, seconds=ROOT_SECONDS))
    engine.docker("network", "create", "--driver", "overlay", "open")
    engine.docker("network", "create", "--driver", "overlay", "--opt", "encrypted", "sealed")
    engine.docker("network", "create", "--subnet", "172.31.253.0/24", "--gateway", GATEWAY, "app")


def _make_tight_swarm(engines: list[RealEngine]) -> None:
    first, *others = engines
    first.import_image()
    first.docker(
        *("swarm", "init", "--advertise-addr", first.address, "--autolock", "--cert-expiry", "720h"),
        *("--default-addr-pool", "10.77.0.0/16"),
    )
    _encrypt_ingress(first)
    first.docker("network", "create", "--driver", "bridge", "--scope", "swarm", "app")
    token = first.docker("swarm", "join-token", "--quiet", "manager")
    for other in others:
        other.docker("swarm", "join", "--advertise-addr", other.address, "--token", token, f"{first.address}:2377")
    careful = [
        *("--user", "10001", "--read-only", "--limit-memory", "32m", "--limit-cpu", "0.2", "--limit-pids", "20"),
        *("--ulimit", "nofile=1024", "--cap-drop", "ALL", "--network", "app"),
        *("--health-cmd", "true", "--health-interval", "1h"),
        *("--constraint", f"node.hostname=={first.name}", "--no-resolve-image"),
    ]
    for name, flags in {"web": (), "leaky": ("--env", "DB_PASSWORD=hunter2")}.items():
        first.docker("service", "create", "--detach", "--name", name, *careful, *flags, BUSYBOX, *FOREVER)
    _wait_for_tasks(first, 2)


def _wait_for_tasks(engine: RealEngine, number: int) -> None:
    deadline = time.monotonic() + 30
    while len(engine.client.containers.list()) < number:
        assert time.monotonic() < deadline, engine.docker("service", "ls")
        time.sleep(0.1)


def _encrypt_ingress(engine: RealEngine) -> None:
    """Networks cannot be changed, so this one makes room for another; the engine takes it away a moment later."""
    engine.client.networks.get("ingress").remove()
    deadline = time.monotonic() + 20
    while engine.client.networks.list(names=["ingress"]):
        assert time.monotonic() < deadline, "the engine kept its ingress network"
        time.sleep(0.1)
    # The list forgets a network of the swarm before its managers have.
    while True:
        try:
            engine.docker("network", "create", "--ingress", "--driver", "overlay", "--opt", "encrypted", "ingress")
        except RuntimeError as error:
            if "already exists" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def _make_images(engine: RealEngine) -> None:
    engine.import_image()
    engine.import_image("asks:1", changes=["HEALTHCHECK CMD true"])
    for name in ("base:latest", "moved:1"):
        engine.client.images.get(BUSYBOX).tag(name)


def _start_all(engine: RealEngine, folder: Path) -> None:
    (folder / "seccomp.json").write_text('{"defaultAction": "SCMP_ACT_ALLOW"}')
    (folder / "docker.sock").symlink_to(engine.socket)
    places = {"folder": str(folder), "cgroup": f"/{engine.folder.name}"}

    def start(one: One) -> None:
        given = [f"{option}={value}" for option, value in CAREFUL.items() if option not in one.without]
        flags = [flag.format(**places) for flag in one.flags]
        said = engine.docker("run", "-d", "--name", one.name, *given, *flags, one.image, *one.command, check=False)
        state = engine.docker("inspect", "--format", "{{.State.Status}}", one.name)
        assert state == "running" or (one.refused and state == "created"), said

    apart = [one for one in (*PLANTED, *TWINS) if one.name != "joins"]
    with ThreadPoolExecutor(STARTS) as pool:
        list(pool.map(start, apart))
    start(next(one for one in TWINS if one.name == "joins"))
    engine.import_image("moved:1", changes=["LABEL moved=yes"])
