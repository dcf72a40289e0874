"""A real Podman for tests: another OCI engine with Docker's API, in namespaces that vanish with it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import resource
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import docker
import requests

from tests.engines import namespaces
from tests.engines.namespaces import end_inside, own_namespaces, remove_cgroups, script
from tests.engines.wires import wait_for_namespace

START_SECONDS = 40.0
_CGROUP = "libpod_parent"  # what Podman calls it, whoever starts it
_numbers = itertools.count(1)


def missing() -> str | None:
    """Why this machine cannot start Podman, or None when it can."""
    if shutil.which("podman") is None:
        return "trying services on another engine needs podman"
    return namespaces.missing()


class RealPodman:
    """`podman system service` in namespaces of its own.

    with RealPodman() as podman:
        podman.load(engine.client.images.get(name).save())   # as docker save gives it
        podman.create("web", body)                           # the body of Docker's POST /containers/create
        podman.podman("healthcheck", "run", "web")           # the command line, inside
    """

    def __init__(self) -> None:
        self.folder = Path()
        self._process: subprocess.Popen[bytes] | None = None
        self._client: docker.DockerClient | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.folder}/s.sock"

    @property
    def client(self) -> docker.DockerClient:
        if self._client is None:
            self._client = docker.DockerClient(base_url=self.url, version="1.41", timeout=120)
        return self._client

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def __enter__(self) -> Self:
        self._make_folder()
        binds = {"/run": self.folder / "run", "/etc/cni": self.folder / "cni"}
        start = script(hostname="elsewhere", binds=binds, command=[*self._command(), *_SERVICE, self.url])
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                own_namespaces("sh", "-c", start),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment(),
                start_new_session=True,
            )
        try:
            wait_for_namespace(self._process.pid)
            if self._process.stdin:
                self._process.stdin.write(b"go\n")
                self._process.stdin.flush()
            self._wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        if self._client is not None:
            for container in self._client.containers.list(all=True, ignore_removed=True):
                with contextlib.suppress(docker.errors.APIError, requests.RequestException):
                    container.remove(force=True, v=True)
            self._client.close()
            self._client = None
        if self._process is not None:
            end_inside(self._process.pid, cgroup=_CGROUP)
            self._process.wait()
            if self._process.stdin:
                self._process.stdin.close()
            self._process = None
        remove_cgroups(_CGROUP)
        if self.folder.name.startswith("lpm-"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def load(self, saved: Any) -> None:
        """An image as `docker save` wrote it."""
        self.client.images.load(b"".join(saved))

    def create(self, name: str, body: dict[str, Any]) -> str:
        """The id of a new container; raises docker.errors.APIError with what Podman has against it."""
        # Not by the SDK's own words, which would leave out what they do not know.
        api = self.client.api
        reply = api._post_json(api._url("/containers/create"), data=body, params={"name": name})
        return str(api._result(reply, True)["Id"])

    def podman(self, *arguments: str) -> str:
        """The command line inside its namespaces."""
        inside = namespaces.first_inside(self._process.pid) if self._process else None
        command = [
            "nsenter",
            "--target",
            str(inside),
            "--mount",
            "--net",
            "--pid",
            "--uts",
            *self._command(),
            *arguments,
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=120, env=self._environment()
        )
        if done.returncode:
            raise RuntimeError(f"podman {' '.join(arguments)} said: {done.stderr.strip()}")
        return done.stdout.strip()

    def _make_folder(self) -> None:
        base = Path(tempfile.gettempdir())
        short = base if len(str(base)) < 40 else Path("/tmp")
        self.folder = Path(tempfile.mkdtemp(prefix=f"lpm-{os.getpid()}-{next(_numbers)}-", dir=short))
        for part in ("run", "cni", "root", "tmp"):
            (self.folder / part).mkdir()
        # A default of its own is more files than some machines allow.
        files, processes = (resource.getrlimit(kind)[1] for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC))
        limits = [f"nofile={_limit(files)}", f"nproc={_limit(processes)}"]
        init = next((path for name in ("catatonit", "docker-init", "tini") if (path := shutil.which(name))), "")
        lines = ["[containers]", f"default_ulimits = {json.dumps(limits)}", f"init_path = {json.dumps(init)}"]
        (self.folder / "containers.conf").write_text("\n".join(lines))

    def _environment(self) -> dict[str, str]:
        return os.environ | {"CONTAINERS_CONF": f"{self.folder}/containers.conf"}

    def _command(self) -> list[str]:
        folder = self.folder
        kept = ["--root", f"{folder}/root", "--runroot", f"{folder}/run/storage", "--tmpdir", f"{folder}/run/libpod"]
        return ["podman", *kept, "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--events-backend", "file"]

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"podman did not start; its log ends:\n{self.log[-2000:]}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as asker:
            asker.settimeout(5)
            try:
                asker.connect(f"{self.folder}/s.sock")
                asker.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
                return b" 200 " in asker.recv(64)
            except OSError:
                return False


_SERVICE = ("system", "service", "--time=0")


def _limit(most: int) -> str:
    number = 1024 if most == resource.RLIM_INFINITY else min(1024, most)
    return f"{number}:{number}"
