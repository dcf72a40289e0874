"""A registry and a Notary server on real sockets, with publishers in memory, and what an admin registered of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from fleet.models import TrustRootVersion
from fleet.proving import Proof, Prover, register_registry, register_root
from fleet.trust.reading import Referrer
from fleet.trust.roots import Kind
from fleet.trust.subject import Subject, subject_of
from fleet.trust.terms import Server, Terms
from tests.fleet.trust.notary_publisher import NotaryPublisher
from tests.fleet.trust.publishers import (
    NOW,
    OCI,
    PATH,
    Image,
    MemoryRegistry,
    Private,
    cosign_beside,
    new_key,
    pem,
    push_image,
    sha256,
    simple_payload,
)
from tests.fleet.trust.servers import Asked, HostileServer, Reply, serving

_REGISTRY = re.compile(r"/v2/(?P<path>.+)/(?P<what>manifests|blobs|referrers)/(?P<reference>[^/]+)")
_TAGS = re.compile(r"/v2/(?P<path>.+)/tags/list[?]n=1000")
_METADATA = re.compile(r"/v2/(?P<gun>.+)/_trust/tuf/(?P<file>.+)\.json")


@dataclass
class Scene:
    """One image, `web:1.0`; `key` is the publisher's. `broken` makes the server answer 503 to everything."""

    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    key: Private = field(default_factory=new_key)
    notary: NotaryPublisher | None = None
    broken: bool = False
    says_digests: bool = True  # in a header, with manifests
    refers: bool = False  # has the endpoint for what refers to an image
    hides_signatures: bool = False  # in the list of tags, as some registries do
    server: HostileServer | None = None

    def __post_init__(self) -> None:
        self.image = self.push("1.0")

    @property
    def host(self) -> str:
        assert self.server is not None
        return self.server.host

    @property
    def repository(self) -> str:
        return f"{self.host}/{PATH}"

    @property
    def asked(self) -> list[str]:
        """Paths of all requests that came."""
        assert self.server is not None
        return [one.path for one in self.server.asked]

    def push(self, tag: str, **told: Any) -> Image:
        return push_image(self.registry, tag, **told)

    def sign(self, image: Image | None = None, *, key: Private | None = None) -> None:
        digest = (image or self.image).digest
        cosign_beside(self.registry, digest, (key or self.key, simple_payload(digest)))

    def take_signature_away(self) -> None:
        del self.registry.manifests[PATH, f"{self.image.digest.replace(':', '-')}.sig"]

    def registered(self) -> None:
        register_registry(self.host, plain=True, private=True, now=NOW)

    def terms(self, **changes: Any) -> Terms:
        mine = Terms(kind=Kind.COSIGN, scopes=(f"{self.host}/*",), material=pem(self.key))
        return replace(mine, **changes)

    def notary_terms(self, **changes: Any) -> Terms:
        assert self.notary is not None
        server = Server(address=f"http://{self.host}", private=True, plain=True)
        material = pem(self.notary.root_keys[0])
        return self.terms(kind=Kind.NOTARY, material=material, server=server, **changes)

    def root(self, name: str = "team", terms: Terms | None = None) -> TrustRootVersion:
        return register_root(name, terms or self.terms(), author=None, author_name="ann", now=NOW)

    def running(self, tag: str = "1.0", image: Image | None = None) -> Subject:
        mine = image or self.image
        digests = (f"{self.repository}@{mine.digest}",)
        return subject_of(reference=f"{self.repository}:{tag}", image_id=mine.id, repo_digests=digests)

    def verify(self, subject: Subject | None = None, now: datetime = NOW) -> Proof:
        """In a run of its own."""
        with Prover(now) as prover:
            return prover.verify(subject or self.running(), now)

    def answer(self, asked: Asked, _: Any) -> Reply:
        if self.broken:
            return Reply(503)
        if (found := _METADATA.fullmatch(asked.path)) is not None:
            body = self.notary.files.get(found["file"]) if self.notary else None
        elif (found := _REGISTRY.fullmatch(asked.path)) is not None:
            shelves = {
                "blobs": self.registry.blobs,
                "manifests": self.registry.manifests,
                "referrers": self._referring(),
            }
            body = shelves[found["what"]].get((found["path"], found["reference"]))
            says = body is not None and found["what"] == "manifests" and self.says_digests
            headers = {"Docker-Content-Digest": sha256(body or b"")} if says else {}
            return Reply(404) if body is None else Reply(body=body, headers=headers)
        elif (found := _TAGS.fullmatch(asked.path)) is not None:
            tags = [tag for path, tag in self.registry.manifests if path == found["path"] and ":" not in tag]
            tags = [tag for tag in tags if not (self.hides_signatures and tag.startswith("sha256-"))]
            body = json.dumps({"name": found["path"], "tags": tags}).encode()
        else:
            body = None
        return Reply(404) if body is None else Reply(body=body)

    def _referring(self) -> dict[tuple[str, str], bytes]:
        """What the endpoint answers; of an image that nothing refers to an empty list."""
        if not self.refers:
            return {}
        images = {key for key in self.registry.manifests if ":" in key[1]}
        return {
            key: json.dumps({"manifests": [_entry(self, one) for one in self.registry.referring.get(key, ())]}).encode()
            for key in images
        }


def _entry(made: Scene, one: Referrer) -> dict[str, Any]:
    size = len(made.registry.manifests[PATH, one.digest])
    return {"mediaType": OCI, "digest": one.digest, "artifactType": one.artifact_type, "size": size}


@contextmanager
def scene(**told: Any) -> Iterator[Scene]:
    made = Scene(**told)
    with serving(made.answer) as server:
        made.server = server
        yield made


def with_notary(made: Scene) -> Scene:
    """The repository of Notary in which `1.0` is signed."""
    made.notary = NotaryPublisher(targets={"1.0": (made.image.digest, made.image.size)}).publish()
    return made
