"""A whole Sigstore in memory: authorities, both logs, and bundles of whoever signs with it, honest or not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fleet.trust.bundles import IN_TOTO
from fleet.trust.dsse import pae
from tests.fleet.trust.publishers import INDEX, NOW, OCI, PATH, MemoryRegistry, b64, new_key, sha256

ISSUER: Final = "https://accounts.internal"
IDENTITY: Final = "release@acme.example"
WORKFLOW: Final = "https://git.internal/acme/web/.github/workflows/release.yml@refs/tags/"
BUNDLE_TYPE: Final = "application/vnd.dev.sigstore.bundle.v0.3+json"
_SCTS: Final = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_USAGE = {
    "content_commitment": False, "key_encipherment": False, "data_encipherment": False, "key_agreement": False,
    "encipher_only": False, "decipher_only": False,
}  # fmt: skip
Key = ec.EllipticCurvePrivateKey


def spki(key: Key) -> bytes:
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, kind)


def key_id(key: Key) -> bytes:
    return hashlib.sha256(spki(key)).digest()


def ecdsa(key: Key, message: bytes) -> bytes:
    return key.sign(message, ec.ECDSA(hashes.SHA256()))


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


@dataclass
class Log:
    """Of what was signed: a Merkle tree by RFC 6962 with a signed checkpoint, as Rekor has it."""

    key: Key = field(default_factory=new_key)
    origin: str = "rekor.internal"
    leaves: list[bytes] = field(default_factory=lambda: [b"one", b"two", b"three"])

    def append(self, body: bytes) -> int:
        self.leaves.append(body)
        return len(self.leaves) - 1

    def checkpoint(self, *, key: Key | None = None, signed: bool = True) -> str:
        root = b64(_tree(self._hashes()))
        note = f"{self.origin} - 1\n{len(self.leaves)}\n{root}\n"
        signature = ecdsa(key or self.key, note.encode())
        return f"{note}\n— {self.origin} {b64(key_id(self.key)[:4] + signature)}\n" if signed else f"{note}\n"

    def entry(self, index: int, at: datetime, *, proof_of: int | None = None) -> dict[str, Any]:
        """As a bundle carries it; with the proof of another entry where that is asked for."""
        body, seconds, proven = self.leaves[index], int(at.timestamp()), index if proof_of is None else proof_of
        promise = {
            "body": b64(body), "integratedTime": seconds, "logID": key_id(self.key).hex(), "logIndex": index
        }  # fmt: skip
        return {
            "logIndex": str(index),
            "logId": {"keyId": b64(key_id(self.key))},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(seconds),
            "inclusionPromise": {"signedEntryTimestamp": b64(ecdsa(self.key, _canonical(promise)))},
            "inclusionProof": {
                "logIndex": str(proven),
                "rootHash": b64(_tree(self._hashes())),
                "treeSize": str(len(self.leaves)),
                "hashes": [b64(one) for one in _path(proven, self._hashes())],
                "checkpoint": {"envelope": self.checkpoint()},
            },
            "canonicalizedBody": b64(body),
        }

    def _hashes(self) -> list[bytes]:
        return [hashlib.sha256(b"\0" + one).digest() for one in self.leaves]


def _tree(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    half = _half(len(leaves))
    return hashlib.sha256(b"\1" + _tree(leaves[:half]) + _tree(leaves[half:])).digest()


def _path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    half = _half(len(leaves))
    if index < half:
        return [*_path(index, leaves[:half]), _tree(leaves[half:])]
    return [*_path(index - half, leaves[half:]), _tree(leaves[:half])]


def _half(size: int) -> int:
    """The largest power of two below it."""
    return 1 << (size - 1).bit_length() - 1


def _canonical(document: dict[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


@dataclass
class Authority:
    """A root and what certifies signers below it, as Fulcio has them."""

    name: str = "sigstore.internal"
    root_key: Key = field(default_factory=lambda: new_key(ec.SECP384R1()))
    key: Key = field(default_factory=lambda: new_key(ec.SECP384R1()))

    def __post_init__(self) -> None:
        self.root = self._certified("root", self.root_key, by=self.root_key, issuer="root")
        self.certificate = self._certified("intermediate", self.key, by=self.root_key, issuer="root")

    def _certified(self, role: str, key: Key, *, by: Key, issuer: str) -> x509.Certificate:
        built = (
            _begun(key, by, NOW - timedelta(days=900), timedelta(days=3650))
            .subject_name(_name(self.name, role))
            .issuer_name(_name(self.name, issuer))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(digital_signature=False, key_cert_sign=True, crl_sign=True, **_USAGE), critical=True
            )
        )
        return built.sign(by, hashes.SHA384())


def _name(organization: str, common: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )


def _begun(key: Key, by: Key, begin: datetime, lasting: timedelta) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + lasting)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )


@dataclass
class Sigstore:
    """`ct_key` is that of the log of certificates. What it gives out is valid for ten minutes."""

    authority: Authority = field(default_factory=Authority)
    log: Log = field(default_factory=Log)
    ct_key: Key = field(default_factory=new_key)

    def certificate(
        self,
        key: Key,
        begin: datetime,
        *,
        identity: str,
        issuer: str,
        ct_key: Key | None = None,
        promised: bool = True,
    ) -> x509.Certificate:
        """With the promise of the log of certificates, by another key or by none where that is asked for."""
        mail = "@" in identity and "://" not in identity
        name = x509.RFC822Name(identity) if mail else x509.UniformResourceIdentifier(identity)
        built = (
            _begun(key, self.authority.key, begin, timedelta(minutes=10))
            .subject_name(x509.Name([]))
            .issuer_name(self.authority.certificate.subject)
            .add_extension(
                x509.KeyUsage(digital_signature=True, key_cert_sign=False, crl_sign=False, **_USAGE), critical=True
            )
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.SubjectAlternativeName([name]), critical=True)
            .add_extension(_extension(1, issuer.encode()), critical=False)
            .add_extension(_extension(8, _der(0x0C, issuer.encode())), critical=False)
        )
        bare = built.sign(self.authority.key, hashes.SHA384())
        if not promised:
            return bare
        promise = self._promise(bare.tbs_certificate_bytes, begin, ct_key or self.ct_key)
        built = built.add_extension(x509.UnrecognizedExtension(_SCTS, promise), critical=False)
        return built.sign(self.authority.key, hashes.SHA384())

    def _promise(self, tbs: bytes, at: datetime, key: Key) -> bytes:
        """A list of one signed certificate timestamp, by RFC 6962."""
        moment = int(at.timestamp() * 1000).to_bytes(8)
        issuer = hashlib.sha256(spki(self.authority.key)).digest()
        signed = b"\0\0" + moment + b"\0\1" + issuer + len(tbs).to_bytes(3) + tbs + b"\0\0"
        signature = ecdsa(key, signed)
        promise = b"\0" + key_id(self.ct_key) + moment + b"\0\0" + b"\4\3" + len(signature).to_bytes(2) + signature
        listed = len(promise).to_bytes(2) + promise
        return _der(0x04, len(listed).to_bytes(2) + listed)

    def sign(
        self,
        payload: bytes,
        *,
        identity: str = IDENTITY,
        issuer: str = ISSUER,
        kind: str = IN_TOTO,
        begin: datetime = NOW - timedelta(days=3),
        after: timedelta = timedelta(minutes=1),
        **certified: Any,
    ) -> dict[str, Any]:
        """A bundle, signed by whom the issuer vouched for, and logged so long `after` the certificate was given out."""
        key = new_key()
        certificate = self.certificate(key, begin, identity=identity, issuer=issuer, **certified)
        signature = ecdsa(key, pae(kind, payload))
        envelope = {"payload": b64(payload), "payloadType": kind, "signatures": [{"sig": b64(signature)}]}
        index = self.log.append(_logged(envelope, payload, signature, certificate))
        self.log.append(b"what came after it")
        return {
            "mediaType": BUNDLE_TYPE,
            "verificationMaterial": {
                "certificate": {"rawBytes": b64(der(certificate))},
                "tlogEntries": [self.log.entry(index, begin + after)],
            },
            "dsseEnvelope": envelope,
        }

    def trusted_root(self) -> dict[str, Any]:
        """What the Sigstore's operator publishes."""
        return {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [_log(f"https://{self.log.origin}", self.log.key)],
            "certificateAuthorities": [
                {
                    "subject": {"organization": self.authority.name, "commonName": "root"},
                    "uri": "https://fulcio.internal",
                    "certChain": {
                        "certificates": [
                            {"rawBytes": b64(der(self.authority.certificate))},
                            {"rawBytes": b64(der(self.authority.root))},
                        ]
                    },
                    "validFor": {"start": "2020-01-01T00:00:00Z"},
                }
            ],
            "ctlogs": [_log("https://ctfe.internal", self.ct_key)],
        }

    def pinned(self) -> str:
        return json.dumps(self.trusted_root())


