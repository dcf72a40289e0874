"""The living style page: every component with sample values, for whoever builds or changes a page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

import django_filters
import django_tables2 as tables
from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString

from dashboard.charts.bar import Segment, verdict_segments
from dashboard.charts.cells import Cell, CellGroup
from dashboard.pages.shell import Freshness
from dashboard.roles import is_admin
from dashboard.templatetags.marks import pillar_strip, verdict
from dashboard.words import PILLARS, SEVERITIES, STAGES, VERDICTS
from fleet.readiness.vocabulary import Stage, Verdict

ENVIRONMENTS: Final = [("", "All"), ("production", "Production"), ("staging", "Staging"), ("test", "Test")]
COMPOSE: Final = "services:\n  checkout:\n    healthcheck:\n      test: curl -f http://localhost/\n      interval: 30s"
_R, _A, _N, _U = Verdict.READY, Verdict.AT_RISK, Verdict.NOT_READY, Verdict.UNKNOWN
SERVICES: Final[list[dict[str, Any]]] = [
    {"name": name, "team": team, "verdict": worst, "pillars": dict(zip(PILLARS, pillars, strict=True)), "containers": n}
    for name, team, worst, pillars, n in (
        ("checkout", "payments", _R, (_R, _R, _R, _R, _R, _R), 12),
        ("ledger-db", "payments", _N, (_R, _N, _R, _R, _A, _R), 3),
        ("search-api", "discovery", _A, (_R, _R, _A, _R, _A, _R), 24),
        ("mailer", "growth", _U, (_R, _R, _U, _R, _R, _R), 2),
    )
]


class ServiceTable(tables.Table):  # type: ignore[misc]
    name = tables.Column(verbose_name="Service", linkify=lambda: "#service", attrs={"th": {"class": "name"}})
    team = tables.Column()
    verdict = tables.Column()
    pillars = tables.Column(orderable=False)
    containers = tables.Column(attrs={"cell": {"class": "num"}})

    class Meta:
        template_name = "components/table.html"

    def render_verdict(self, value: str) -> SafeString:
        return verdict(value)

    def render_pillars(self, value: dict[str, str]) -> SafeString:
        return pillar_strip(value)


class ServiceFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(label="Name")
    team = django_filters.ChoiceFilter(choices=[("payments", "payments"), ("growth", "growth")], label="Team")
    verdict = django_filters.ChoiceFilter(choices=list(VERDICTS.items()), label="Verdict")


class HostForm(forms.Form):
    name = forms.CharField(help_text="What people call it.")
    url = forms.CharField(label="Engine", help_text="unix://, tcp://, https:// or ssh://")
    team = forms.CharField(required=False)
    watch = forms.BooleanField(label="Sweep this host", required=False)

    def clean_url(self) -> str:
        raise forms.ValidationError("Port 2375 speaks without TLS. Use tcp://…:2376 with a certificate.")


def style(request: HttpRequest) -> HttpResponse:
    if not (settings.DEBUG or is_admin(request.user)):
        raise PermissionDenied
    table = ServiceTable(SERVICES * 3, request=request)
    tables.RequestConfig(request, paginate={"per_page": 4}).configure(table)
    form = HostForm({"name": "prod-01", "url": "tcp://10.0.0.1:2375"})
    now = timezone.now()
    context = {
        "table": table,
        "filterset": ServiceFilter(request.GET, queryset=User.objects.none()),
        "form": form,
        "environments": ENVIRONMENTS,
        "verdicts": list(VERDICTS),
        "severities": list(SEVERITIES),
        "freshness": [_freshness(state, seconds, now) for state, seconds in _AGES.items()],
        "pillars": list(_pillars()),
        "stages": _stages(),
        "groups": _groups(),
        "fixes": list(_fixes()),
        "services": SERVICES,
        "facts": {"HostConfig.Memory": 0, "State.Health": None, "Image": "registry.internal/checkout:2.4"},
        "compose": COMPOSE,
        "image": "sha256:ab12cd34ef56ab78cd90ef12ab34cd56ef78ab90cd12ef34ab56cd78ef90ab12",
        "long_ago": now - timedelta(hours=5),
        "tab_items": [
            ("Findings", "#findings", True, 9),
            ("Containers", "#containers", False, 12),
            ("Facts", "#f", False),
        ],
        "trend": [52, 54, None, 57, 61, 60, 62],
    }
    return render(request, "style/style.html", context)


_AGES: Final = {"fresh": 14, "late": 95, "stale": 900, "never": 0}


def _freshness(state: str, seconds: int, now: Any) -> Freshness:
    return Freshness(state=state, swept_at=now - timedelta(seconds=seconds), answering=212, hosts=214)


def _pillars() -> Iterable[dict[str, Any]]:
    shares = ((45, 8, 4, 1), (37, 12, 8, 1), (24, 10, 17, 7), (53, 3, 1, 1), (33, 14, 10, 1), (40, 11, 6, 1))
    for label, (ready, risk, not_ready, unknown) in zip(PILLARS.values(), shares, strict=True):
        counts = {"ready": ready, "at-risk": risk, "not-ready": not_ready, "unknown": unknown}
        history = [ready - 4, ready - 4, ready - 2, ready + (3 if label == "State" else -1), ready]
        yield {"label": label, "segments": verdict_segments(counts), "share": ready * 100 // 58, "history": history}


def _fixes() -> Iterable[dict[str, Any]]:
    rows = (
        ("Declare a health check", "no-health-check", "34 places", "8 services", "+8 services"),
        ("Move state off the container’s writable layer", "state-in-writable-layer", "5 places", "4 services", ""),
    )
    for rank, (title, slug, places, held, gain) in enumerate(rows, start=1):
        yield {
            "rank": rank,
            "title": title,
            "url": "#rule",
            "slug": slug,
            "places": places,
            "held": held,
            "held_url": "#services",
            "gain": gain,
        }


def _stages() -> list[Segment]:
    counts = {Stage.NONE: 31, Stage.EXPERIMENT: 26, Stage.STAGING: 33, Stage.PRODUCTION: 58}
    return [
        Segment(tone=f"stage-{stage}", label=word, count=counts[stage], url="#adoption")
        for stage, word in STAGES.items()
    ]


_EXCEPTIONS: Final = {4: _A, 9: _N, 15: _A, 26: _A, 30: _U, 48: _N, 71: _A}
_SILENT: Final = 50


def _groups() -> list[CellGroup]:
    def cell(environment: str, number: int) -> Cell:
        silent = number == _SILENT
        return Cell(
            name=f"{environment}-{number:02}",
            verdict=_U if silent else _EXCEPTIONS.get(number, _R),
            url="#host",
            note="no answer for 4 min" if silent else "",
            quiet=silent,
        )

    return [
        CellGroup(label=label, note=f"{n} hosts", url="#hosts", cells=[cell(label.lower(), i) for i in range(n)])
        for label, n in (("Production", 96), ("Staging", 64), ("Test", 54))
    ]
