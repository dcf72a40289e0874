"""What proof costs: distinct images that a fleet runs, each verified once, and a day later with nothing changed.

    .venv/bin/python benchmarks/trust.py                                        # 5,000 images, 100,000 containers
    .venv/bin/python benchmarks/trust.py --images 500 --containers 10000 --unsigned 0.2

Fills a PostgreSQL of its own with hosts of fifty images each, twenty containers to an image, and serves a registry of
ten images a repository from a process of its own, signed with a key by cosign, in the form that lies beside the image.
Then it lets the job work until nothing is due: at first sight, and once more when a day has passed. The registry counts
what it is asked, so that its requests are those that were sent and not those that were meant.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.filling import database, server  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fleet.trust.publishers import Image, MemoryRegistry

TO_A_REPOSITORY: Final = 10
TO_A_HOST: Final = 50
_ASKED: Final = re.compile(r"/v2/(?P<path>.+)/(?P<what>manifests|blobs|referrers|tags)/(?P<reference>[^/?]+)")


@dataclass
class Published:
    """A registry's shelves, its images by (path, tag), and the key that signed."""

    registry: MemoryRegistry
    key: Any
    images: dict[tuple[str, str], Image] = field(default_factory=dict)


def published(images: int, unsigned: float) -> Published:
    from tests.fleet.trust.publishers import MemoryRegistry, cosign_beside, new_key, push_image, simple_payload

    made = Published(MemoryRegistry(), new_key())
    for number in range(images):
        path, tag = f"team-{number // 100}/app-{number // TO_A_REPOSITORY}", f"1.{number % TO_A_REPOSITORY}"
        image = push_image(made.registry, tag, content=str(number), path=path)
        made.images[path, tag] = image
        if number % 100 >= 100 * unsigned:
            payload = simple_payload(image.digest, reference=f"registry.internal/{path}")
            cosign_beside(made.registry, image.digest, (made.key, payload), path=path)
    return made


