"""A page that is asked for again when nothing on it changed: 304, and nothing is drawn."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import parse_etags

from dashboard.disk import disk_full
from dashboard.roles import role_of
from dashboard.version import LOADLINE

#: Sent by refresh.js, whose page lets its ages go on ticking by themselves. Whoever reads a page without scripts would
#: see "12 s ago" for ever, and so gets it drawn anew.
REFRESH: Final = "X-Loadline-Refresh"


def tag_of(request: HttpRequest, *rests_on: Any) -> str:
    """An ETag of everything that a page shows: who looks, at which address, and what it `rests_on`."""
    person = (request.user.pk, role_of(request.user), request.user.get_username())
    said = repr((LOADLINE, person, request.get_full_path(), disk_full(), rests_on))
    return f'"{hashlib.blake2b(said.encode(), digest_size=12).hexdigest()}"'


def not_modified(request: HttpRequest, tag: str) -> HttpResponse | None:
    """The answer to a page's own script that has this very state already; None when the page has to be drawn."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if REFRESH not in request.headers or tag not in known:
        return None
    return tagged(HttpResponseNotModified(), tag)


def tagged(response: HttpResponse, tag: str) -> HttpResponse:
    """May be kept by the reader's own browser, which asks each time whether it still holds."""
    response["ETag"] = tag
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie"])
    return response
