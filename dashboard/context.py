"""The context processor that gives every page its shell."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from dashboard.pages import shell as around


def shell_context(request: HttpRequest) -> dict[str, Any]:
    """Lazy, so that a fragment or an error page that draws no shell asks the database nothing."""
    return {"shell": SimpleLazyObject(lambda: around.shell(request))}
