"""Every address of the site, in the order a visitor and then a machine meets them."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from dashboard.health import healthz, readyz
from dashboard.metrics import metrics

# Here and not when the apps are loaded: see INSTALLED_APPS.
admin.autodiscover()

handler500 = "dashboard.broken.broken"
EMBLEM = static("loadline/emblem.svg")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("dashboard.pages.urls")),
    path("accounts/login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    # Asked for by browsers on pages that name no icon, such as the admin's.
    path("favicon.ico", login_not_required(RedirectView.as_view(url=EMBLEM))),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("", include("dashboard.api.site")),
]
