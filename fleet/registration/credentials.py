"""TLS credentials as people keep them: a folder with ca.pem, cert.pem and key.pem, looked over before it is sealed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from fleet.registration.errors import RegistrationError
from fleet.transport import TlsMaterial

FILES: Final = ("ca.pem", "cert.pem", "key.pem")
# A chain of certificates takes a few kilobytes.
MOST_BYTES: Final = 256 * 1024


def read_tls_dir(folder: Path) -> TlsMaterial:
    """Raises RegistrationError naming the file that is missing or unreadable. See `look_over` for what is in them."""
    if not folder.is_dir():
        raise RegistrationError("tls_dir", f"{folder} is not a folder; it should hold {', '.join(FILES)}.")
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise RegistrationError("tls_dir", f"{folder} has no {' and no '.join(missing)}.")
    ca, certificate, key = (_read(folder / name) for name in FILES)
    return TlsMaterial(ca, certificate, key)


def look_over(tls: TlsMaterial, *, now: datetime) -> tuple[str, ...]:
    """Warnings about credentials that will work, or will not for long. Raises RegistrationError when they cannot."""
    warnings: list[str] = []
    if tls.ca:
        for ca in _certificates("ca", tls.ca):
            warnings += _age("The CA's certificate", ca, now)
    if bool(tls.certificate) != bool(tls.key):
        missing = "key" if tls.certificate else "certificate"
        raise RegistrationError(missing, f"The client's {missing} is missing; certificate and key come together.")
    if tls.certificate and tls.key:
        certificate = _certificates("certificate", tls.certificate)[0]
        if _public_bytes(certificate.public_key()) != _public_bytes(_key(tls.key).public_key()):
            raise RegistrationError("key", "The key is not that of the certificate; take both from the same folder.")
        warnings += _age("The client's certificate", certificate, now)
    return tuple(warnings)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise RegistrationError("tls_dir", f"{path} is larger than {MOST_BYTES // 1024} KiB; that is no PEM file.")
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise RegistrationError("tls_dir", f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise RegistrationError("tls_dir", f"{path} is not PEM text; convert it with openssl.") from None


def _certificates(field: str, text: str) -> list[x509.Certificate]:
    try:
        found = x509.load_pem_x509_certificates(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        found = []
    if not found:
        word = "CA" if field == "ca" else "client's certificate"
        raise RegistrationError(field, f"The {word} is not a certificate in PEM (-----BEGIN CERTIFICATE-----).")
    return found


def _key(text: str) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(text.encode(), password=None)
    except TypeError:
        raise RegistrationError(
            "key", "The key is encrypted with a passphrase; write it out without one: openssl pkey -in key.pem"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise RegistrationError("key", "The key is not a private key in PEM (-----BEGIN PRIVATE KEY-----).") from None


def _public_bytes(key: object) -> bytes:
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return bytes(key.public_bytes(serialization.Encoding.DER, spki))  # type: ignore[attr-defined]


def _age(what: str, certificate: x509.Certificate, now: datetime) -> list[str]:
    if certificate.not_valid_after_utc <= now:
        return [f"{what} expired on {certificate.not_valid_after_utc:%Y-%m-%d}; the engine will refuse it."]
    if certificate.not_valid_before_utc > now:
        return [f"{what} is not valid before {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC."]
    return []
