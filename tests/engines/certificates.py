"""A certificate authority of the test's own, for engines that ask for mutual TLS."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Certificates:
    """Folders with ca.pem, cert.pem and key.pem: one for the engine, one for who calls it."""

    server: Path
    client: Path


def issue(folder: Path, *, addresses: tuple[str, ...], days: int = 30) -> Certificates:
    """Write a fresh authority's certificates for an engine at these addresses (names or IP addresses)."""
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _sign("Test authority", key=authority_key, issuer=None, issuer_key=authority_key, days=days)
    sides = Certificates(folder / "server", folder / "client")
    for side, usage in (
        (sides.server, ExtendedKeyUsageOID.SERVER_AUTH),
        (sides.client, ExtendedKeyUsageOID.CLIENT_AUTH),
    ):
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _sign(
            side.name,
            key=key,
            issuer=authority,
            issuer_key=authority_key,
            days=days,
            usage=usage,
            addresses=addresses if side is sides.server else (),
        )
        side.mkdir(parents=True)
        (side / "ca.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
        (side / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        (side / "key.pem").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        (side / "key.pem").chmod(0o600)
    return sides


def _sign(
    name: str,
    *,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
    days: int,
    usage: x509.ObjectIdentifier | None = None,
    addresses: tuple[str, ...] = (),
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.now(UTC) - _DAY
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + _DAY * (days + 1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if issuer is None:
        builder = builder.add_extension(_signing_usage(), critical=True)
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if addresses:
        builder = builder.add_extension(x509.SubjectAlternativeName([_alternative(a) for a in addresses]), False)
    return builder.sign(issuer_key, hashes.SHA256())


def _signing_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative(address: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(address))
    except ValueError:
        return x509.DNSName(address)
