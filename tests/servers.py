"""PostgreSQL and Redis of a test's own: started in a folder, gone with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from tests.migrated import migrate, place
from tests.requirements import require_or_skip


class Postgresql:
    """A server in a folder of its own, with `url` as DATABASE_URL."""

    def __init__(self, tools: Path, folder: str) -> None:
        self.folder, self._log, self._tools = f"{folder}/data", f"{folder}/log", tools
        self._options = f"-c listen_addresses='' -c fsync=off -k {folder}"
        # PostgreSQL refuses to run as root.
        self._as_server = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.url = f"postgres://postgres@{quote(folder, safe='')}/postgres"
        self.running = False

    def make(self) -> None:
        initdb = [str(self._tools / "initdb"), "-D", self.folder, "-A", "trust", "-U", "postgres", "-N"]
        _quiet([*self._as_server, *initdb])

    def make_migrated(self) -> None:
        """With all tables in it."""
        with place("postgresql") as kept:
            if not (kept / "done").exists():
                whole = Postgresql(self._tools, str(kept / "server"))
                (kept / "server").mkdir(exist_ok=True)
                _give_away(kept / "server")
                whole.make()
                whole.start()
                migrate(DATABASE_URL=whole.url, LOADLINE_DATA=str(kept / "own"))
                whole.close()
                (kept / "done").touch()
        _quiet(["cp", "--archive", str(kept / "server" / "data"), self.folder])

    def close(self) -> None:
        """In good order, with everything on the disk."""
        self._control("-m", "fast", "stop")
        self.running = False

    def start(self) -> None:
        if not self.running:
            self._control("-l", self._log, "-o", self._options, "start")
            self.running = True

    def stop(self) -> None:
        """As a crash would: nobody is asked, nothing is written."""
        if self.running:
            self._control("-m", "immediate", "stop")
            self.running = False

    def _control(self, *words: str) -> None:
        _quiet([*self._as_server, str(self._tools / "pg_ctl"), "-D", self.folder, "-w", *words])


class Redis:
    """A server that keeps nothing, with `url` as CELERY_BROKER_URL."""

    def __init__(self, folder: str) -> None:
        self.folder, self._address = folder, Path(folder) / "s.sock"
        self.url = f"redis+socket://{self._address}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._process is not None:
            return
        argv = ["redis-server", "--port", "0", "--unixsocket", str(self._address), "--save", "", "--dir", self.folder]
        self._process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
        _wait_for(self._address)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._address.unlink(missing_ok=True)
            self._process = None


@contextmanager
def postgresql_server(*, migrated: bool = False) -> Iterator[Postgresql]:
    """Empty, or with all tables. Skips where there is no PostgreSQL."""
    tools = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not tools:
        require_or_skip("PostgreSQL is not installed")
    # A folder of its own with a short path: a socket's path ends at 107 characters, and the server's user must enter.
    with tempfile.TemporaryDirectory(prefix="llp-") as name:
        _give_away(Path(name))
        server = Postgresql(tools[-1], name)
        if migrated:
            server.make_migrated()
        else:
            server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def redis_server() -> Iterator[Redis]:
    """Skips where there is no Redis."""
    if shutil.which("redis-server") is None:
        require_or_skip("Redis is not installed")
    with tempfile.TemporaryDirectory(prefix="llr-") as name:
        server = Redis(name)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextmanager
def postgresql() -> Iterator[str]:
    """A DATABASE_URL."""
    with postgresql_server() as server:
        yield server.url


@contextmanager
def redis() -> Iterator[str]:
    """A CELERY_BROKER_URL."""
    with redis_server() as server:
        yield server.url


def _give_away(folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")


def _quiet(argv: list[str]) -> None:
    result = subprocess.run(argv, capture_output=True, text=True, check=False, cwd="/")
    assert result.returncode == 0, result.stdout + result.stderr


def _wait_for(path: Path, *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.02)
