"""The page for what Loadline itself cannot do: a database that is away or cannot write is said, not called a defect."""

from __future__ import annotations

import sys

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.views.defaults import server_error

#: Exactly these: a lost connection may be a bare DatabaseError, and what derives from it otherwise is a defect of ours.
_AWAY = (DatabaseError, InterfaceError, OperationalError)
#: What SQLite says when no byte more can be written.
_FULL = ("disk is full", "disk I/O error")


def broken(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`; asks the database nothing, and repeats none of its words: they may hold its address."""
    error = sys.exc_info()[1]
    if type(error) not in _AWAY:
        return server_error(request)
    page = loader.render_to_string("503.html", {"full": any(words in str(error) for words in _FULL)})
    return HttpResponse(page, status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"})
