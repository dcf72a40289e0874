"""Loadline as in production, for as long as a benchmark lasts: PostgreSQL, Redis, web, workers and beat of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2
import requests

from benchmarks.apparatus.engines import ended
from benchmarks.idle import ROOT, free_port, wait_until_ready
from tests.servers import Postgresql, Redis

#: What docs/operations.md starts on a node.
WORKER = ("worker", "--without-gossip", "--without-mingle")


class Database(Postgresql):
    """As docs/operations.md has it for a large fleet; unlike that of the tests it waits for the disk."""

    def __init__(self, tools: Path, folder: str) -> None:
        super().__init__(tools, folder)
        room = "-c shared_buffers=2GB -c max_wal_size=4GB -c max_connections=200"
        self._options = f"-c listen_addresses='' {room} -k {folder}"
        self.socket = folder

    @property
    def pid(self) -> int:
        return int(Path(self.folder, "postmaster.pid").read_text().split()[0])


class Queue(Redis):
    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("Redis does not run")
        return self._process.pid


class Installation:
    """Servers that run; Loadline's own processes are started one by one, from `code`. `roots` are the processes by
    group.
    """

    def __init__(
        self, folder: Path, database: Database, queue: Queue, stack: ExitStack, *, code: Path, **variables: str
    ) -> None:
        self.folder, self.code, self._database, self._stack = folder, code, database, stack
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        self.environment = {
            **kept,
            "DATABASE_URL": database.url,
            "CELERY_BROKER_URL": queue.url,
            "LOADLINE_DATA": str(folder),
            "PYTHONPATH": str(code),
            **variables,
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.roots: dict[str, int] = {"PostgreSQL": database.pid, "Redis": queue.pid}
        self.port = free_port()
        self.session = requests.Session()
        self.session.trust_env = False

    # Commands and processes

    def run(self, *words: str) -> str:
        command = [sys.executable, str(self.code / "manage.py"), *words]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, cwd=self.code)
        if done.returncode:
            raise SystemExit(f"./loadline {' '.join(words)} failed:\n{done.stderr}{done.stdout}")
        return done.stdout

    def start_web(self) -> None:
        gunicorn = ["gunicorn", "dashboard.wsgi", "--bind", f"127.0.0.1:{self.port}", "--threads", "8"]
        self._start("web", gunicorn)
        wait_until_ready(f"http://127.0.0.1:{self.port}/healthz", 60)
        token = self.run("token", "create", "benchmark", "--role", "operator").strip()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def start_worker(self, number: int = 1, *, processes: int | None = None) -> None:
        """With as many processes as a worker has that is not told."""
        own = ["--hostname", f"w{number}@%h", *(() if processes is None else ("--concurrency", str(processes)))]
        self._start(f"worker {number}", ["celery", "--app", "dashboard.celery", *WORKER, *own])

    def kill_worker(self, number: int) -> None:
        """With its children, as when the machine is gone; it may be started again."""
        process = self._running[f"worker {number}"]
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def start_beat(self) -> None:
        self._start("beat", ["celery", "--app", "dashboard.clock", "beat", "--pidfile="])

    def _start(self, name: str, module: list[str]) -> None:
        log = self._stack.enter_context((self.folder / f"{name.replace(' ', '-')}.log").open("ab"))
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            env=self.environment,
            stdout=log,
            stderr=log,
            cwd=self.folder,
            start_new_session=True,  # so that a kill reaches its children, too
        )
        self._stack.enter_context(ended(process, seconds=60))
        self.roots[name], self._running[name] = process.pid, process

    # What a benchmark looks at

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Over one connection of the benchmark's own."""
        if not hasattr(self, "_connection"):
            self._connection = psycopg2.connect(host=self._database.socket, user="postgres", dbname="postgres")
            self._connection.autocommit = True
            self._stack.callback(self._connection.close)
        with self._connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall()) if cursor.description else []

    def get(self, path: str, **parameters: str) -> Any:
        reply = self.session.get(f"http://127.0.0.1:{self.port}/api/v1{path}", params=parameters, timeout=60)
        reply.raise_for_status()
        return reply.json()

    def post(self, path: str) -> Any:
        reply = self.session.post(f"http://127.0.0.1:{self.port}/api/v1{path}", timeout=60)
        reply.raise_for_status()
        return reply.json()


@contextmanager
def installation(*, code: Path = ROOT, **variables: str) -> Iterator[Installation]:
    """Migrated and empty, with the two servers running; `code` is where another version was unpacked."""
    tools = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not tools or shutil.which("redis-server") is None:
        raise SystemExit("this benchmark needs PostgreSQL and Redis installed")
    with ExitStack() as stack:
        # Short names: a socket's path ends at 107 characters.
        folders = [stack.enter_context(tempfile.TemporaryDirectory(prefix=f"llb{kind}-")) for kind in "prd"]
        if os.geteuid() == 0:
            shutil.chown(folders[0], "postgres")
        database, queue = Database(tools[-1], folders[0]), Queue(folders[1])
        database.make()
        stack.callback(database.stop)
        database.start()
        stack.callback(queue.stop)
        queue.start()
        made = Installation(Path(folders[2]), database, queue, stack, code=code, **variables)
        made.run("migrate", "--verbosity", "0")
        yield made
