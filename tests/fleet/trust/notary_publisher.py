"""A repository of Notary in memory, with its keys and its server; whatever a test wants of it is signed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from fleet.trust import strict
from fleet.trust.errors import NotFound, TooLarge
from tests.fleet.trust.publishers import NOW, Private, b64, new_key, public, raw_signature

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
            "meta": {n: described(b) for n, b in metas.items()},
        }
        body = self._put("snapshot", snapshot, [self.snapshot_key])
        stamp = {
            "_type": "Timestamp",
            "expires": self._until(14),
            "version": self.version,
            "meta": {"snapshot": described(body)},
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


def described(body: bytes) -> dict[str, Any]:
    return {
        "hashes": {"sha256": b64(hashlib.sha256(body).digest()), "sha512": b64(hashlib.sha512(body).digest())},
        "length": len(body),
    }
