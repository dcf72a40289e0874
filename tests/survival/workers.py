"""Workers and a beat by themselves, as they run on machines that serve no pages."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings

from tests.installations import until
from tests.survival.site import Site, _parent


class Workers:
    """Started beside a site, each in an environment of its own."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._running: list[subprocess.Popen[bytes]] = []

    def bare(self, name: str) -> dict[str, str]:
        """Another machine's: nothing but the two addresses. It has a folder for what it makes up itself."""
        given = {key: self.site.environment[key] for key in ("PATH", "DATABASE_URL", "CELERY_BROKER_URL")}
        return {**given, "LOADLINE_DATA": str(self.site.folder / name)}

    def log(self, name: str) -> str:
        return (self.site.folder / f"{name}.log").read_text()

    def worker(
        self, name: str, environment: dict[str, str] | None = None, *, app: str = "dashboard.celery"
    ) -> subprocess.Popen[bytes]:
        quiet = ("--without-gossip", "--without-mingle", "--hostname", f"{name}@%h", "--loglevel", "INFO")
        # As few as may be, whatever machine this is.
        return self._start(name, app, "worker", *quiet, "--concurrency", "2", environment=environment)

    def beat(self) -> subprocess.Popen[bytes]:
        notes = ("--schedule", str(self.site.folder / "beat"))
        return self._start("beat", "dashboard.clock", "beat", "--pidfile=", *notes)

    def _start(self, name: str, *words: str, environment: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        with (self.site.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "--app", *words],
                env=environment or self.site.environment,
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._running.append(process)
        return process

    def children(self, worker: subprocess.Popen[bytes]) -> list[int]:
        pids = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
        return [pid for pid in pids if _parent(pid) == worker.pid]

    def stop(self, worker: subprocess.Popen[bytes], *, seconds: float = 30) -> float:
        """As a service manager does; how many seconds it took until all of it was gone."""
        began, children = time.monotonic(), self.children(worker)
        assert children
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=seconds)
        until(lambda: not any(Path(f"/proc/{child}").exists() for child in children), seconds=seconds)
        return time.monotonic() - began

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """With its children, as when the machine is gone."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def clear(self) -> None:
        for process in self._running:
            if process.poll() is None:
                self.kill(process)
