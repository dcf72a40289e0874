"""`./loadline up` as somebody at a terminal meets it: real processes, on the embedded default and on servers."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests import servers

pytestmark = [pytest.mark.slow, pytest.mark.broker]
LOADLINE = settings.BASE_DIR / "loadline"
STOP_SECONDS = 15


def until(answer: Callable[[], object], *, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not answer():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


class Installation:
    """One data folder with its environment; `up` may be started on it more than once."""

    def __init__(self, folder: Path, **variables: str) -> None:
        own = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        self.environment = {**own, "LOADLINE_DATA": str(folder / "data"), **variables}
        self.environment.setdefault("DOCKER_HOST", f"unix://{folder}/no-engine.sock")
        self.output = folder / "output"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def up(self, *arguments: str) -> subprocess.Popen[bytes]:
        with self.output.open("wb") as output:
            argv = [LOADLINE, "up", "--port", str(self.port), *arguments]
            self.process = subprocess.Popen(argv, env=self.environment, stdout=output, stderr=output)
        return self.process

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [LOADLINE, *arguments], env=self.environment, capture_output=True, text=True, check=False, timeout=60
        )

    def ask(self, code: str) -> str:
        result = self.run("shell", "--no-imports", "-c", code)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def status(self, path: str) -> int | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return None
        finally:
            connection.close()

    def ready(self) -> None:
        assert self.process is not None
        until(lambda: self.status("/readyz") == 200 or (self.process and self.process.poll() is not None))
        assert self.process.poll() is None, self.output.read_text()
        until(lambda: "Ready after" in self.output.read_text())

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(number)
        assert self.process.wait(timeout=STOP_SECONDS) == 0, self.output.read_text()
        return time.monotonic() - began

    def processes(self) -> list[int]:
        """Whoever carries this installation's folder in its environment."""
        mark, found = f"LOADLINE_DATA={self.environment['LOADLINE_DATA']}\0".encode(), []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
        return found

    def workers(self) -> list[int]:
        """Celery's worker process and its two children; the supervisor's command line names them all, too."""
        lines = {pid: Path(f"/proc/{pid}/cmdline").read_text() for pid in self.processes()}
        return [pid for pid, line in lines.items() if "worker" in line and "dashboard.supervisor" not in line]

    def clear(self) -> None:
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    yield made
    made.clear()


@pytest.fixture(params=["embedded", "servers"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    with contextlib.ExitStack() as stack:
        variables = {}
        if request.param == "servers":
            variables["DATABASE_URL"] = stack.enter_context(servers.postgresql())
            variables["CELERY_BROKER_URL"] = stack.enter_context(servers.redis())
        made = Installation(tmp_path, **variables)
        stack.callback(made.clear)
        yield made


def test_one_command_brings_a_fleet_to_the_pages_and_sigterm_takes_every_process_away(anywhere: Installation) -> None:
    anywhere.up("--demo")
    anywhere.ready()
    assert anywhere.status("/") == 302
    count = "from fleet.models import Container as C; print(C.objects.filter(host__simulated=True).count())"
    until(lambda: int(anywhere.ask(count)) > 0)
    signs = "from fleet.models import SignOfLife as S; print(*sorted(S.objects.values_list('kind', flat=True)))"
    until(lambda: anywhere.ask(signs) == "scheduler worker")
    assert anywhere.stop() < STOP_SECONDS
    assert anywhere.processes() == []
    assert anywhere.output.read_text().endswith("Stopped.\n")


def test_the_first_password_is_shown_once_and_opens_the_door(installation: Installation) -> None:
    installation.up("--no-demo")
    installation.ready()
    shown = re.search(r"admin / (\S+)", installation.output.read_text())
    assert shown is not None
    user = "from django.contrib.auth.models import User; user = User.objects.get(username='admin')"
    assert installation.ask(f"{user}; print(user.check_password('{shown[1]}'), user.is_superuser)") == "True True"
    installation.stop(signal.SIGINT)
    installation.up("--no-demo")
    installation.ready()
    again = installation.output.read_text()
    assert "admin /" not in again
    assert "./loadline changepassword admin" in again


def test_a_second_start_on_the_same_folder_says_that_the_first_runs(installation: Installation) -> None:
    installation.up("--no-demo")
    installation.ready()
    second = installation.run("up", "--port", "1")
    assert second.returncode == 1
    assert second.stderr.strip().endswith(
        "already running on " + installation.environment["LOADLINE_DATA"] + "; stop that one first"
    )
    assert len(second.stderr.splitlines()) == 1


def test_a_port_in_use_gets_one_line(installation: Installation) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", installation.port))
        taken.listen()
        result = installation.run("up", "--port", str(installation.port))
    assert result.returncode == 1
    assert f"port {installation.port} on 127.0.0.1 cannot be used" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_database_that_is_away_gets_one_line_without_its_password(tmp_path: Path) -> None:
    away = Installation(tmp_path, DATABASE_URL="postgres://me:hush@127.0.0.1:1/loadline")
    result = away.run("up", "--no-demo", "--port", str(away.port))
    assert result.returncode == 1
    assert "DATABASE_URL" in result.stderr
    assert "hush" not in result.stderr + result.stdout
    assert len(result.stderr.splitlines()) == 1


def test_a_broker_that_is_away_gets_one_line_without_its_password(tmp_path: Path) -> None:
    away = Installation(tmp_path, CELERY_BROKER_URL="redis://:hush@127.0.0.1:1/0")
    result = away.run("up", "--no-demo", "--port", str(away.port))
    assert result.returncode == 1
    assert "CELERY_BROKER_URL" in result.stderr
    assert "hush" not in result.stderr + result.stdout
    assert len(result.stderr.splitlines()) == 1


def test_a_worker_that_was_killed_is_replaced(installation: Installation) -> None:
    installation.up("--no-demo")
    installation.ready()
    until(lambda: len(installation.workers()) >= 3)
    before = installation.workers()
    for pid in before:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until(lambda: len(set(installation.workers()) - set(before)) >= 3)
    assert "worker stopped (signal SIGKILL)" in installation.output.read_text()
    assert installation.stop() < STOP_SECONDS
    assert installation.processes() == []
