"""Registries that may be asked: no other one ever is."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from dashboard.queueing import ask_for_trust_trial
from dashboard.roles import admin_required
from dashboard.trust_forms import RegistryForm
from dashboard.trust_shown import is_overdue, tabs, trail_of
from fleet.models import ImageRegistry, TrustTrial
from fleet.models.trust_trial import REGISTRY
from fleet.proving import (
    ProvingError,
    add_registry,
    begin_registry_trial,
    change_registry,
    latest,
    remove_registry,
)
from fleet.trust.terms import read


def trust_registries(request: HttpRequest) -> HttpResponse:
    rows = ImageRegistry.objects.all()
    missing = sorted(_named_by_roots() - {row.host for row in rows})
    context = {"tabs": tabs("registries"), "registries": rows, "missing": missing}
    return render(request, "trust_registries/list.html", context)


def _named_by_roots() -> set[str]:
    """Registries for which an enabled root speaks: of what is in them nothing is known until they are registered."""
    speaking = (one for one in latest() if one.root.enabled)
    return {scope.partition("/")[0] for one in speaking for scope in read(one.document).scopes}


def trust_registry(request: HttpRequest, host: str) -> HttpResponse:
    """How it is registered, who speaks for what is in it, and what came of the last try."""
    row = _found(host)
    trial = TrustTrial.objects.filter(kind=REGISTRY, about=host).first()
    speaking = [
        (one.root.name, [scope for scope in read(one.document).scopes if scope.startswith(f"{host}/")])
        for one in latest()
        if one.root.enabled
    ]
    context = {
        "tabs": tabs("registries"),
        "registry": row,
        "trial": trial,
        "overdue": trial is not None and is_overdue(trial, timezone.now()),
        "speaking": [(name, scopes) for name, scopes in speaking if scopes],
        "trail": trail_of(row, "registry"),
    }
    return render(request, "trust_registries/detail.html", context)


@sensitive_post_parameters()
@admin_required
def add_trust_registry(request: HttpRequest) -> HttpResponse:
    form = RegistryForm(request.POST or None, initial={"host": request.GET.get("host", "")[:255]})
    if request.method == "POST" and form.is_valid():
        try:
            made = add_registry(form.cleaned_data["host"].strip(), form.terms(), now=timezone.now())
        except ProvingError as error:
            form.refuse(error)
        else:
            return _tried(request, made, "is registered")
    return render(request, "trust_registries/form.html", {"form": form, "registry": None})


@sensitive_post_parameters()
@admin_required
def edit_trust_registry(request: HttpRequest, host: str) -> HttpResponse:
    row = _found(host)
    form = RegistryForm(request.POST or None, row=row, initial=RegistryForm.initial_of(row))
    if request.method == "POST" and form.is_valid():
        try:
            change_registry(host, form.terms(), now=timezone.now())
        except ProvingError as error:
            form.refuse(error)
        else:
            return _tried(request, row, "is stored")
    return render(request, "trust_registries/form.html", {"form": form, "registry": row})


@admin_required
def remove_trust_registry(request: HttpRequest, host: str) -> HttpResponse:
    row = _found(host)
    if request.method == "POST":
        remove_registry(row.host)
        messages.success(request, f"{host} is not asked any more.")
        return redirect("trust-registries")
    return render(request, "trust_registries/remove.html", {"registry": row})


@require_POST
@admin_required
def try_trust_registry(request: HttpRequest, host: str) -> HttpResponse:
    return _tried(request, _found(host), "")


def _tried(request: HttpRequest, row: ImageRegistry, said: str) -> HttpResponse:
    """Begins a try, and leads to the page on which it is followed."""
    by = request.user if isinstance(request.user, User) else None
    trial = begin_registry_trial(row.host, by=by, now=timezone.now())
    is_asked = ask_for_trust_trial(trial)
    if not is_asked:
        trial.delete()
        messages.warning(request, f"{row.host} {said or 'waits'}, but the queue does not answer: try it later.")
    elif said:
        messages.success(request, f"{row.host} {said}; it is being tried now.")
    return redirect("trust-registry", row.host)


def _found(host: str) -> ImageRegistry:
    if not host.isprintable():
        raise Http404
    return get_object_or_404(ImageRegistry, host=host)
