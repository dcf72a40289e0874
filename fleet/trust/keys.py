"""Public keys, and what was signed with them."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from fleet.trust.errors import Malformed, UnusableKey

if TYPE_CHECKING:
    Public = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey

_LEAST_RSA_BITS = 2048
_LONGEST = 64 * 1024  # of what an admin pastes
#: What is said of a private key, wherever one was entered.
PRIVATE = (
    "this is a private key; nothing of it was kept, but it has left its owner's hands, so count it as burnt: "
    "let the publisher make a new pair, stop trusting this one, and enter the new public key"
)
_CURVES: dict[str, type[hashes.HashAlgorithm]] = {
    "secp256r1": hashes.SHA256,
    "secp384r1": hashes.SHA384,
    "secp521r1": hashes.SHA512,
}


@dataclass(frozen=True)
class PublicKey:
    """One key by its SubjectPublicKeyInfo (DER), which is what is compared: a certificate around it changes nothing."""

    spki: bytes

    @classmethod
    def of(cls, public: object) -> PublicKey:
        """Raises UnusableKey for a kind, a curve or a length that no signature is taken from."""
        if isinstance(public, ec.EllipticCurvePublicKey):
            if public.curve.name not in _CURVES:
                raise UnusableKey(f"keys on {public.curve.name} are not used: P-256, P-384 or P-521")
        elif isinstance(public, rsa.RSAPublicKey):
            if public.key_size < _LEAST_RSA_BITS:
                raise UnusableKey(f"an RSA key of {public.key_size} bits is too short: {_LEAST_RSA_BITS} at least")
        elif not isinstance(public, ed25519.Ed25519PublicKey):
            raise UnusableKey(f"keys of this kind are not used: {type(public).__name__.lstrip('_')}")
        der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return cls(der)

    @classmethod
    def from_der(cls, der: bytes) -> PublicKey:
        try:
            return cls.of(serialization.load_der_public_key(der))
        except (ValueError, UnsupportedAlgorithm, TypeError) as error:
            raise UnusableKey("it is no public key in DER") from error

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the SPKI, in hexadecimal: what two people compare over the telephone."""
        return hashlib.sha256(self.spki).hexdigest()

    @cached_property
    def public(self) -> Public:
        return serialization.load_der_public_key(self.spki)  # type: ignore[return-value]  # checked in `of`

    @property
    def kind(self) -> str:
        """`ECDSA P-256`, `RSA 3072`, `Ed25519`."""
        public = self.public
        if isinstance(public, ec.EllipticCurvePublicKey):
            return f"ECDSA P-{public.curve.key_size}"
        return f"RSA {public.key_size}" if isinstance(public, rsa.RSAPublicKey) else "Ed25519"

    # Each of these answers whether the signature is good; it never raises for a bad one.

    def signed_der(self, signature: bytes, message: bytes) -> bool:
        """As cosign signs: ECDSA in DER over SHA-256 or the hash of the curve, PKCS#1 v1.5 over SHA-256, Ed25519."""
        public = self.public
        if isinstance(public, ec.EllipticCurvePublicKey):
            algorithms = {hashes.SHA256, _CURVES[public.curve.name]}
            return any(_holds(lambda a=a: public.verify(signature, message, ec.ECDSA(a()))) for a in algorithms)  # type: ignore[misc]
        if isinstance(public, rsa.RSAPublicKey):
            return _holds(lambda: public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256()))
        return _holds(lambda: public.verify(signature, message))

    def signed_raw(self, signature: bytes, message: bytes, algorithm: type[hashes.HashAlgorithm] | None = None) -> bool:
        """ECDSA as r||s of fixed length, over SHA-256 where no other hash is asked for. DER is refused."""
        public = self.public
        if not isinstance(public, ec.EllipticCurvePublicKey):
            return False
        half = (public.curve.key_size + 7) // 8
        if len(signature) != 2 * half:
            return False
        r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
        der = encode_dss_signature(r, s)
        return _holds(lambda: public.verify(der, message, ec.ECDSA((algorithm or hashes.SHA256)())))

    def signed_pss(self, signature: bytes, message: bytes, algorithm: type[hashes.HashAlgorithm]) -> bool:
        """RSASSA-PSS with a salt as long as the hash."""
        public = self.public
        if not isinstance(public, rsa.RSAPublicKey):
            return False
        scheme = padding.PSS(padding.MGF1(algorithm()), algorithm().digest_size)
        return _holds(lambda: public.verify(signature, message, scheme, algorithm()))

    def signed_pkcs1(self, signature: bytes, message: bytes) -> bool:
        public = self.public
        if not isinstance(public, rsa.RSAPublicKey):
            return False
        return _holds(lambda: public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256()))

    def signed_ed25519(self, signature: bytes, message: bytes) -> bool:
        public = self.public
        return isinstance(public, ed25519.Ed25519PublicKey) and _holds(lambda: public.verify(signature, message))


