"""Bearer tokens: the API's only sign-in, because a session's cookie would be sent along by other people's pages too."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from auditlog.context import auditlog_value
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from dashboard.api.errors import ApiError
from fleet.models import ApiToken
from fleet.models.token import ROLES

_RANK: Final = {role: rank for rank, (role, _) in enumerate(ROLES)}
# How exactly "last used" is known; writing it at every request would make each read a write.
_NOTED_EVERY: Final = timedelta(minutes=1)


class BearerToken(HttpBearer):
    """Lets tokens of that role or a higher one through: 401 without a valid token, 403 with one of a lower role."""

    def __init__(self, role: str) -> None:
        self.role = role
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = ApiToken.objects.valid(token.strip()).first()
        if found is None:
            return None
        if _RANK[found.role] < _RANK[self.role]:
            raise ApiError(403, "forbidden", f"This needs a token of the role {self.role}; yours has {found.role}.")
        _refuse_zero_bytes(request)
        _note_use(found, timezone.now())
        _sign_audit_trail(found)
        return found


def token_of(request: HttpRequest) -> ApiToken:
    """The one that the request came with."""
    token: ApiToken = getattr(request, "auth")  # noqa: B009 - annotated; set by BearerToken
    return token


def signed_by(request: HttpRequest) -> str:
    """Who did it, as lists of what people did say it."""
    return f"the token {token_of(request).name}"[:150]


def _refuse_zero_bytes(request: HttpRequest) -> None:
    """PostgreSQL fails on one where SQLite finds nothing."""
    for name, values in request.GET.lists():
        if any("\x00" in text for text in (name, *values)):
            clean = name.replace("\x00", "")
            raise ApiError(422, "invalid", f"{clean}: a zero byte is in no name", field=clean)


def _note_use(token: ApiToken, now: datetime) -> None:
    if token.last_used_at is None or token.last_used_at <= now - _NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _sign_audit_trail(token: ApiToken) -> None:
    """Entries written during this request name the token; the middleware opened the context and closes it."""
    context = auditlog_value.get(None)
    if context is not None:
        context["additional_data"] = {"token": token.name, "hint": token.hint}
