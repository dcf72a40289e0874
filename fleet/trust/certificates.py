"""Whether a signer's certificate leads to one that an admin pinned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509 import ExtendedKeyUsage, KeyUsage
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from fleet.trust.errors import UnusableKey
from fleet.trust.keys import certificate


@dataclass(frozen=True, slots=True)
class Trusted:
    """`expired`: it would have been good while its certificates were valid. `until`: when the first of them ends."""

    good: bool
    expired: bool = False
    until: datetime | None = None


def leads_to(
    leaf: x509.Certificate, between: Sequence[x509.Certificate], store: Sequence[bytes], now: datetime
) -> Trusted:
    """Up to a pinned certificate (DER), through those that came along; a pinned leaf is its own end."""
    try:
        pinned = [certificate(der) for der in store]
    except UnusableKey:
        return Trusted(good=False)
    if not pinned or not _may_sign(leaf):
        return Trusted(good=False)
    chain = _chain(leaf, between, pinned, now)
    if chain is not None:
        return Trusted(good=True, until=min(one.not_valid_after_utc for one in chain))
    if leaf.not_valid_after_utc <= now or any(one.not_valid_after_utc <= now for one in (*between, *pinned)):
        then = min(one.not_valid_after_utc for one in (leaf, *between))
        begin = max(one.not_valid_before_utc for one in (leaf, *between))
        middle = begin + (then - begin) / 2
        return Trusted(good=False, expired=_chain(leaf, between, pinned, middle) is not None)
    return Trusted(good=False)


def _chain(
    leaf: x509.Certificate, between: Sequence[x509.Certificate], pinned: Sequence[x509.Certificate], at: datetime
) -> Sequence[x509.Certificate] | None:
    if leaf in pinned:
        return [leaf] if leaf.not_valid_before_utc <= at < leaf.not_valid_after_utc else None
    # Not the policy of the web: certificates that sign code have no host names.
    builder = PolicyBuilder().store(Store(list(pinned))).time(at)
    builder = builder.extension_policies(ca_policy=_authorities(), ee_policy=ExtensionPolicy.permit_all())
    try:
        return builder.build_client_verifier().verify(leaf, list(between)).chain
    except VerificationError:
        return None


def _authorities() -> ExtensionPolicy:
    def is_authority(_policy: Policy, _certificate: x509.Certificate, value: x509.BasicConstraints) -> None:
        if not value.ca:
            raise ValueError("not an authority")

    return ExtensionPolicy.permit_all().require_present(x509.BasicConstraints, Criticality.AGNOSTIC, is_authority)


def _may_sign(leaf: x509.Certificate) -> bool:
    """Whether it is there to sign code: digitalSignature, and codeSigning where it names purposes at all."""
    try:
        if not leaf.extensions.get_extension_for_class(KeyUsage).value.digital_signature:
            return False
    except (x509.ExtensionNotFound, ValueError):
        return False
    try:
        purposes = leaf.extensions.get_extension_for_class(ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    except ValueError:
        return False
    return ExtendedKeyUsageOID.CODE_SIGNING in purposes