def _logged(envelope: dict[str, Any], payload: bytes, signature: bytes, certificate: x509.Certificate) -> bytes:
    text = certificate.public_bytes(serialization.Encoding.PEM)
    return _canonical(
        {
            "apiVersion": "0.0.1",
            "kind": "dsse",
            "spec": {
                "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(_canonical(envelope)).hexdigest()},
                "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
                "signatures": [{"signature": b64(signature), "verifier": b64(text)}],
            },
        }
    )


def _log(address: str, key: Key) -> dict[str, Any]:
    return {
        "baseUrl": address,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": b64(spki(key)),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": {"start": "2020-01-01T00:00:00Z"},
        },
        "logId": {"keyId": b64(key_id(key))},
    }


def _extension(number: int, value: bytes) -> x509.UnrecognizedExtension:
    """One of Fulcio's own."""
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}"), value)


def _der(tag: int, value: bytes) -> bytes:
    length = len(value)
    if length < 0x80:
        return bytes([tag, length]) + value
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size) + value


def refer_bundle(registry: MemoryRegistry, digest: str, bundle: dict[str, Any] | bytes, *, subject: str = "") -> str:
    """Lays it beside the image; the digest of its bytes."""
    body = bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode()
    blob = registry.push_blob(body)
    document = {
        "schemaVersion": 2,
        "mediaType": OCI,
        "artifactType": BUNDLE_TYPE,
        "config": {"digest": sha256(b"{}")},
        "layers": [{"mediaType": BUNDLE_TYPE, "size": len(body), "digest": blob}],
        "subject": {"mediaType": OCI, "digest": subject or digest, "size": 1},
    }
    registry.refer(document, digest)
    return blob


def list_by_tag(registry: MemoryRegistry, digest: str) -> None:
    """What refers to the image, as clients write it where the registry has no endpoint for that."""
    found = registry.referring[PATH, digest]
    listed = [
        {
            "mediaType": OCI,
            "digest": one.digest,
            "size": len(registry.manifests[PATH, one.digest]),
            "artifactType": one.artifact_type,
        }
        for one in found
    ]
    registry.push({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed}, tag=digest.replace(":", "-"))
