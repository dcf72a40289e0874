"""Who may do what: viewers read, operators also sweep, admins also register hosts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

OPERATORS: Final = "operators"

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponse]


def is_admin(user: User | AnonymousUser) -> bool:
    """An active superuser or staff member."""
    return user.is_active and (user.is_superuser or user.is_staff)


def is_operator(user: User | AnonymousUser) -> bool:
    """An admin, or a member of the group `operators`. Asks the database, so ask once per page."""
    return is_admin(user) or (user.is_active and user.groups.filter(name=OPERATORS).exists())


def role_of(user: User | AnonymousUser) -> str:
    """The word for what the user may do."""
    if is_admin(user):
        return "admin"
    return "operator" if is_operator(user) else "viewer"


def admin_required(page: Page[P]) -> Page[P]:
    """Answers 403 to everybody else; sign-in itself is the middleware's business."""
    return _only(is_admin, page)


def operator_required(page: Page[P]) -> Page[P]:
    """Answers 403 to viewers."""
    return _only(is_operator, page)


def _only(may: Callable[[User | AnonymousUser], bool], page: Page[P]) -> Page[P]:
    @wraps(page)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not may(request.user):
            raise PermissionDenied
        return page(request, *args, **kwargs)

    return guarded
