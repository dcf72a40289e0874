"""Registering hosts: by a form with a connection test, from a CSV with a preview; changing and removing them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard.host_forms import HostForm, ImportForm, RemoveForm
from dashboard.queueing import ask_for_trial
from dashboard.roles import admin_required
from fleet.models import Host, Trial
from fleet.registration import (
    RegistrationError,
    SheetError,
    begin_trial,
    entry_of,
    import_hosts,
    read_rows,
    remove,
    settle_trial,
)


@admin_required
def add_host(request: HttpRequest) -> HttpResponse:
    return _host_form(request, host=None)


@admin_required
def edit_host(request: HttpRequest, name: str) -> HttpResponse:
    return _host_form(request, host=get_object_or_404(Host.objects.select_related("environment"), name=name))


def _host_form(request: HttpRequest, *, host: Host | None) -> HttpResponse:
    """Shows the form; when it holds together, begins the connection test and goes to it."""
    initial = HostForm.initial_of(host) if host else _typed_before(request)
    form = HostForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        by = request.user if isinstance(request.user, User) else None
        try:
            trial = begin_trial(form.entry(), by=by, now=timezone.now(), host=host)
        except RegistrationError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            if not ask_for_trial(trial):
                messages.warning(request, "The queue does not answer, so the connection cannot be tested now.")
            return redirect("host-trial", trial.pk)
    return render(request, "hosts/form.html", {"form": form, "host": host})


def _typed_before(request: HttpRequest) -> dict[str, str] | None:
    """What was typed before "Change it" was pressed on a test; credentials have to be chosen again."""
    pk = _uuid(request.GET.get("trial", ""))
    trial = Trial.objects.filter(pk=pk).first() if pk is not None else None
    if trial is None:
        return None
    try:
        entry = entry_of(trial)
    except RegistrationError:
        return None
    return {
        "name": entry.name,
        "url": entry.url,
        "environment": entry.environment,
        "team": entry.team,
        "engine": entry.engine,
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@admin_required
def host_trial(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The connection test: under way, or what came of it, and the button that stores the host."""
    trial = get_object_or_404(Trial.objects.select_related("host"), pk=pk)
    now = timezone.now()
    try:
        entry = entry_of(trial)
    except RegistrationError as error:
        messages.error(request, str(error))
        trial.delete()
        return redirect("host-add")
    if request.method == "POST":
        return _settle(request, trial)
    waited = (now - trial.started_at).total_seconds()
    context = {"trial": trial, "entry": entry, "waited": int(waited), "overdue": waited > _TOO_LONG}
    return render(request, "hosts/trial.html", context)


def _settle(request: HttpRequest, trial: Trial) -> HttpResponse:
    try:
        done = settle_trial(trial, now=timezone.now())
    except RegistrationError as error:
        messages.error(request, str(error))
        return redirect("host-trial", trial.pk)
    for warning in done.warnings:
        messages.warning(request, warning)
    messages.success(request, f"{done.host.name} is registered; its first sweep follows within seconds.")
    return redirect("host", done.host.name)


#: Longer than the test itself may take: then no worker has picked it up.
_TOO_LONG = 30


@admin_required
def remove_host(request: HttpRequest, name: str) -> HttpResponse:
    host = get_object_or_404(Host, name=name)
    form = RemoveForm(request.POST or None, host=host)
    if request.method == "POST" and form.is_valid():
        remove(host, now=timezone.now())
        messages.success(request, f"{name} was removed. The engine itself was not touched.")
        return redirect("hosts")
    return render(request, "hosts/remove.html", {"host": host, "form": form})


@admin_required
def import_page(request: HttpRequest) -> HttpResponse:
    """Upload, preview, confirm: the same code runs for the preview and for the real thing."""
    form = ImportForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        content = form.content()
        confirmed = "confirm" in request.POST
        try:
            report = import_hosts(read_rows(content), now=timezone.now(), dry_run=not confirmed)
        except SheetError as error:
            form.add_error("file", str(error))
        else:
            context |= {"report": report, "text": content.decode("utf-8-sig", errors="replace"), "confirmed": confirmed}
            context["report_title"] = "Imported" if confirmed else "Preview"
    return render(request, "hosts/import.html", context)


@require_POST
@admin_required
def forget_trial(request: HttpRequest, pk: UUID) -> HttpResponse:
    trial = get_object_or_404(Trial, pk=pk)
    trial.delete()
    return redirect("hosts")
