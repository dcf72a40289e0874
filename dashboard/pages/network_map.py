"""The map of networks and doors, and its table."""

from __future__ import annotations

import tablib
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard.charts.map_words import EXPOSURES, list_of
from dashboard.counted import counts_of
from dashboard.lists import PER_PAGE
from dashboard.network_map import Map, map_of
from dashboard.sheets import harmless


def network_map(request: HttpRequest) -> HttpResponse:
    found = map_of(counts_of(request).ask("map"), request.GET.dict())
    if request.GET.get("format") == "csv":
        return _as_csv(found)
    page = Paginator(found.rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "network_map/map.html", {"map": found, "page": page})


def _as_csv(found: Map) -> HttpResponse:
    heads = ("Where", "Service", "Team", "Services", "Networks", "Door", "Doors", "Containers", "Hosts")
    sheet = tablib.Dataset(headers=heads)
    for row in found.rows:
        chip = row.chip
        nets = list_of([f"{rail.net.name} ({rail.note})" for rail in row.networks])
        told = (row.compartment.title, chip.label, chip.team, chip.services, nets, EXPOSURES[row.exposure], row.doors)
        sheet.append([harmless(value) for value in (*told, chip.containers, chip.hosts or "")])
    response = HttpResponse(sheet.export("csv"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="map.csv"'
    return response
