"""The addresses of the pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboard.pages.adoption import adoption
from dashboard.pages.overview import overview
from dashboard.pages.services import service, services
from dashboard.pages.style import style

urlpatterns: list[URLPattern] = [
    path("", overview, name="overview"),
    path("adoption/", adoption, name="adoption"),
    path("services/", services, name="services"),
    path("services/<slug:slug>/", service, name="service"),
    path("style/", style, name="style"),
]
