"""OpenSSL's words turned into which certificate is wrong, how, and what to do about it."""

from __future__ import annotations

import ssl

from fleet.transport.errors import BadCertificate, CertificateRefused, TlsFailed, TransportError, quoted

# Numbers of X509_verify_cert_error, https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/
_NOT_YET_VALID, _EXPIRED = 9, 10
_UNKNOWN_AUTHORITY = frozenset({2, 18, 19, 20, 21})
_WRONG_NAME = frozenset({62, 64})
# Alerts by which the other side says that it does not like our certificate, or misses one.
_REFUSALS = ("CERTIFICATE_REQUIRED", "BAD_CERTIFICATE", "ALERT_UNKNOWN_CA", "CERTIFICATE_UNKNOWN", "ACCESS_DENIED")
_EXPIRED_ALERTS = ("CERTIFICATE_EXPIRED", "CERTIFICATE_REVOKED", "UNSUPPORTED_CERTIFICATE")
_NOT_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNEXPECTED_MESSAGE", "HTTP_REQUEST", "PACKET_LENGTH")


def explain_tls(error: ssl.SSLError, address: str) -> TransportError:
    """The typed error for a failed handshake, or for an alert that came later."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _explain_verification(error, address)
    reason = error.reason or ""
    if any(word in reason for word in _REFUSALS + _EXPIRED_ALERTS):
        return CertificateRefused(
            f"{address} refused Loadline's client certificate ({_words(reason)}). Register one that the engine's "
            f"authority (its --tlscacert) signed for client use and that has not expired."
        )
    if any(word in reason for word in _NOT_TLS):
        return TlsFailed(
            f"{address} does not speak TLS ({_words(reason)}). Use the engine's TLS port, usually 2376, "
            f"or register it without certificates."
        )
    return TlsFailed(
        f"{address} broke off the TLS handshake ({_words(reason) or quoted(str(error), 120)}). "
        f"See that the client certificate that it asks for is registered, and that it speaks TLS 1.2 or later."
    )


def _explain_verification(error: ssl.SSLCertVerificationError, address: str) -> BadCertificate:
    code = error.verify_code
    if code == _EXPIRED:
        return BadCertificate(f"The certificate of {address} has expired. Issue a new one on the engine's host.")
    if code == _NOT_YET_VALID:
        return BadCertificate(
            f"The certificate of {address} is not valid yet. Compare the clocks of both machines, or issue a new one."
        )
    if code in _UNKNOWN_AUTHORITY:
        return BadCertificate(
            f"The certificate of {address} was not signed by the registered authority "
            f"({quoted(error.verify_message, 80)}). Register the ca.pem that signed it."
        )
    if code in _WRONG_NAME:
        return BadCertificate(
            f"The certificate of {address} was issued for another name ({quoted(error.verify_message, 120)}). "
            f"Use the name that it was issued for, or issue one with this name among its subjectAltNames."
        )
    return BadCertificate(
        f"The certificate of {address} does not verify ({quoted(error.verify_message, 120)}). Issue a new one."
    )


def _words(reason: str) -> str:
    return reason.lower().replace("_", " ")
