"""Certificates that sign code, and Notation's envelopes by them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fleet.trust.verifiers.notation import ARTIFACT, COSE, EXPIRY, JOSE, PAYLOAD, SCHEME, TIME
from tests.fleet.trust.publishers import NOW, OCI, MemoryRegistry, new_key, raw_signature, sha256

_USAGE = {
    "content_commitment": False, "key_encipherment": False, "data_encipherment": False, "key_agreement": False,
    "encipher_only": False, "decipher_only": False, "crl_sign": False,
}  # fmt: skip


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


@dataclass
class Signer:
    """A key with its certificate, and the chain above it without the root."""

    key: Any
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return der(self.certificate)


def certified(
    name: str,
    key: Any = None,
    *,
    by: Signer | None = None,
    authority: bool = False,
    begin: datetime = NOW - timedelta(days=100),
    days: int = 400,
    purpose: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.CODE_SIGNING,
    signs: bool = True,
) -> Signer:
    key = key or new_key()
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Acme"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=signs, key_cert_sign=authority, **_USAGE), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if purpose is not None and not authority:
        built = built.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    return Signer(key, built.sign(by.key if by else key, hashes.SHA256()))


def payload(digest: str, size: int) -> bytes:
    return json.dumps({"targetArtifact": {"mediaType": OCI, "digest": digest, "size": size}}).encode()


def _b64u(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def algorithm_of(key: Any) -> str:
    if isinstance(key, rsa.RSAPrivateKey):
        return {2048: "PS256", 3072: "PS384", 4096: "PS512"}[key.key_size]
    return {256: "ES256", 384: "ES384", 521: "ES512"}[key.curve.key_size]


def sign(key: Any, message: bytes) -> bytes:
    algorithm = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}[algorithm_of(key)[2:]]
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return raw_signature(key, message, algorithm)
    signed: bytes = key.sign(message, padding.PSS(padding.MGF1(algorithm), algorithm.digest_size), algorithm)
    return signed


def jws(signer: Signer, body: bytes, chain: list[Signer], **changed: Any) -> bytes:
    """`changed` are protected headers instead of the honest ones; None leaves one out."""
    protected: dict[str, Any] = {
        "alg": algorithm_of(signer.key),
        "crit": [SCHEME],
        "cty": PAYLOAD,
        SCHEME: "notary.x509",
        TIME: (NOW - timedelta(days=1)).isoformat(),
        **changed,
    }
    encoded = _b64u(json.dumps({name: value for name, value in protected.items() if value is not None}).encode())
    message = f"{encoded}.{_b64u(body)}".encode()
    return json.dumps(
        {
            "payload": _b64u(body),
            "protected": encoded,
            "header": {"x5c": [base64.b64encode(one.der).decode() for one in (signer, *chain)]},
            "signature": _b64u(sign(signer.key, message)),
        }
    ).encode()


_COSE_ALGORITHMS = {"PS256": -37, "PS384": -38, "PS512": -39, "ES256": -7, "ES384": -35, "ES512": -36}


def cose(signer: Signer, body: bytes, chain: list[Signer], *, expiry: datetime | None = None) -> bytes:
    headers: dict[Any, Any] = {
        1: _COSE_ALGORITHMS[algorithm_of(signer.key)],
        2: [SCHEME, *([EXPIRY] if expiry else [])],
        3: PAYLOAD,
        SCHEME: "notary.x509",
        TIME: NOW - timedelta(days=1),
    }
    if expiry:
        headers[EXPIRY] = expiry
    protected = cbor2.dumps(headers, datetime_as_timestamp=True)
    message = cbor2.dumps(["Signature1", protected, b"", body])
    unprotected = {33: [one.der for one in (signer, *chain)]}
    return cbor2.dumps(cbor2.CBORTag(18, [protected, unprotected, body, sign(signer.key, message)]))


def refer(registry: MemoryRegistry, digest: str, envelope: bytes, media_type: str = JOSE, *, subject: str = "") -> None:
    layer = {"mediaType": media_type, "size": len(envelope), "digest": registry.push_blob(envelope)}
    document = {
        "schemaVersion": 2,
        "mediaType": OCI,
        "artifactType": ARTIFACT,
        "config": {"mediaType": ARTIFACT, "digest": sha256(b"{}")},
        "layers": [layer],
        "subject": {"mediaType": OCI, "digest": subject or digest, "size": 1},
    }
    registry.refer(document, digest)


FORMS: dict[str, tuple[Callable[..., bytes], str]] = {"jws": (jws, JOSE), "cose": (cose, COSE)}
