"""The addresses of the pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboard.pages.adoption import adoption
from dashboard.pages.containers import container, containers
from dashboard.pages.hosts import host, hosts, sweep_host, sweep_hosts
from dashboard.pages.overview import overview
from dashboard.pages.pillars import page_for
from dashboard.pages.registering import add_host, edit_host, forget_trial, host_trial, import_page, remove_host
from dashboard.pages.rules import rule, rules
from dashboard.pages.search import search
from dashboard.pages.services import service, services
from dashboard.pages.style import style
from fleet.readiness.vocabulary import PILLARS

urlpatterns: list[URLPattern] = [
    path("", overview, name="overview"),
    path("adoption/", adoption, name="adoption"),
    path("services/", services, name="services"),
    path("services/<slug:slug>/", service, name="service"),
    path("hosts/", hosts, name="hosts"),
    path("hosts/sweep/", sweep_hosts, name="hosts-sweep"),
    path("hosts/add/", add_host, name="host-add"),
    path("hosts/import/", import_page, name="hosts-import"),
    path("hosts/trial/<uuid:pk>/", host_trial, name="host-trial"),
    path("hosts/trial/<uuid:pk>/forget/", forget_trial, name="host-trial-forget"),
    path("hosts/<str:name>/", host, name="host"),
    path("hosts/<str:name>/edit/", edit_host, name="host-edit"),
    path("hosts/<str:name>/remove/", remove_host, name="host-remove"),
    path("hosts/<str:name>/sweep/", sweep_host, name="host-sweep"),
    path("containers/", containers, name="containers"),
    path("containers/<int:pk>/", container, name="container"),
    *(path(f"{pillar.value}/", page_for(pillar), name=pillar.value) for pillar in PILLARS),
    path("search/", search, name="search"),
    path("rules/", rules, name="rules"),
    path("rules/<slug:slug>/", rule, name="rule"),
    path("style/", style, name="style"),
]
