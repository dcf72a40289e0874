"""Mappings: which containers belong to which service, tried out on the whole fleet before they are in force."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from dashboard.catalogue_forms import MappingForm
from dashboard.counted import counts_of
from dashboard.lists import PER_PAGE
from dashboard.mapping_preview import begin, preview_of
from dashboard.pages.catalogue import catalogue_tabs
from dashboard.queueing import ask_for_renaming
from dashboard.roles import admin_required
from fleet.catalogue import CatalogueError, adopt, draft, move, renaming_under_way, take_away
from fleet.lookup import row_key
from fleet.models import ServiceMapping
from fleet.models.mapping import TERMS


def mappings(request: HttpRequest) -> HttpResponse:
    context = {
        "tabs": catalogue_tabs(request, "mappings"),
        "mappings": ServiceMapping.objects.in_force(),
        "drafts": ServiceMapping.objects.drafts()[:10],
        "renaming": renaming_under_way(),
    }
    return render(request, "catalogue/mappings.html", context)


@admin_required
def add_mapping(request: HttpRequest) -> HttpResponse:
    """The form, empty, prefilled from the address, or with a mapping that is to be changed; it makes a draft."""
    old = ServiceMapping.objects.filter(pk=row_key(request.GET.get("from"))).first()
    given = {name: value for name in (*TERMS, "note") if (value := request.GET.get(name, ""))}
    form = MappingForm(request.POST or None, initial=MappingForm.initial_of(old) if old else given)
    if request.method == "POST" and form.is_valid():
        by, note = request.user.get_username(), form.cleaned_data["note"]
        try:
            made = draft(form.terms(), by=by, note=note, now=timezone.now(), replaces=_replaced(old))
        except CatalogueError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return _previewed(made)
    return render(request, "catalogue/mapping_form.html", {"form": form, "old": old})


def _replaced(old: ServiceMapping | None) -> ServiceMapping | None:
    """A draft that is written anew follows what the first one was to follow."""
    if old is None or old.position is not None or old.replaces is None:
        return old
    return ServiceMapping.objects.in_force().filter(pk=old.replaces).first()


def _previewed(made: ServiceMapping) -> HttpResponse:
    """Asks for the preview and leads to the page that follows it."""
    begin(made, timezone.now())
    return redirect("catalogue-mapping", made.pk)


def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft with what it would catch, or a mapping in force with what was known when it was put in force."""
    found = get_object_or_404(ServiceMapping, pk=pk)
    context = {
        "mapping": found,
        "preview": preview_of(found, timezone.now()),
        "replaced": ServiceMapping.objects.filter(pk=found.replaces).first() if found.replaces else None,
        "renaming": renaming_under_way(),
    }
    return render(request, "catalogue/mapping.html", context)


@require_POST
@admin_required
def decide_mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """What the buttons of a mapping do: adopt, preview, up, down or remove."""
    found = get_object_or_404(ServiceMapping, pk=pk)
    act, now = request.POST.get("act", ""), timezone.now()
    if act == "preview" and found.position is None:
        return _previewed(found)
    if act == "adopt":
        try:
            adopt(found, now=now)
        except CatalogueError as error:
            messages.error(request, str(error))
            return redirect("catalogue-mapping", pk)
    elif act in {"up", "down"}:
        move(found, up=act == "up", now=now)
    elif act == "remove":
        take_away(found, now=now)
    ask_for_renaming()
    messages.success(
        request, "Stored. Containers are named by it from now on; those that are there already within seconds."
    )
    return redirect("catalogue-mappings")


def unmapped(request: HttpRequest) -> HttpResponse:
    """Services that only an image or a container names, each with a mapping to begin with."""
    tabs = catalogue_tabs(request, "unmapped")
    told = counts_of(request).unmapped
    q = request.GET.get("q", "").strip().lower()
    rows = [row for row in told["rows"] if q in row["name"].lower() or q in row["container"].lower()]
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    for row in page.object_list:
        row["url"] = f"{reverse('catalogue-mapping-add')}?{urlencode(row['fields'])}"
    context = {"tabs": tabs, "told": told, "page": page, "q": q, "kept": len(told["rows"])}
    return render(request, "catalogue/unmapped.html", context)
