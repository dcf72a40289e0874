"""What hosts that begin to hang cost the others: real workers, PostgreSQL, Redis and simulated engines.

    .venv/bin/python benchmarks/fanout.py [--engines 1000] [--containers 5] [--hang 0.05] [--seconds 120]
    .venv/bin/python benchmarks/fanout.py --code DIR        (another version, unpacked there)

One worker with two processes sweeps the fleet until every host that can has answered; that is the cold start. Then
those that hang are forgiven, so that all of them hang anew, and for so many seconds each answer of the others is noted.
Prints how long hosts waited between two answers, and the processor time and memory of the workers.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg2
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.simulation import cpu_seconds  # noqa: E402
from tests.servers import postgresql, redis  # noqa: E402

#: Hosts swept early in the cold start waited for the others; that is no wait for hosts that hang.
SETTLE_SECONDS = 40
GOOD = "SELECT id FROM fleet_host WHERE answered_at IS NOT NULL"


class Installation:
    """A database, a queue, a fleet, a beat; workers as many as one starts."""

    def __init__(self, code: Path, folder: Path, database: str, broker: str) -> None:
        self.code, self.folder, self.database = code, folder, database
        own = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        keys = {"SECRET_KEY": secrets.token_urlsafe(50), "LOADLINE_SEALING_KEYS": Fernet.generate_key().decode()}
        shared = {"DATABASE_URL": database, "CELERY_BROKER_URL": broker, "LOADLINE_DATA": str(folder / "data")}
        self.environment = {**own, **keys, **shared, "PYTHONPATH": str(code), "CELERY_SKIP_CHECKS": "1"}
        self.processes: list[subprocess.Popen[bytes]] = []
        self._session: Any = None

    def manage(self, *words: str) -> None:
        command = [sys.executable, str(self.code / "manage.py"), *words]
        subprocess.run(command, check=True, env=self.environment, stdout=subprocess.DEVNULL)

    def register(self, urls: list[str]) -> None:
        rows = [f"sim-{number:04},{url},production," for number, url in enumerate(urls)]
        path = self.folder / "hosts.csv"
        path.write_text("\n".join(["name,url,environment,team", *rows]) + "\n")
        self.manage("migrate", "--verbosity", "0")
        self.manage("host", "import", str(path))

    def celery(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        """In a process group of its own, so that a kill reaches its children, too."""
        with (self.folder / f"{name}.log").open("ab") as log:
            command = [sys.executable, "-m", "celery", "--app", *words]
            process = subprocess.Popen(
                command, env=self.environment, cwd=self.code, stdout=log, stderr=log, start_new_session=True
            )
        self.processes.append(process)
        return process

    def beat(self) -> subprocess.Popen[bytes]:
        return self.celery("beat", "dashboard.clock", "beat", "--pidfile=")

    def worker(self, name: str, processes: int) -> subprocess.Popen[bytes]:
        quiet = ("--without-gossip", "--without-mingle", "--hostname", f"{name}@%h")
        return self.celery(name, "dashboard.celery", "worker", "--concurrency", str(processes), *quiet)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        if self._session is None:
            self._session = connected(self.database)
        with self._session.cursor() as cursor:
            cursor.execute(query)
            found = cursor.fetchall() if cursor.description else []
        self._session.commit()
        return list(found)

    def end(self) -> None:
        for process in self.processes:
            kill(process)


def connected(url: str) -> Any:
    return psycopg2.connect(host=unquote(urlsplit(url).hostname or ""), user="postgres", dbname="postgres")


def kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def installation(code: Path) -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="llf-") as folder, postgresql() as database, redis() as broker:
        made = Installation(code, Path(folder), database, broker)
        try:
            yield made
        finally:
            made.end()


@contextlib.contextmanager
def simulated(engines: int, containers: int, base_port: int, **faults: float) -> Iterator[tuple[int, list[str]]]:
    """The simulator's process and its hosts' addresses."""
    numbers = {"--engines": engines, "--containers": containers, "--base-port": base_port}
    words = [word for name, number in numbers.items() for word in (name, str(number))]
    command = [sys.executable, str(ROOT / "manage.py"), "simulate", *words]
    command += [word for kind, share in faults.items() if share for word in ("--fault", f"{kind}={share}")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise RuntimeError("the simulator has no output")
        try:
            lines = [process.stdout.readline().split() for _ in range(engines)]
            yield process.pid, [line[1].replace("http://", "tcp://") for line in lines]
        finally:
            process.terminate()


class Watch:
    """Notes when each host answered, by the database's own times."""

    def __init__(self, place: Installation) -> None:
        self._place = place
        self.answers: dict[int, list[float]] = defaultdict(list)
        self.began = time.time()

    def look(self) -> None:
        query = "SELECT id, extract(epoch FROM answered_at) FROM fleet_host WHERE answered_at IS NOT NULL"
        for host, at in self._place.rows(query):
            seen = self.answers[host]
            if not seen or seen[-1] != float(at):
                seen.append(float(at))

    def gaps(self) -> list[float]:
        """Seconds between two answers of one host, sorted; the wait that has not ended yet counts as one."""
        now, found = time.time(), []
        for seen in self.answers.values():
            found += [later - earlier for earlier, later in zip(seen, [*seen[1:], now], strict=True)]
        return sorted(found)


