"""Every page needs a sign-in; this is where the exceptions are named."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict

# The API asks for its own bearer token and answers 401 instead of a redirect.
OWN_SIGN_IN: Final = ("/api/",)


class SignInRequired(LoginRequiredMiddleware):
    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if "\x00" in request.path_info:
            raise Http404  # no name holds one, and PostgreSQL fails on it where SQLite finds nothing
        if request.path_info.startswith(OWN_SIGN_IN):
            return None  # its own validation names the parameter that holds one
        if "%00" in request.META.get("QUERY_STRING", ""):
            request.GET = _without_zero_bytes(request.GET)  # type: ignore[assignment]
        refusal = super().process_view(request, view_func, view_args, view_kwargs)
        if refusal is not None and request.headers.get("HX-Request") == "true":
            # A fragment that came after the session ended would put the sign-in form inside the page.
            return HttpResponse(status=401, headers={"HX-Refresh": "true"})
        return refusal


def _without_zero_bytes(asked: QueryDict) -> QueryDict:
    """What a page was asked, for every filter there is: PostgreSQL fails on a zero byte where SQLite finds nothing."""
    clean = QueryDict(mutable=True, encoding=asked.encoding)
    for name, values in asked.lists():
        clean.setlist(name.replace("\x00", ""), [value.replace("\x00", "") for value in values])
    return clean
