"""Loadline as somebody runs it: `./loadline up` and its commands as real processes on a data folder of their own."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg2
from django.conf import settings

from tests.migrated import copy_sqlite, copy_static

LOADLINE = settings.BASE_DIR / "loadline"
STOP_SECONDS = 15


def until(answer: Callable[[], object], *, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not answer():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


class Installation:
    """One data folder with its environment; `up` may be started on it more than once."""

    def __init__(self, folder: Path, *, migrated: bool = False, **variables: str) -> None:
        """`migrated` spares it to make the tables of its own database and its own static files, which takes longer than
        most tests."""
        own = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        self.environment = {**own, "LOADLINE_DATA": str(folder / "data"), **variables}
        self.environment.setdefault("DOCKER_HOST", f"unix://{folder}/no-engine.sock")
        self.output = folder / "output"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None
        if migrated:
            copy_sqlite(folder / "data")
            copy_static(folder / "data")

    def up(self, *arguments: str) -> subprocess.Popen[bytes]:
        with self.output.open("wb") as output:
            argv = [LOADLINE, "up", "--port", str(self.port), *arguments]
            self.process = subprocess.Popen(argv, env=self.environment, stdout=output, stderr=output)
        return self.process

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [LOADLINE, *arguments], env=self.environment, capture_output=True, text=True, check=False, timeout=60
        )

    # Rows, read beside the processes under test and not through their code.

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(self.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(query)
            found = cursor.fetchall() if cursor.description else []
            connection.commit()
            return list(found)

    def value(self, query: str) -> Any:
        return self.rows(query)[0][0]

    def connect(self) -> Any:
        """Beside the site's own; to hold locks with."""
        address = self.environment.get("DATABASE_URL")
        if address is None:
            return sqlite3.connect(f"{self.environment['LOADLINE_DATA']}/loadline.sqlite3", timeout=20)
        return psycopg2.connect(host=unquote(urlsplit(address).hostname or ""), user="postgres", dbname="postgres")

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