def family(pid: int) -> list[int]:
    """The process and all it started."""
    children = [int(child) for task in Path(f"/proc/{pid}/task").glob("*") for child in _children(task)]
    return [pid, *(one for child in children for one in family(child))]


def _children(task: Path) -> list[str]:
    with contextlib.suppress(OSError):
        return (task / "children").read_text().split()
    return []


def _resident(pid: int) -> float:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", type=int, default=1000)
    parser.add_argument("--containers", type=int, default=5)
    parser.add_argument("--hang", type=float, default=0.05)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--base-port", type=int, default=30500)
    parser.add_argument("--code", type=Path, default=ROOT)
    options = parser.parse_args()
    fleet = simulated(options.engines, options.containers, options.base_port, hang=options.hang)
    with fleet as (simulator, urls), installation(options.code.resolve()) as place:
        place.register(urls)
        good = options.engines - round(options.hang * options.engines)
        began = time.monotonic()
        worker = place.worker("worker", 2)
        place.beat()
        while len(place.rows(GOOD)) < good:
            time.sleep(1)
        print(f"cold start: {good} hosts answered after {time.monotonic() - began:.0f} s", flush=True)
        time.sleep(SETTLE_SECONDS)
        place.rows("UPDATE fleet_host SET failures = 0, next_sweep_at = now() WHERE error_code <> ''")
        spent, engines = sum(map(cpu_seconds, family(worker.pid))), cpu_seconds(simulator)
        watch, began = Watch(place), time.monotonic()
        while time.monotonic() - began < options.seconds:
            watch.look()
            time.sleep(1)
        wall, gaps = time.monotonic() - began, watch.gaps()
        members = family(worker.pid)
        print(f"{len(gaps)} waits between two answers: half up to {gaps[len(gaps) // 2]:.0f} s, "
              f"19 of 20 up to {gaps[len(gaps) * 19 // 20]:.0f} s, longest {gaps[-1]:.0f} s")  # fmt: skip
        cores = (sum(map(cpu_seconds, members)) - spent) / wall
        print(f"workers: {cores:.2f} cores, {sum(map(_resident, members)):.0f} MiB; "
              f"simulator {(cpu_seconds(simulator) - engines) / wall:.2f} cores")  # fmt: skip
        failed = place.rows("SELECT error_code, count(*) FROM fleet_host WHERE error_code <> '' GROUP BY 1")
        sessions = place.rows("SELECT sessions FROM pg_stat_database WHERE datname = current_database()")[0][0]
        print(f"failing: {dict(failed)}; database sessions so far: {sessions}")


if __name__ == "__main__":
    main()
