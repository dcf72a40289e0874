"""API tokens: issued once, revoked for good."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from fleet.models import ApiToken

LONGEST_NAME: Final = 100


class TokenError(Exception):
    """One sentence on what to do instead."""


def issue_token(name: str, *, role: str, now: datetime) -> str:
    """The new token's secret, which nobody can read again."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise TokenError(f"A token's name has 1 to {LONGEST_NAME} printable characters.")
    old = ApiToken.objects.filter(name=name).first()
    if old is not None:
        state = "was revoked" if old.revoked_at else "exists"
        raise TokenError(f"A token named {name} {state}; choose another name, so that the audit trail stays clear.")
    _, secret = ApiToken.objects.issue(name=name, role=role, now=now)
    return secret


def revoke_token(name: str, *, now: datetime) -> None:
    """The row stays, because the audit trail names it."""
    token = ApiToken.objects.filter(name=name).first()
    if token is None:
        known = ", ".join(ApiToken.objects.filter(revoked_at__isnull=True).values_list("name", flat=True)) or "none"
        raise TokenError(f"There is no token named {name}; there are: {known}.")
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
