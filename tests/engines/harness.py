"""Real Docker engines for tests: started in a second or two, apart from each other and gone without a trace."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import docker
from docker.models.containers import Container

from tests.engines import certificates
from tests.engines.certificates import Certificates
from tests.engines.images import BUSYBOX, PATH_CHANGE, archive
from tests.engines.namespaces import (
    cgroups_that_begin_with,
    end_inside,
    own_namespaces,
    remove_cgroups,
    script,
    send,
    thaw,
)
from tests.engines.wires import Switch, wait_for_namespace

START_SECONDS = 40.0
TLS_PORT = 2376
FOREVER = ("sleep", "1000000")
_FOLDERS = "lle-"  # short: a unix socket's path ends at 107 characters
_numbers = itertools.count(1)


class RealEngine:
    """One dockerd with its own data, network, host name, process tree, plugins, daemon.json and engine id.

    with RealEngine("one") as engine:
        engine.run("web", ports={"80/tcp": 8080}, environment={"A": "b"})     # docker SDK keywords
        engine.docker("run", "-d", "--name", "web", BUSYBOX, "sleep", "60")  # or the command line's own flags
        engine.url                                                            # unix:///tmp/lle-…/s.sock

    Options
      arguments    more for dockerd: ("--live-restore", "--cluster-store", …)
      binds        what its mount namespace shows elsewhere: {"/etc/os-release": Path or the file's text}
      environment  more for its environment; {"PATH": …} to let it find another runc or containerd
      switch       a `Switch`; the engine gets `address` there, reachable from the test and from other engines
      tls          True: mutual TLS on that address at `tls_url`; `certificates.client` holds ca.pem, cert.pem, key.pem
      listen       more -H addresses, such as ("tcp://127.0.0.1:2375",), in its own network namespace
      engine_id_of an engine whose /info ID this one shall report too, as cloned machines do

    Life: `start` is `launch` then `wait_ready` (launch several, then wait for each, to start them together);
    `stop`; `kill` (no farewell: what a crash looks like); `pause` and `resume` (a hanging engine); as context manager.

    Help: `client` (docker SDK), `docker(…)` (command line), `import_image`, `run`, `create`, `wait_for(…)`,
    `remove_all` (containers, services, networks, volumes; images stay), `log` (what dockerd said),
    `plugins` (the folder it sees as /run/docker/plugins, for v1 plugin sockets).
    Some kernels refuse to start privileged containers and to make macvlan networks: `create` and inspect those.
    """

    def __init__(
        self,
        name: str = "engine",
        *,
        arguments: Sequence[str] = (),
        binds: Mapping[str, Path | str] | None = None,
        environment: Mapping[str, str] | None = None,
        switch: Switch | None = None,
        tls: bool = False,
        listen: Sequence[str] = (),
        engine_id_of: RealEngine | None = None,
    ) -> None:
        if tls and switch is None:
            raise ValueError(f"engine {name} was asked for TLS but has no switch to be reached at")
        self.name = name
        self.arguments = tuple(arguments)
        self.binds = dict(binds or {})
        self.environment = dict(environment or {})
        self.switch = switch
        self.tls = tls
        self.listen = tuple(listen)
        self.engine_id_of = engine_id_of
        self.address = ""
        self.certificates: Certificates | None = None
        self.folder = Path()
        self._cgroup = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._client: docker.DockerClient | None = None

    # Where it is

    @property
    def socket(self) -> Path:
        return self.folder / "s.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def tls_url(self) -> str:
        return f"tcp://{self.address}:{TLS_PORT}"

    @property
    def plugins(self) -> Path:
        return self.folder / "run" / "plugins"

    @property
    def process_id(self) -> int:
        """Of the process that its namespaces began with."""
        if self._process is None:
            raise RuntimeError(f"engine {self.name} is not launched")
        return self._process.pid

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    @property
    def client(self) -> docker.DockerClient:
        if self._client is None:
            self._client = docker.DockerClient(base_url=self.url, version="auto", timeout=60)
        return self._client

    # Its life

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        self.launch()
        return self.wait_ready()

    def launch(self) -> None:
        """Start dockerd without waiting. The engine lives no longer than the thread that launched it."""
        remove_stale()
        self._make_folder()
        start = script(hostname=self.name, binds=self._binds(), command=self._command())
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                own_namespaces("sh", "-c", start),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | self.environment,
                start_new_session=True,
            )
        try:
            wait_for_namespace(self._process.pid)
            if self.switch:
                self.switch.plug(self._process.pid, address=self.address)
            self._say_go()
        except BaseException:
            self.kill()
            raise

    def wait_ready(self) -> Self:
        """Return when the engine answers a ping; raise with the end of its log when it does not."""
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                log = self.log[-2000:]
                self.kill()
                raise RuntimeError(f"engine {self.name} did not start; its log ends:\n{log}")
            time.sleep(0.05)
        return self

    def stop(self) -> None:
        """End the engine, its containers and its folder."""
        self.kill()

    def kill(self) -> None:
        """End the whole tree at once. The kernel takes the mounts and the network with the last process."""
        if self._client is not None:
            self._client.close()
            self._client = None
        if self._process is not None:
            # The first process inside, whose end the kernel reports only when all the others have ended too.
            end_inside(self._process.pid, cgroup=self._cgroup)
            self._process.wait()
            if self._process.stdin:
                self._process.stdin.close()
            self._process = None
        if self._cgroup:
            remove_cgroups(self._cgroup)
        if self.folder.name.startswith(_FOLDERS):
            shutil.rmtree(self.folder, ignore_errors=True)

    def pause(self) -> None:
        """Make the engine hang: connections are accepted and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    # What it runs

    def docker(self, *arguments: str, check: bool = True) -> str:
        """The docker command against this engine; its output, or with `check=False` its complaint as well."""
        done = subprocess.run(
            ["docker", "--host", self.url, *arguments], capture_output=True, text=True, check=False, timeout=120
        )
        if check and done.returncode:
            raise RuntimeError(f"docker {' '.join(arguments)} said: {done.stderr.strip()}")
        return done.stdout.strip() if check else (done.stdout + done.stderr).strip()

    def import_image(
        self,
        name: str = BUSYBOX,
        *,
        changes: Sequence[str] = (),
        files: Mapping[str, str | bytes] | None = None,
    ) -> str:
        """Make an image of busybox and these files; `changes` are Dockerfile lines: USER, HEALTHCHECK, VOLUME, …"""
        repository, _, tag = name.partition(":")
        self.client.api.import_image_from_data(
            archive(files), repository=repository, tag=tag or "latest", changes=[PATH_CHANGE, *changes]
        )
        return str(self.client.images.get(name).id)

    def run(
        self, name: str, *, image: str = BUSYBOX, command: Sequence[str] | None = FOREVER, **options: Any
    ) -> Container:
        """Create and start, detached. `command=None` leaves the image's own."""
        container = self.create(name, image=image, command=command, **options)
        container.start()
        container.reload()
        return container

    def create(
        self, name: str, *, image: str = BUSYBOX, command: Sequence[str] | None = FOREVER, **options: Any
    ) -> Container:
        if image == BUSYBOX:
            self._have_busybox()
        given = list(command) if command is not None else None
        return self.client.containers.create(image, given, name=name, detach=True, **options)

    def wait_for(self, condition: str, subject: Container, *, seconds: float = 20.0) -> Container:
        """Wait until the container's state or health is `condition`: running, exited, healthy, unhealthy, …"""
        deadline = time.monotonic() + seconds
        while True:
            subject.reload()
            state = subject.attrs["State"]
            if condition in {state["Status"], state.get("Health", {}).get("Status")}:
                return subject
            if time.monotonic() > deadline:
                raise TimeoutError(f"{subject.name} is {state['Status']}, not {condition}, after {seconds:.0f} s")
            time.sleep(0.1)

    def remove_all(self) -> None:
        """Back to an empty engine that keeps its images and its swarm."""
        if self.client.info()["Swarm"].get("ControlAvailable"):
            for service in self.client.services.list():
                service.remove()
        for container in self.client.containers.list(all=True, ignore_removed=True):
            with contextlib.suppress(docker.errors.APIError):
                container.remove(force=True, v=True)
        self.client.networks.prune()
        for volume in self.client.volumes.list():
            with contextlib.suppress(docker.errors.APIError):
                volume.remove(force=True)

    # Its making

    def _make_folder(self) -> None:
        number = next(_numbers)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDERS}{os.getpid()}-{number}-", dir=_short_folder()))
        self._cgroup = self.folder.name
        for part in ("data", "exec", "etc", "run/plugins", "containerd"):
            (self.folder / part).mkdir(parents=True)
        if self.engine_id_of:
            shutil.copy(self.engine_id_of.folder / "etc" / "key.json", self.folder / "etc" / "key.json")
        if self.switch:
            self.address = self.switch.reserve()
        if self.tls:
            self.certificates = certificates.issue(self.folder / "tls", addresses=(self.address, self.name))

    def _binds(self) -> dict[str, Path]:
        binds = {
            "/etc/docker": self.folder / "etc",
            "/run/docker": self.folder / "run",
            "/run/containerd": self.folder / "containerd",
        }
        for number, (target, source) in enumerate(self.binds.items()):
            binds[target] = source if isinstance(source, Path) else self.folder / f"bind{number}"
            if isinstance(source, str):
                binds[target].write_text(source)
        return binds

    def _command(self) -> list[str]:
        folder = self.folder
        command = ["dockerd", "--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec", "-p", f"{folder}/pid"]
        command += ["-H", self.url, "--cgroup-parent", f"/{self._cgroup}"]
        for address in self.listen:
            command += ["-H", address]
        if self.certificates:
            server = self.certificates.server
            command += ["-H", f"tcp://0.0.0.0:{TLS_PORT}", "--tlsverify", "--tlscacert", f"{server}/ca.pem"]
            command += ["--tlscert", f"{server}/cert.pem", "--tlskey", f"{server}/key.pem"]
        return command + list(self.arguments)

    def _say_go(self) -> None:
        if self._process is None or self._process.stdin is None:
            raise RuntimeError(f"engine {self.name} is not launched")
        self._process.stdin.write(b"go\n")
        self._process.stdin.flush()

    def _answers(self) -> bool:
        # Not through the SDK: it leaks the socket of a connection that is refused.
        with socket.socket(socket.AF_UNIX) as asker:
            asker.settimeout(5)
            try:
                asker.connect(str(self.socket))
                asker.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
                return asker.recv(64).startswith(b"HTTP/1.0 200")
            except OSError:
                return False

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            raise RuntimeError(f"engine {self.name} does not run")
        send(number, program="dockerd", launcher=self._process.pid)

    def _have_busybox(self) -> None:
        try:
            self.client.images.get(BUSYBOX)
        except docker.errors.ImageNotFound:
            self.import_image(BUSYBOX)


def remove_stale() -> None:
    """Remove the folders and control groups of test runs that were killed; their processes died with them."""
    folders = list(_short_folder().glob(f"{_FOLDERS}*"))
    for name in {folder.name for folder in folders} | cgroups_that_begin_with(_FOLDERS):
        owner = name.removeprefix(_FOLDERS).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            thaw(name)
            remove_cgroups(name)
            shutil.rmtree(_short_folder() / name, ignore_errors=True)


def _short_folder() -> Path:
    usual = Path(tempfile.gettempdir())
    return usual if len(str(usual)) < 40 else Path("/tmp")  # see _FOLDERS
