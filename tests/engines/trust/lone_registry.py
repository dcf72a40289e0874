"""The real `docker-registry` on this machine's loopback, filled by the tests' publishers without any engine."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.engines.namespaces import die_with_me
from tests.fleet.trust.publishers import INDEX, OCI, PATH, MemoryRegistry, sha256
from tests.fleet.trust.servers import unused_port
from tests.requirements import require_or_skip

_CONFIG = """
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: {folder}}}
http: {{addr: "{host}"}}
"""
_START_SECONDS = 20.0


@dataclass
class LoneRegistry:
    """`host` is how images call it; `data` where it keeps its blobs."""

    host: str
    data: Path

    def push(self, shelf: MemoryRegistry) -> None:
        """Everything on the shelf, as a client would push it: blobs first, then manifests, those with tags last."""
        for (path, _), body in {**shelf.blobs, (PATH, sha256(b"{}")): b"{}"}.items():
            self._blob(path, body)
        for (path, _), found in shelf.referring.items():
            for one in found:
                self._manifest(path, one.digest, shelf.manifests[path, one.digest])
        for (path, reference), body in sorted(shelf.manifests.items(), key=lambda one: one[0][1]):
            if not reference.startswith("sha256:"):
                self._manifest(path, reference, body)

    def push_whole(self, shelf: MemoryRegistry) -> None:
        """With what has no tag: what indexes list, and what refers to something, in the index under the tag by which
        registries without an endpoint for that tell it.
        """
        self.push(MemoryRegistry(blobs=shelf.blobs))
        parts = {body: path for (path, reference), body in shelf.manifests.items() if reference.startswith("sha256:")}
        for body, path in sorted(parts.items(), key=lambda one: b'"manifests"' in one[0]):
            self._manifest(path, sha256(body), body)
        self.push(MemoryRegistry(manifests=shelf.manifests))
        for (path, digest), referring in shelf.referring.items():
            bodies = [shelf.manifests[path, one.digest] for one in referring]
            listed = [
                {"mediaType": OCI, "digest": one.digest, "size": len(body), "artifactType": one.artifact_type}
                for one, body in zip(referring, bodies, strict=True)
            ]
            index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed}).encode()
            self._manifest(path, digest.replace(":", "-"), index)

    def spoil(self, digest: str) -> None:
        """Other bytes on its disk under that digest: what a registry that was broken into would serve."""
        name = digest.removeprefix("sha256:")
        file = self.data / "docker/registry/v2/blobs/sha256" / name[:2] / name / "data"
        file.write_bytes(file.read_bytes() + b" ")

    def _blob(self, path: str, body: bytes) -> None:
        begun = requests.post(f"http://{self.host}/v2/{path}/blobs/uploads/", timeout=10)
        begun.raise_for_status()
        where = begun.headers["Location"]
        url = where if where.startswith("http") else f"http://{self.host}{where}"
        url += f"{'&' if '?' in url else '?'}digest={sha256(body)}"
        requests.put(
            url, data=body, headers={"Content-Type": "application/octet-stream"}, timeout=10
        ).raise_for_status()

    def _manifest(self, path: str, reference: str, body: bytes) -> None:
        kind = json.loads(body).get("mediaType", OCI)
        url = f"http://{self.host}/v2/{path}/manifests/{reference}"
        answer = requests.put(url, data=body, headers={"Content-Type": kind}, timeout=10)
        assert answer.ok, answer.text


@contextmanager
def lone_registry(folder: Path, *, port: int = 0, data: Path | None = None, more: str = "") -> Iterator[LoneRegistry]:
    """Ends with the test run, whatever happens to it. `more` is added to its configuration. With the port and the data
    of one on an engine's own loopback it is the same registry, by the same name, seen from here.
    """
    host = f"127.0.0.1:{port or unused_port()}"
    data = data or folder / "data"
    config = folder / "config.yml"
    config.write_text(_CONFIG.format(folder=data, host=host) + more)
    try:
        with (folder / "log").open("wb") as log:
            command = die_with_me("docker-registry", "serve", str(config))
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    except FileNotFoundError:
        require_or_skip("docker-registry or setpriv is not on PATH (Debian: docker-registry)")
    try:
        _wait(host)
        yield LoneRegistry(host, data)
    finally:
        process.kill()
        process.wait()


def _wait(host: str) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            assert requests.get(f"http://{host}/v2/", timeout=5).status_code in {200, 401}
        except requests.ConnectionError:
            assert time.monotonic() < end, "docker-registry does not answer"
            time.sleep(0.05)
        else:
            return
