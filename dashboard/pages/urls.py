"""The addresses of the pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboard.pages.style import style

urlpatterns: list[URLPattern] = [
    path("style/", style, name="style"),
]
