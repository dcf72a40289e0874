"""Waivers: asked for by one person, approved by another, ended by a date; and the audit of all of them."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard.lists import PER_PAGE
from dashboard.queueing import ask_for_sweep
from dashboard.roles import is_operator, operator_required
from dashboard.waiver_forms import AskForm, NoteForm, WithdrawForm
from dashboard.waivers import HEADINGS, headings, one_heading, waiver_facts
from fleet.governance.auditing import audit
from fleet.governance.waivers import (
    Person,
    Target,
    WaiverError,
    approve,
    longest,
    reject,
    target_of,
    withdraw,
)
from fleet.governance.waivers import request as request_waiver
from fleet.models import Container, Finding, Waiver
from fleet.readiness.catalogue import by_slug


def person(request: HttpRequest) -> Person:
    """Who is signed in."""
    user = request.user
    return Person(user.get_username(), user if isinstance(user, User) else None)


def waivers(request: HttpRequest) -> HttpResponse:
    """Each heading with its first waivers; `?heading=in_use` has all of one, in pages."""
    now = timezone.now()
    found, asked = audit(now), request.GET.get("heading", "")
    chosen = getattr(found, asked) if asked in HEADINGS else ()
    if not chosen:
        return render(request, "waivers/list.html", {"headings": headings(found, now)})
    page = Paginator(chosen, PER_PAGE).get_page(request.GET.get("page"))
    context = {"headings": one_heading(found, asked, list(page), now), "page": page, "alone": True}
    return render(request, "waivers/list.html", context)


@operator_required
def ask_waiver(request: HttpRequest, finding: int) -> HttpResponse:
    """The form; what it is about is worked out anew when it comes back, since things may have changed meanwhile."""
    now = timezone.now()
    found = Finding.objects.with_subjects().filter(pk=finding).first()
    if found is None:
        messages.error(request, "What you ask about does not fail any more, or is gone; there is nothing to accept.")
        return redirect("findings")
    try:
        target = target_of(found)
        days = longest(target.severity)
        form = AskForm(request.POST or None, latest=(now + timedelta(days=days)).date(), days=days)
        if request.method == "POST" and form.is_valid():
            return _asked(request, form, target)
    except WaiverError as error:
        messages.error(request, str(error))
        return redirect("rule", found.rule)
    context = {"form": form, "target": target, "rule": by_slug().get(found.rule), "findings": target.findings[:20]}
    return render(request, "waivers/ask.html", context)


def _asked(request: HttpRequest, form: AskForm, target: Target) -> HttpResponse:
    try:
        made = request_waiver(target, form.ask(), person=person(request), now=timezone.now())
    except WaiverError as error:
        form.add_error(error.field or None, str(error))
        context = {"form": form, "target": target, "rule": by_slug().get(target.rule), "findings": target.findings[:20]}
        return render(request, "waivers/ask.html", context)
    messages.success(request, "The waiver was asked for. It counts once somebody else has approved it.")
    return redirect("waiver", made.pk)


def waiver(request: HttpRequest, pk: int) -> HttpResponse:
    """One waiver; a POST approves it."""
    found = get_object_or_404(Waiver.objects.for_lists(), pk=pk)
    form = NoteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and not is_operator(request.user):
        raise PermissionDenied
    if form.is_valid():
        try:
            found = approve(found, person=person(request), note=form.cleaned_data["note"], now=timezone.now())
        except WaiverError as error:
            messages.error(request, str(error))
        else:
            _sweep_again(found)
            messages.success(request, _APPROVED[found.state])
        return redirect("waiver", pk)
    forms = {"form": form, "withdrawal": WithdrawForm(auto_id="id_withdraw_%s")}
    context = {"waiver": found, **forms, **waiver_facts(found, now=timezone.now(), user=request.user)}
    return render(request, "waivers/detail.html", context)


_APPROVED = {
    "active": "Approved. It counts from the next sweep of its hosts on, which was asked for just now.",
    "requested": "Approved by you; one more person has to.",
}


@require_POST
@operator_required
def end_waiver(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Waiver, pk=pk)
    act = reject if "reject" in request.POST else withdraw
    try:
        found = act(found, person=person(request), note=request.POST.get("note", "")[:2000], now=timezone.now())
    except WaiverError as error:
        messages.error(request, str(error))
    else:
        _sweep_again(found)
        messages.success(request, f"The waiver is {found.get_state_display().lower()}.")
    return redirect("waiver", pk)


def _sweep_again(found: Waiver) -> None:
    """So that the decision shows within seconds; without a queue it shows with the next sweep."""
    hosts = {found.host_id} if found.host_id else set()
    if found.service_id:
        hosts |= set(Container.objects.present().filter(service=found.service_id).values_list("host", flat=True))
    ask_for_sweep([pk for pk in hosts if pk is not None], now=timezone.now())
