"""Sealing of host credentials at rest, with keys that can be rotated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class UnsealError(Exception):
    """None of the sealing keys opens what is stored."""


def _box() -> MultiFernet:
    from cryptography.fernet import Fernet, MultiFernet  # not where no host has credentials

    keys: list[str] = list(getattr(settings, "LOADLINE_SEALING_KEYS", ()))
    if not keys:
        raise ImproperlyConfigured("LOADLINE_SEALING_KEYS is empty; host credentials cannot be stored without a key")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured("LOADLINE_SEALING_KEYS has a key that is not 32 url-safe base64 bytes") from error


def seal(text: str | None) -> str:
    """The sealed text; the empty string for nothing. The first key seals."""
    return _box().encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str | None:
    """What was sealed, None for nothing. Raises UnsealError when every key fails."""
    if not sealed:
        return None
    from cryptography.fernet import InvalidToken

    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise UnsealError(
            "The host's credentials were sealed with a key that LOADLINE_SEALING_KEYS no longer holds; "
            "add the old key again or enter the credentials anew."
        ) from error


def reseal(sealed: str) -> str:
    """The same text under the first key, for rotation."""
    return _box().rotate(sealed.encode()).decode() if sealed else ""
