"""Address ranges, of the fleet and of one host: where they run into others, and what room is left."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard.counted import counts_of
from dashboard.door_words import ranges_of, reach_of_host
from fleet.models import Host


def ranges(request: HttpRequest, name: str) -> HttpResponse:
    if not Host.objects.filter(name=name).exists():
        raise Http404(f"No host is called {name}.")
    return render(request, "ranges/ranges.html", {"name": name, "ranges": ranges_of(name), **reach_of_host(name)})


def fleet_ranges(request: HttpRequest) -> HttpResponse:
    """Of every host, as counted: no range is looked at for the page."""
    counts = counts_of(request).ask("ranges")
    return render(request, "ranges/fleet.html", {"told": counts.ranges})