def _holds(verify: Callable[[], None]) -> bool:
    try:
        verify()
    except (InvalidSignature, ValueError):
        return False
    return True


def read_public(text: str) -> tuple[PublicKey, ...]:
    """Every public key and certificate in what an admin pasted, in its order, none twice.

    Raises UnusableKey, and its message never holds what was pasted: somebody may have taken the wrong file.
    """
    _check_paste(text)
    found: list[PublicKey] = []
    for label, block in _blocks(text):
        if label == "PUBLIC KEY":
            found.append(PublicKey.from_der(block))
        elif label == "CERTIFICATE":
            found.append(PublicKey.of(certificate(block).public_key()))
        else:
            raise UnusableKey(f"a block {label[:40]!r} is neither PUBLIC KEY nor CERTIFICATE")
    if not found:
        raise UnusableKey("there is no PEM block: it begins with -----BEGIN PUBLIC KEY----- or CERTIFICATE")
    return tuple(dict.fromkeys(found))


def read_certificates(text: str) -> tuple[bytes, ...]:
    """Every certificate in what an admin pasted, as DER, none twice. Raises UnusableKey, as `read_public` does."""
    _check_paste(text)
    found: list[bytes] = []
    for label, block in _blocks(text):
        if label != "CERTIFICATE":
            raise UnusableKey(f"a block {label[:40]!r} is no CERTIFICATE")
        PublicKey.of(certificate(block).public_key())
        found.append(block)
    if not found:
        raise UnusableKey("there is no PEM block: it begins with -----BEGIN CERTIFICATE-----")
    return tuple(dict.fromkeys(found))


def to_pem(label: str, der: bytes) -> str:
    """`label` is PUBLIC KEY or CERTIFICATE."""
    lines = base64.b64encode(der).decode()
    body = "\n".join(lines[at : at + 64] for at in range(0, len(lines), 64))
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"


def _check_paste(text: str) -> None:
    if len(text) > _LONGEST:
        raise UnusableKey("it is too long for public keys")
    if is_private(text):
        raise UnusableKey(PRIVATE)


def is_private(text: str) -> bool:
    """Whether a private key stands anywhere in it, in any of the spellings that say so."""
    return "PRIVATE KEY" in text.upper()


def certificate(der: bytes) -> x509.Certificate:
    """Raises UnusableKey."""
    try:
        found = x509.load_der_x509_certificate(der)
        found.public_key()
    except (ValueError, UnsupportedAlgorithm, TypeError) as error:
        raise UnusableKey("it is no certificate that can be read") from error
    return found


def _blocks(text: str) -> list[tuple[str, bytes]]:
    """(label, DER) of each PEM block. By lines, as a pattern over text from elsewhere may take for ever."""
    found: list[tuple[str, bytes]] = []
    label = ""
    lines: list[str] = []
    for line in (one.strip() for one in text.splitlines()):
        if line.startswith("-----BEGIN ") and line.endswith("-----"):
            label, lines = line[11:-5], []
        elif line.startswith("-----END ") and line.endswith("-----"):
            if line[9:-5] != label:
                raise UnusableKey("a PEM block ends as another than it began")
            found.append((label, _decoded("".join(lines))))
            label = ""
        elif label:
            lines.append(line)
    if label:
        raise UnusableKey("a PEM block has no end")
    return found


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnusableKey("a PEM block is not in base64") from error


def read_pem_certificate(text: bytes) -> PublicKey:
    """The key in a PEM certificate, the first of several. Raises UnusableKey."""
    try:
        found = _blocks(text.decode("ascii"))
    except UnicodeDecodeError as error:
        raise UnusableKey("it is no certificate that can be read") from error
    if not found or found[0][0] != "CERTIFICATE":
        raise UnusableKey("it is no certificate that can be read")
    return PublicKey.of(certificate(found[0][1]).public_key())


def from_base64(text: object, what: str) -> bytes:
    """Raises Malformed."""
    if not isinstance(text, str):
        raise Malformed(f"{what} is no text")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed(f"{what} is not in base64") from error
