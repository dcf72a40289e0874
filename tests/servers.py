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

from tests.requirements import require_or_skip


@contextmanager
def postgresql() -> Iterator[str]:
    """A DATABASE_URL. Skips where there is no PostgreSQL."""
    tools = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not tools:
        require_or_skip("PostgreSQL is not installed")
    # A folder of its own with a short path: a socket's path ends at 107 characters, and the server's user must enter.
    with tempfile.TemporaryDirectory(prefix="llp-") as name:
        folder = Path(name)
        as_server: list[str] = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "postgres")
            as_server = ["runuser", "-u", "postgres", "--"]
        control = [*as_server, str(tools[-1] / "pg_ctl"), "-D", f"{name}/data", "-w"]
        _quiet([*as_server, str(tools[-1] / "initdb"), "-D", f"{name}/data", "-A", "trust", "-U", "postgres", "-N"])
        options = f"-c listen_addresses='' -c fsync=off -k {name}"
        _quiet([*control, "-l", f"{name}/log", "-o", options, "start"])
        try:
            yield f"postgres://postgres@{quote(name, safe='')}/postgres"
        finally:
            _quiet([*control, "-m", "immediate", "stop"])


@contextmanager
def redis() -> Iterator[str]:
    """A CELERY_BROKER_URL. Skips where there is no Redis."""
    if shutil.which("redis-server") is None:
        require_or_skip("Redis is not installed")
    with tempfile.TemporaryDirectory(prefix="llr-") as name:
        address = f"{name}/s.sock"
        argv = ["redis-server", "--port", "0", "--unixsocket", address, "--save", "", "--dir", name]
        server = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
        try:
            _wait_for(Path(address))
            yield f"redis+socket://{address}"
        finally:
            server.terminate()
            server.wait()


def _quiet(argv: list[str]) -> None:
    result = subprocess.run(argv, capture_output=True, text=True, check=False, cwd="/")
    assert result.returncode == 0, result.stdout + result.stderr


def _wait_for(path: Path, *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.02)
