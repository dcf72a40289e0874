"""How is Loadline doing: one page for admins on whether the watch itself is kept."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.doing import CARRIES, FAILED_URL, OVERDUE_URL, TEN, Doing, troubles
from dashboard.queue_depth import depths
from dashboard.roles import admin_required
from dashboard.version import LOADLINE
from fleet.governance.policy import in_force
from fleet.models import SignOfLife
from fleet.readiness import catalogue
from fleet.reference import current_tables
from fleet.watching import Sweeps, last_sweeps, store


@require_safe
@admin_required
def doing(request: HttpRequest) -> HttpResponse:
    now, tables = timezone.now(), current_tables()
    found = Doing(
        now=now,
        sweeps=last_sweeps(now),
        signs=list(SignOfLife.objects.all()),
        waiting=depths(),
        store=store(),
        stale_tables=tables.stale(now.date()),
    )
    context = {
        "doing": found,
        "troubles": troubles(found),
        "overdue": found.sweeps.overdue[:TEN],
        "slowest": found.sweeps.slowest[:TEN],
        **_durations(found.sweeps),
        "queues": [(name, CARRIES[name], waiting) for name, waiting in (found.waiting or {}).items()],
        "overdue_total": len(found.sweeps.overdue),
        "overdue_url": OVERDUE_URL,
        "failed_url": FAILED_URL,
        "versions": _versions(tables.version),
    }
    return render(request, "doing/doing.html", context)


def _durations(sweeps: Sweeps) -> dict[str, object]:
    return {
        "half": sweeps.seconds(0.5),
        "usual": f"{sweeps.seconds(0.95) or 0:.2f} s",
        "longest": sweeps.seconds(1),
    }


def _versions(tables: str) -> list[tuple[str, str, str]]:
    """(what, its version, the page behind it)."""
    policy = in_force().version
    return [
        ("Loadline", LOADLINE, ""),
        ("Rules", catalogue.version(), "/rules/"),
        ("Policy", f"version {policy}" if policy else "what Loadline begins with", "/policy/"),
        ("Tables", tables, "/policy/"),
    ]
