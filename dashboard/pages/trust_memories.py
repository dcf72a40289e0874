"""Forgetting what was seen of a repository's signed tags: says what one loses, and asks why."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from dashboard.roles import admin_required
from dashboard.trust_forms import ForgetForm
from dashboard.trust_shown import memory_rows
from fleet.models import TrustMemory
from fleet.proving import ProvingError, forget_memory
from fleet.proving.memories import LOSES


@admin_required
def forget_trust_memory(request: HttpRequest, name: str) -> HttpResponse:
    """`?repository=` names it; without, the publisher's page has the choice."""
    repository = request.GET.get("repository", "")
    if not repository:
        return redirect("trust-root", name)
    if not name.isprintable() or not repository.isprintable():
        raise Http404
    kept = get_object_or_404(TrustMemory.objects.select_related("root"), root__name=name, repository=repository)
    form = ForgetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            forget_memory(name, repository, reason=form.cleaned_data["reason"], now=timezone.now())
        except ProvingError as error:
            form.refuse(error)
        else:
            messages.success(request, f"Forgotten of {repository}. It is looked at anew within minutes.")
            return redirect("trust-root", name)
    context = {"memory": memory_rows([kept])[0], "root": kept.root, "loses": LOSES, "form": form}
    return render(request, "trust_memories/forget.html", context)
