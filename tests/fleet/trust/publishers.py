"""Publishers as the tests have them: they sign images in memory, in each scheme, into registries of the tests."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from fleet.trust import strict
from fleet.trust.errors import NotFound, TooLarge, Unreachable
from fleet.trust.keys import PublicKey
from fleet.trust.reading import Manifest, Referrer
from fleet.trust.verifiers.cosign import SIGN, pae

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


# --- Notary ---------------------------------------------------------------------------------------------------------

Sign = Callable[[Any, bytes], bytes]


def key_entry(key: Private, *, in_certificate: bytes | None = None) -> tuple[str, dict[str, Any]]:
    """(key id, entry) as Notary has it."""
    if in_certificate is not None:
        kind, material = "ecdsa-x509", b64(in_certificate)
    elif isinstance(key, ed25519.Ed25519PrivateKey):
        kind, material = "ed25519", b64(key.public_key().public_bytes_raw())
    else:
        kind = "ecdsa" if isinstance(key, ec.EllipticCurvePrivateKey) else "rsa"
        material = b64(public(key).spki)
    entry = {"keytype": kind, "keyval": {"private": None, "public": material}}
    return hashlib.sha256(strict.canonical(entry)).hexdigest(), entry


def signed(document: dict[str, Any], *keys: Private, ids: list[str] | None = None) -> bytes:
    message = strict.canonical(document)
    names = ids or [key_entry(key)[0] for key in keys]
    return json.dumps(
        {"signed": document, "signatures": [_entry(key, name, message) for key, name in zip(keys, names, strict=True)]}
    ).encode()


def _entry(key: Private, name: str, message: bytes) -> dict[str, str]:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        method, signature = "eddsa", key.sign(message)
    elif isinstance(key, rsa.RSAPrivateKey):
        method = "rsapss"
        signature = key.sign(message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    else:
        method, signature = "ecdsa", raw_signature(key, message)
    return {"keyid": name, "method": method, "sig": b64(signature)}


@dataclass
class NotaryPublisher:
    """A repository with its server; change a field and `publish` again. `change` may spoil a document unsigned."""

    root_keys: list[Private] = field(default_factory=lambda: [new_key()])
    targets_key: Private = field(default_factory=new_key)
    snapshot_key: Private = field(default_factory=new_key)
    timestamp_key: Private = field(default_factory=new_key)
    root_threshold: Any = 1
    targets: dict[str, tuple[str, int]] = field(default_factory=dict)  # tag to (digest, size)
    delegations: dict[str, tuple[Private, list[str], dict[str, tuple[str, int]]]] = field(default_factory=dict)
    version: int = 1
    root_version: int = 1
    at: datetime = NOW
    files: dict[str, bytes] = field(default_factory=dict)
    change: dict[str, Callable[[dict[str, Any]], None]] = field(default_factory=dict)
    signers: dict[str, list[Private]] = field(default_factory=dict)  # instead of the role's own
    asked: list[str] = field(default_factory=list)
    root_told: str = ""

    def publish(self, *, previous_root: list[Private] | None = None, root: bool = True) -> NotaryPublisher:
        if root and self._root_is_new():
            self._root(previous_root or [])
        metas = {"root": self.files["root"]}
        metas["targets"] = self._put(
            "targets", self._targets_document(self.targets, delegations=True), [self.targets_key]
        )
        for name, (key, _, targets) in self.delegations.items():
            metas[name] = self._put(name, self._targets_document(targets), [key])
        snapshot = {
            "_type": "Snapshot",
            "expires": self._until(1000),
            "version": self.version,
            "meta": {n: _meta(b) for n, b in metas.items()},
        }
        body = self._put("snapshot", snapshot, [self.snapshot_key])
        stamp = {
            "_type": "Timestamp",
            "expires": self._until(14),
            "version": self.version,
            "meta": {"snapshot": _meta(body)},
        }
        self._put("timestamp", stamp, [self.timestamp_key])
        return self

    def _root_is_new(self) -> bool:
        """A publisher does not sign one version of a root twice: its bytes would differ, as a forged one's do."""
        told = (self.root_version, self.root_threshold, [id(key) for key in self._keys()], self.signers.get("root"))
        before, self.root_told = self.root_told, repr((told, "root" in self.change))
        return before != self.root_told

    def _root(self, previous: list[Private]) -> None:
        keys = dict(key_entry(k) for k in self._keys())
        roles = {
            "root": {"keyids": [key_entry(k)[0] for k in self.root_keys], "threshold": self.root_threshold},
            "targets": {"keyids": [key_entry(self.targets_key)[0]], "threshold": 1},
            "snapshot": {"keyids": [key_entry(self.snapshot_key)[0]], "threshold": 1},
            "timestamp": {"keyids": [key_entry(self.timestamp_key)[0]], "threshold": 1},
        }
        document = {
            "_type": "Root",
            "consistent_snapshot": False,
            "expires": self._until(3650),
            "keys": keys,
            "roles": roles,
            "version": self.root_version,
        }
        body = self._put("root", document, [*self.root_keys, *previous])
        self.files[f"{self.root_version}.root"] = body

    def _keys(self) -> list[Private]:
        return [*self.root_keys, self.targets_key, self.snapshot_key, self.timestamp_key]

    def _targets_document(self, targets: dict[str, tuple[str, int]], *, delegations: bool = False) -> dict[str, Any]:
        keys, roles = {}, []
        for name, (key, paths, _) in (self.delegations if delegations else {}).items():
            key_id, entry = key_entry(key)
            keys[key_id] = entry
            roles.append({"keyids": [key_id], "name": name, "paths": paths, "threshold": 1})
        listed = {
            tag: {"hashes": {"sha256": b64(bytes.fromhex(digest[7:]))}, "length": size}
            for tag, (digest, size) in targets.items()
        }
        return {
            "_type": "Targets",
            "delegations": {"keys": keys, "roles": roles},
            "expires": self._until(1000),
            "targets": listed,
            "version": self.version,
        }

    def _put(self, role: str, document: dict[str, Any], keys: list[Private]) -> bytes:
        if role in self.change:
            self.change[role](document)
        body = signed(document, *self.signers.get(role, keys))
        self.files[role] = body
        self.files[f"{role}.{hashlib.sha256(body).hexdigest()}"] = body
        return body

    def _until(self, days: int) -> str:
        return (self.at + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.123456789Z")

    # As a server.

    def current(self, gun: str, role: str, most: int) -> bytes:
        return self._get(role, most)

    def by_hash(self, gun: str, role: str, sha256: str, most: int) -> bytes:
        return self._get(f"{role}.{sha256}", most)

    def root_version_(self, version: int, most: int) -> bytes:
        return self._get(f"{version}.root", most)

    def _get(self, name: str, most: int) -> bytes:
        self.asked.append(name)
        if name not in self.files:
            raise NotFound("none")
        if len(self.files[name]) > most:
            raise TooLarge("too much")
        return self.files[name]


class Server:
    """The publisher's files behind the interface that verifiers read by."""

    def __init__(self, publisher: NotaryPublisher) -> None:
        self.publisher = publisher

    def current(self, gun: str, role: str, most: int) -> bytes:
        return self.publisher.current(gun, role, most)

    def by_hash(self, gun: str, role: str, sha256: str, most: int) -> bytes:
        return self.publisher.by_hash(gun, role, sha256, most)

    def root_version(self, gun: str, version: int, most: int) -> bytes:
        return self.publisher.root_version_(version, most)


def _meta(body: bytes) -> dict[str, Any]:
    return {
        "hashes": {"sha256": b64(hashlib.sha256(body).digest()), "sha512": b64(hashlib.sha512(body).digest())},
        "length": len(body),
    }


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
