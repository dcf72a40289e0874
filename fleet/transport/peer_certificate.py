"""A look at the certificate that a peer shows, whether it verifies or not: for telling an admin what is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509

from fleet.transport.endpoint import TlsMaterial
from fleet.transport.errors import quoted
from fleet.transport.sockets import MeteredSocket
from fleet.transport.tls import context_for, secure


@dataclass(frozen=True, slots=True)
class Seen:
    """What a certificate says of itself, which proves nothing yet."""

    subject: str
    issuer: str
    names: str
    until: str

    def __str__(self) -> str:
        names = f" for {self.names}" if self.names else ""
        return f"It was issued to {self.subject}{names} by {self.issuer} and is valid until {self.until}."


def look(sock: MeteredSocket, *, name: str, material: TlsMaterial | None) -> Seen | None:
    """Shake hands without verifying, read the certificate and hang up before a single byte is asked for."""
    context = context_for(material, verify=False)
    with secure(sock, name=name, context=context) as secured:
        encoded = secured.getpeercert(binary_form=True)
    return _read(encoded) if encoded else None


def read_pem(text: str) -> Seen | None:
    """What our own certificate says, from its PEM text."""
    try:
        return _describe(x509.load_pem_x509_certificate(text.encode()))
    except (ValueError, TypeError, x509.InvalidVersion):
        return None


def _read(encoded: bytes) -> Seen | None:
    try:
        return _describe(x509.load_der_x509_certificate(encoded))
    except (ValueError, TypeError, x509.InvalidVersion):
        return None


def _describe(certificate: x509.Certificate) -> Seen:
    return Seen(
        subject=quoted(certificate.subject.rfc4514_string(), 100) or "nobody",
        issuer=quoted(certificate.issuer.rfc4514_string(), 100) or "nobody",
        names=quoted(_names(certificate), 200),
        until=f"{certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC",
    )


def _names(certificate: x509.Certificate) -> str:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ""
    named = extension.get_values_for_type(x509.DNSName)
    return ", ".join([*named, *map(str, extension.get_values_for_type(x509.IPAddress))])
