"""How long pages take, by name, as this process measured them since it started."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Histogram, disable_created_metrics

# The moment each series began is a series of its own otherwise: twice as many lines that nobody asked for.
disable_created_metrics()  # type: ignore[no-untyped-call]

#: One to a process. Several gunicorn workers behind one address answer /metrics in turn, each with its own times.
registry = CollectorRegistry(auto_describe=False)
SECONDS: Final = Histogram(
    "loadline_page_seconds",
    "Time to answer, by the name of the page; of this process since it started.",
    ["page"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=registry,
)


class PageTimes:
    """Stands behind whatever serves static files, which are no pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self._get_response(request)
        SECONDS.labels(page_name(request)).observe(time.perf_counter() - began)
        return response


def page_name(request: HttpRequest) -> str:
    """The name in `urls.py`, never the address: strangers choose addresses, and each would be a series for ever."""
    match = request.resolver_match
    if match is None:
        return "none"  # not found, or answered by a middleware
    return "admin" if match.app_name == "admin" else match.url_name or "unnamed"
