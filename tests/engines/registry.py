"""A real image registry for tests, on the loopback of one engine, where every engine allows plain HTTP."""

from __future__ import annotations

import shutil
import subprocess
import time
from typing import Self

from tests.engines.harness import RealEngine
from tests.engines.namespaces import die_with_me
from tests.requirements import require_or_skip

PORT = 5000
_CONFIG = """
version: 0.1
log: {{level: error}}
storage:
  filesystem: {{rootdirectory: {folder}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


class RealRegistry:
    """`docker-registry`, reached by that engine alone as `name`; ends with the test run, whatever happens to it."""

    def __init__(self, engine: RealEngine, *, port: int = PORT) -> None:
        self.engine = engine
        self.name = f"127.0.0.1:{port}"
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if shutil.which("docker-registry") is None:
            require_or_skip("docker-registry is not on PATH (Debian: docker-registry)")
        assert self.engine._process is not None
        folder = self.engine.folder / f"registry-{self._port}"
        folder.mkdir(exist_ok=True)
        config = folder / "config.yml"
        config.write_text(_CONFIG.format(folder=folder / "data", port=self._port))
        enter = ["nsenter", f"--net=/proc/{self.engine._process.pid}/ns/net"]
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                die_with_me(*enter, "docker-registry", "serve", str(config)), stdout=log, stderr=subprocess.STDOUT
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def push(self, image: str, *, seconds: float = 15) -> str:
        """Push an image of the engine's; returns what to pin to: `127.0.0.1:5000/web@sha256:…`."""
        repository = f"{self.name}/{image}"
        self.engine.docker("tag", image, repository)
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.engine.docker("push", repository)
                break
            except RuntimeError:  # not listening yet
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        digests = self.engine.client.images.get(repository).attrs["RepoDigests"]
        return next(str(digest) for digest in digests if digest.startswith(self.name))
