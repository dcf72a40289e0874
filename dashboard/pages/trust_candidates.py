"""Candidates: root keys that a Notary server shows, which count only once somebody knew their fingerprints already."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from dashboard.queueing import ask_for_trust_trial
from dashboard.roles import admin_required
from dashboard.trust_forms import ConfirmForm, FetchForm
from dashboard.trust_shown import KeyShown, is_overdue, keys_of
from fleet.models import TrustRoot, TrustTrial
from fleet.models.trust_trial import CANDIDATE
from fleet.proving import ProvingError, begin_candidate, confirm_candidate
from fleet.trust.roots import Kind
from fleet.trust.terms import Terms, read


@sensitive_post_parameters()
@admin_required
def fetch_candidate(request: HttpRequest) -> HttpResponse:
    """`?root=` asks the server of a root that is registered; without it the address is entered here."""
    root, terms = _root(request.GET.get("root", ""))
    initial = {"repository": request.GET.get("repository", "")[:255]}
    form = FetchForm(request.POST or None, has_server=root is not None, initial=initial)
    if request.method == "POST" and form.is_valid():
        begun = _begun(request, form, root)
        if begun is not None:
            return redirect("trust-candidate", begun.pk)
    return render(request, "trust_candidates/fetch.html", {"form": form, "root": root, "terms": terms})


def _begun(request: HttpRequest, form: FetchForm, root: TrustRoot | None) -> TrustTrial | None:
    """None where the form has an error by now."""
    by = request.user if isinstance(request.user, User) else None
    repository = form.cleaned_data["repository"].strip()
    try:
        trial = begin_candidate(repository, server=form.server_told(), root=root, by=by, now=timezone.now())
    except ProvingError as error:
        form.refuse(error)
        return None
    if not ask_for_trust_trial(trial):
        messages.warning(request, "The queue does not answer, so the server cannot be asked now.")
    return trial


@sensitive_post_parameters()
@admin_required
def trust_candidate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the server shows beside what is pinned; the rest of each fingerprint has to be known."""
    trial = get_object_or_404(TrustTrial.objects.select_related("root"), pk=pk, kind=CANDIDATE)
    pinned = _pinned(trial)
    known = {one.fingerprint for one in pinned}
    shown = [KeyShown(one["kind"], one["fingerprint"]) for one in trial.found.get("keys", ())]
    new = [one for one in shown if one.fingerprint not in known]
    form = ConfirmForm(request.POST or None, fingerprints=[one.fingerprint for one in new])
    if request.method == "POST" and form.is_valid():
        try:
            confirm_candidate(trial, form.said())
        except ProvingError as error:
            form.refuse(error)
        else:
            return redirect(_onward(trial))
    context = {
        "trial": trial,
        "overdue": is_overdue(trial, timezone.now()),
        "pinned": pinned,
        "same": [one for one in shown if one.fingerprint in known],
        "new": list(zip(new, list(form), strict=True)),
        "form": form,
    }
    return render(request, "trust_candidates/candidate.html", context)


def _onward(trial: TrustTrial) -> str:
    """To the form in which the confirmed keys stand, and from there to the preview, as any others."""
    page = reverse("trust-root-edit", args=[trial.root.name]) if trial.root else reverse("trust-root-add")
    return f"{page}?candidate={trial.pk}"


def _pinned(trial: TrustTrial) -> tuple[KeyShown, ...]:
    last = trial.root.versions.first() if trial.root else None
    return keys_of(read(last.document)) if last else ()


def _root(name: str) -> tuple[TrustRoot | None, Terms | None]:
    if not name:
        return None, None
    root = TrustRoot.objects.filter(name=name).first() if name.isprintable() else None
    last = root.versions.first() if root else None
    terms = read(last.document) if last else None
    if terms is None or terms.kind is not Kind.NOTARY:
        raise Http404
    return root, terms
