"""An installation with its pages and its rows, as they are while something goes wrong."""

from __future__ import annotations

import contextlib
import csv
import os
import re
import signal
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import requests

from dashboard import processes
from fleet.simulation import SimulatedHost
from tests.installations import Installation, until

#: The shortest there is, so that an interval and three of them pass while a test watches.
SWEEP_SECONDS, STALE_SECONDS = 5, 15


class Site(Installation):
    def __init__(self, folder: Path, **variables: str) -> None:
        quick = {"LOADLINE_SWEEP_SECONDS": str(SWEEP_SECONDS), "LOADLINE_STALE_SECONDS": str(STALE_SECONDS)}
        super().__init__(folder, migrated="DATABASE_URL" not in variables, **{**quick, **variables})
        self.folder = folder
        self._second: list[subprocess.Popen[bytes]] = []
        self._session = requests.Session()
        self._session.trust_env = False

    def register(self, hosts: Sequence[SimulatedHost]) -> None:
        path = self.folder / "hosts.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("name", "url", "environment", "team"))
            writer.writerows((host.name, host.url, host.environment, host.team) for host in hosts)
        result = self.run("host", "import", str(path))
        assert result.returncode == 0, result.stderr

    def answered(self) -> dict[str, datetime | None]:
        return dict(self.rows("SELECT name, answered_at FROM fleet_host"))

    def all_answer_anew(self, *, seconds: float = 60) -> None:
        """Every host is swept once more from now on."""
        before = self.answered()
        until(
            lambda: all(then is not None and then != before[name] for name, then in self.answered().items()),
            seconds=seconds,
        )

    # Pages

    def sign_in(self) -> None:
        shown = re.search(r"admin / (\S+)", self.output.read_text())
        assert shown is not None
        self.post("/accounts/login/", username="admin", password=shown[1])

    def get(self, path: str) -> requests.Response:
        return self._session.get(self._address(path), timeout=30)

    def post(self, path: str, *, form: str = "/accounts/login/", **fields: str) -> requests.Response:
        self.get(form)
        token = self._session.cookies["loadline_csrf"]
        return self._session.post(self._address(path), data={**fields, "csrfmiddlewaretoken": token}, timeout=30)

    def _address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    # Processes

    def sweepers(self) -> list[int]:
        """The processes that run tasks: children of a worker. Those of the web server say "worker", too."""
        workers = [pid for pid in self.workers() if "celery" in _line(pid)]
        return [pid for pid in workers if _parent(pid) in workers]

    def start_second(self) -> None:
        """Another worker and another beat, as a second node would run them."""
        environment = {**self.environment, **processes.environment("127.0.0.1")}
        environment["LOADLINE_DATA"] = self.environment["LOADLINE_DATA"]
        for child in processes.background():
            # Beat's own notes are the first one's; a second node has a folder of its own.
            notes = (
                ["--schedule", str(self.folder / "second")] if child.name == "clock" else ["--hostname", "second@%h"]
            )
            with (self.folder / f"second-{child.name}.log").open("wb") as log:
                self._second.append(
                    subprocess.Popen([*child.argv, *notes], env=environment, cwd=self.folder, stdout=log, stderr=log)
                )

    def clear(self) -> None:
        super().clear()
        for process in self._second:
            process.wait()

    def kill_sweepers(self) -> None:
        for pid in self.sweepers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _line(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


def _parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0
