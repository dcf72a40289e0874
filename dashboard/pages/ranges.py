"""Address ranges of one host: where they run into others, and what room is left on its networks."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard.door_words import ranges_of, reach_of_host
from fleet.models import Host


def ranges(request: HttpRequest, name: str) -> HttpResponse:
    if not Host.objects.filter(name=name).exists():
        raise Http404(f"No host is called {name}.")
    return render(request, "ranges/ranges.html", {"name": name, "ranges": ranges_of(name), **reach_of_host(name)})
