"""Publishers as the tests have them: they sign images in memory, in each scheme, into registries of the tests."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from fleet.trust.bundles import SIGN
from fleet.trust.dsse import pae
from fleet.trust.errors import NotFound, TooLarge, Unreachable
from fleet.trust.keys import PublicKey
from fleet.trust.reading import Manifest, Referrer

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
REGISTRY = "registry.internal"
PATH = "team/web"
REPOSITORY = f"{REGISTRY}/{PATH}"
OCI = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"

Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def new_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve or ec.SECP256R1())


def public(key: Private) -> PublicKey:
    return PublicKey.of(key.public_key())


def pem(key: Private) -> str:
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, kind).decode()


def sha256(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def raw_signature(key: ec.EllipticCurvePrivateKey, message: bytes, algorithm: Any = None) -> bytes:
    """r||s."""
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(algorithm or hashes.SHA256())))
    half = (key.curve.key_size + 7) // 8
    return r.to_bytes(half) + s.to_bytes(half)


def b64(body: bytes) -> str:
    return base64.b64encode(body).decode()


@dataclass
class MemoryRegistry:
    """A registry that does what a test makes it do; `asked` is what it was asked for."""

    manifests: dict[tuple[str, str], bytes] = field(default_factory=dict)  # (path, tag or digest)
    blobs: dict[tuple[str, str], bytes] = field(default_factory=dict)
    referring: dict[tuple[str, str], list[Referrer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    broken: bool = False

    def push(self, document: dict[str, Any], *, tag: str | None = None, path: str = PATH) -> str:
        """Its digest."""
        body = json.dumps(document).encode()
        self.manifests[path, sha256(body)] = body
        if tag:
            self.manifests[path, tag] = body
        return sha256(body)

    def push_blob(self, body: bytes, *, path: str = PATH) -> str:
        self.blobs[path, sha256(body)] = body
        return sha256(body)

    def refer(self, document: dict[str, Any], to: str, *, path: str = PATH) -> None:
        digest = self.push(document, path=path)
        self.referring.setdefault((path, to), []).append(Referrer(digest, str(document["artifactType"])))

    def manifest(self, path: str, reference: str) -> Manifest:
        self._ask(f"manifest {path} {reference}")
        if (path, reference) not in self.manifests:
            raise NotFound("none")
        body = self.manifests[path, reference]
        return Manifest(body, str(json.loads(body).get("mediaType", OCI)), sha256(body))

    def blob(self, path: str, digest: str, most: int) -> bytes:
        self._ask(f"blob {path} {digest}")
        if (path, digest) not in self.blobs:
            raise NotFound("none")
        if len(self.blobs[path, digest]) > most:
            raise TooLarge("too much")
        return self.blobs[path, digest]

    def referrers(self, path: str, digest: str) -> tuple[Referrer, ...]:
        self._ask(f"referrers {path} {digest}")
        return tuple(self.referring.get((path, digest), ()))

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.broken:
            raise Unreachable("the registry did not answer")


@dataclass
class Image:
    """What was pushed: `id` is the digest of the configuration, `digest` that of the manifest or the index."""

    id: str
    digest: str
    size: int
    manifest: str


def push_image(
    registry: MemoryRegistry, tag: str, *, content: str = "", index: bool = False, path: str = PATH
) -> Image:
    config = json.dumps({"architecture": "amd64", "content": content or tag}).encode()
    registry.push_blob(config, path=path)
    document = {
        "schemaVersion": 2,
        "mediaType": OCI,
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "size": len(config),
            "digest": sha256(config),
        },
        "layers": [],
    }
    manifest = registry.push(document, tag=None if index else tag, path=path)
    top = manifest
    if index:
        entry = {
            "mediaType": OCI,
            "digest": manifest,
            "size": len(json.dumps(document)),
            "platform": {"architecture": "amd64", "os": "linux"},
        }
        foreign = dict(entry, digest=sha256(b"arm"), platform={"architecture": "arm64", "os": "linux"})
        top = registry.push({"schemaVersion": 2, "mediaType": INDEX, "manifests": [foreign, entry]}, tag=tag, path=path)
    return Image(sha256(config), top, len(registry.manifests[path, top]), manifest)


# --- cosign ---------------------------------------------------------------------------------------------------------


def simple_payload(
    digest: str, *, reference: str = REPOSITORY, kind: str = "cosign container image signature"
) -> bytes:
    critical = {"identity": {"docker-reference": reference}, "image": {"docker-manifest-digest": digest}, "type": kind}
    return json.dumps({"critical": critical, "optional": None}).encode()


def cosign_beside(
    registry: MemoryRegistry,
    digest: str,
    *signers: tuple[Private, bytes],
    path: str = PATH,
    annotations: dict[str, str] | None = None,
) -> None:
    """The tag with one layer for each (key, payload)."""
    layers = []
    for key, payload in signers:
        layers.append(
            {
                "mediaType": "application/vnd.dev.cosign.simplesigning.v1+json",
                "size": len(payload),
                "digest": registry.push_blob(payload, path=path),
                "annotations": {
                    "dev.cosignproject.cosign/signature": b64(der_signature(key, payload)),
                    **(annotations or {}),
                },
            }
        )
    document = {"schemaVersion": 2, "mediaType": OCI, "config": {"digest": sha256(b"{}")}, "layers": layers}
    registry.push(document, tag=f"{digest.replace(':', '-')}.sig", path=path)


def der_signature(key: Private, message: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(message, ec.ECDSA(hashes.SHA256()))


def statement(digest: str, *, predicate: str = SIGN) -> bytes:
    return json.dumps(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"digest": {"sha256": digest.removeprefix("sha256:")}}],
            "predicateType": predicate,
            "predicate": {},
        }
    ).encode()


def cosign_bundle(
    registry: MemoryRegistry,
    digest: str,
    key: Private,
    payload: bytes,
    *,
    kind: str = "application/vnd.in-toto+json",
    subject: str | None = None,
) -> None:
    media_type = "application/vnd.dev.sigstore.bundle.v0.3+json"
    bundle = {
        "mediaType": media_type,
        "verificationMaterial": {"publicKey": {"hint": "bm9uZQ=="}, "tlogEntries": []},
        "dsseEnvelope": {
            "payloadType": kind,
            "payload": b64(payload),
            "signatures": [{"sig": b64(der_signature(key, pae(kind, payload)))}],
        },
    }
    body = json.dumps(bundle).encode()
    layer = {"mediaType": media_type, "size": len(body), "digest": registry.push_blob(body)}
    document = {
        "schemaVersion": 2,
        "mediaType": OCI,
        "artifactType": media_type,
        "config": {"digest": sha256(b"{}")},
        "layers": [layer],
        "subject": {"mediaType": OCI, "digest": subject or digest, "size": 1},
    }
    registry.refer(document, digest)
