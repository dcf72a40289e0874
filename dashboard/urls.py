"""Every address of the site, in the order a visitor and then a machine meets them."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, include, path

from dashboard.health import healthz, readyz
from dashboard.metrics import metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("", include("dashboard.api.site")),
]
if find_spec("dashboard.pages.urls"):
    urlpatterns.insert(0, path("", include("dashboard.pages.urls")))
