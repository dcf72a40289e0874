"""Certificates made on the spot; elliptic curves, because RSA keys take their time."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fleet.transport import TlsMaterial
from tests.builders import NOW


def material(
    *, expires: datetime = NOW + timedelta(days=30), begins: datetime = NOW - timedelta(days=1)
) -> TlsMaterial:
    """A client certificate that stands for its own CA too."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loadline")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(expires)
        .sign(key, hashes.SHA256())
    )
    text = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return TlsMaterial(ca=text, certificate=text, key=key_text(key))


def key_text(key: ec.EllipticCurvePrivateKey, passphrase: bytes | None = None) -> str:
    hidden = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden).decode()


def folder(path: Path, tls: TlsMaterial) -> Path:
    """Written as docker keeps them."""
    path.mkdir(parents=True, exist_ok=True)
    for name, text in (("ca.pem", tls.ca), ("cert.pem", tls.certificate), ("key.pem", tls.key)):
        (path / name).write_text(text or "")
    return path
