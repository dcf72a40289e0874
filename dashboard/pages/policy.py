"""The policy: what is in force, who adopted it, and what another one would change before anybody adopts it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard.policy_forms import PolicyForm
from dashboard.policy_preview import preview_of
from dashboard.queueing import ask_for_preview, ask_for_sweep
from dashboard.roles import admin_required
from fleet.governance.policy import (
    PolicyError,
    adopt_previewed,
    differences,
    draft,
    in_force,
    read,
    schema,
    to_yaml,
)
from fleet.lookup import row_key
from fleet.models import Host, PolicyVersion
from fleet.reference import current_tables


def policy(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    current = in_force()
    tables = current_tables()
    context = {
        "yaml": to_yaml(current.policy),
        "version": current.version,
        "policy": current.policy,
        "versions": PolicyVersion.objects.adopted()[:20],
        "drafts": PolicyVersion.objects.drafts()[:5],
        "tables": [(name, tables.table(name), tables.table(name).age(now.date())) for name in tables.__struct_fields__],
        "stale": tables.stale(now.date()),
    }
    return render(request, "policy/policy.html", context)


@admin_required
def edit_policy(request: HttpRequest) -> HttpResponse:
    """The document as YAML, from the one in force, an older version or a file; a valid one becomes a draft."""
    start = PolicyVersion.objects.filter(pk=row_key(request.GET.get("from"))).first()
    current = in_force()
    initial = {"yaml": to_yaml(read(start.document) if start else current.policy)}
    form = PolicyForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        user = request.user if isinstance(request.user, User) else None
        name, note = request.user.get_username(), form.cleaned_data["note"]
        made = draft(form.cleaned_data["policy"], author=user, name=name, note=note, now=timezone.now())
        return _previewed(made)
    return render(request, "policy/edit.html", {"form": form, "version": current.version})


def _previewed(version: PolicyVersion) -> HttpResponse:
    """Asks for the preview and leads to the page that follows it; without a queue it can be tried again there."""
    if not ask_for_preview(version):
        told = {"error": "the queue does not answer."}
        PolicyVersion.objects.filter(pk=version.pk).update(preview_state="failed", preview=told)
    return redirect("policy-draft", version.pk)


@require_POST
@admin_required
def preview_policy(request: HttpRequest, pk: int) -> HttpResponse:
    """Works it out again: after a failure, or when another policy came into force meanwhile."""
    found = get_object_or_404(PolicyVersion.objects.drafts(), pk=pk)
    PolicyVersion.objects.filter(pk=pk).update(preview_state="", preview={"at": timezone.now().isoformat()})
    return _previewed(found)


def draft_policy(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft with what it would change, or a version that was adopted."""
    found = get_object_or_404(PolicyVersion, pk=pk)
    context = {
        "version": found,
        "yaml": to_yaml(read(found.document)),
        "preview": preview_of(found, timezone.now()),
        "differences": [] if found.adopted_at else differences(in_force().policy, read(found.document)),
        "in_force": in_force().version == found.pk,
    }
    return render(request, "policy/version.html", context)


@require_POST
@admin_required
def adopt_policy(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(PolicyVersion, pk=pk)
    try:
        adopt_previewed(found, now=timezone.now())
    except PolicyError as error:
        messages.error(request, str(error))
        return redirect("policy-draft", pk)
    hosts = list(Host.objects.filter(enabled=True).values_list("pk", flat=True))
    ask_for_sweep(hosts, now=timezone.now())
    messages.success(request, "Adopted. Every host is judged by it at its next sweep, which was asked for just now.")
    return redirect("policy")


def export_policy(request: HttpRequest, pk: int) -> HttpResponse:
    """The version as a file; 0 is the policy in force, adopted or not."""
    found = read(get_object_or_404(PolicyVersion, pk=pk).document) if pk else in_force().policy
    answer = HttpResponse(to_yaml(found), content_type="application/yaml")
    answer["Content-Disposition"] = f'attachment; filename="loadline-policy-{pk or "current"}.yaml"'
    return answer


def policy_schema(request: HttpRequest) -> HttpResponse:
    return JsonResponse(schema())