def serve(registry: MemoryRegistry, port: Any) -> None:
    """Until it is ended. `/asked` tells what it was asked by kind, and begins to count anew."""
    asked: Counter[str] = Counter()
    shelves = {"blobs": registry.blobs, "manifests": registry.manifests, "referrers": {}}
    tags: dict[str, list[str]] = {}
    for path, name in registry.manifests:
        if not name.startswith("sha256:"):
            tags.setdefault(path, []).append(name)

    def answer(target: str) -> bytes | None:
        found = _ASKED.fullmatch(urlsplit(target).path)
        if found is None:
            return None
        if found["what"] == "tags":
            asked["tags"] += 1
            return json.dumps({"name": found["path"], "tags": sorted(tags.get(found["path"], []))}).encode()
        kind = "signatures" if found["reference"].startswith("sha256-") else found["what"]
        asked[kind] += 1
        return shelves[found["what"]].get((found["path"], found["reference"]))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms between its head and its body

        def do_GET(self) -> None:
            if self.path == "/asked":
                body: bytes | None = json.dumps(asked).encode()
                asked.clear()
            else:
                body = answer(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.send_header("Docker-Content-Digest", f"sha256:{hashlib.sha256(body or b'').hexdigest()}")
            self.end_headers()
            if body and self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 - as the base class wants it

        def log_message(self, *_: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    port.put(httpd.server_address[1])
    httpd.serve_forever()


@contextmanager
def served(registry: MemoryRegistry) -> Iterator[str]:
    """Its host."""
    forked = multiprocessing.get_context("fork")
    port = forked.Queue()
    process = forked.Process(target=serve, args=(registry, port), daemon=True)
    process.start()
    try:
        yield f"127.0.0.1:{port.get(timeout=30)}"
    finally:
        process.terminate()
        process.join()


def fill(made: Published, host: str, containers: int, now: datetime) -> None:
    """Rows as sweeps leave them, as far as the job reads them."""
    from fleet.inventory.plain import to_plain
    from fleet.models import Container, Environment, Host, Image
    from tests.builders import container, image

    plain = to_plain(container())

    production = Environment.objects.get(slug="production")
    per_image = max(1, containers // len(made.images))
    named = list(made.images.items())
    for first in range(0, len(named), TO_A_HOST):
        some = named[first : first + TO_A_HOST]
        machine = Host.objects.create(
            name=f"host-{first}",
            url=f"tcp://10.0.0.1:{first + 1}",
            environment=production,
            registered_at=now,
            next_sweep_at=now,
        )
        rows = [
            Image(
                host=machine,
                engine_id=one.id,
                name=f"{host}/{path}:{tag}",
                facts_hash="made",
                first_seen=now,
                changed_at=now,
                facts=to_plain(image(id=one.id, digests=(f"{host}/{path}@{one.digest}",))),
            )
            for (path, tag), one in some
        ]
        Image.objects.bulk_create(rows)
        Container.objects.bulk_create(
            Container(
                host=machine,
                engine_id=f"{first + place:032x}{number:032x}",
                name=f"c-{first + place}-{number}",
                image=row,
                image_reference=row.name,
                state="running",
                facts_hash="made",
                first_seen=now,
                changed_at=now,
                facts=plain,
            )
            for place, row in enumerate(rows)
            for number in range(per_image)
        )


def asked(host: str) -> Counter[str]:
    with urlopen(f"http://{host}/asked") as reply:
        return Counter(json.load(reply))


def rounds(name: str, host: str, repositories: int, now: datetime) -> None:
    """Lets the job work until nothing is due, and prints what that took."""
    from django.utils import timezone

    from fleet.models import TrustResult
    from fleet.proving import look_at_due

    asked(host)
    offset, looked, runs = now - timezone.now(), 0, 0
    began, spent = time.perf_counter(), time.process_time()
    while True:
        moment = timezone.now() + offset
        done = look_at_due(moment, clock=lambda: timezone.now() + offset)
        looked, runs = looked + done.looked, runs + 1
        if not done.left or not done.looked:
            break
    took, spent = time.perf_counter() - began, time.process_time() - spent
    told = asked(host)
    total = sum(told.values())
    states = Counter(TrustResult.objects.values_list("state", flat=True))
    each = f"{total / max(looked, 1):.2f} an image, {total / repositories:.2f} a repository"
    print(f"{name}: {looked} verifications in {runs} runs, {took:.0f} s, {1000 * spent / max(looked, 1):.1f} ms each")
    print(f"  {total} requests, {each}: {dict(told.most_common())}")
    print(f"  states: {dict(states)}", flush=True)


def measure(options: argparse.Namespace) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    from fleet.proving import in_force, register_registry, register_root
    from fleet.proving.due import running
    from fleet.trust.roots import Kind
    from fleet.trust.terms import Terms
    from tests.fleet.trust.publishers import pem

    logging.disable(logging.INFO)
    settings.CELERY_BROKER_URL, settings.EMBEDDED_BROKER = "memory://", False
    call_command("migrate", verbosity=0)
    now = timezone.now()
    made = published(options.images, options.unsigned)
    repositories = len({path for path, _ in made.images})
    with served(made.registry) as host:
        fill(made, host, options.containers, now)
        register_registry(host, plain=True, private=True, now=now)
        terms = Terms(kind=Kind.COSIGN, scopes=(f"{host}/*",), material=pem(made.key))
        register_root("publisher", terms, author=None, author_name="benchmark", now=now)
        began = time.perf_counter()
        found = len(list(running(in_force())))
        print(
            f"{found} images under a name in {repositories} repositories: {time.perf_counter() - began:.1f} s to find"
        )
        rounds("first sight", host, repositories, now)
        rounds("a day later", host, repositories, now + timedelta(days=1, hours=1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--containers", type=int, default=100_000)
    parser.add_argument("--unsigned", type=float, default=0.0, help="the share of images that nobody signed")
    parser.add_argument("--url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.url:
        with tempfile.TemporaryDirectory() as data:
            os.environ |= {"DATABASE_URL": options.url, "LOADLINE_DATA": data}
            os.environ["DJANGO_SETTINGS_MODULE"] = "dashboard.settings"
            measure(options)
        return
    with server(None) as sockets:
        words = ["--images", str(options.images), "--containers", str(options.containers)]
        words += ["--unsigned", str(options.unsigned), "--url", database(sockets, "trust")]
        done = subprocess.run([sys.executable, __file__, *words], check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
