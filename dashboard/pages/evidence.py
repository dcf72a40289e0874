"""Evidence packs: made for a service, a team or the fleet, kept as they were, and handed out in five forms."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard.counted import counts_of
from dashboard.evidence import findings_csv, sections
from dashboard.queueing import ask_for_pack
from dashboard.roles import operator_required
from fleet.evidence import AlteredPackError, begin_pack, document_of, fill_pack, verify
from fleet.evidence.packing import NothingToProveError
from fleet.evidence.sarif import as_sarif
from fleet.models import EvidencePack, Service
from fleet.models.evidence_pack import MADE, MAKING, WAITING
from fleet.turns import LONG_SECONDS

#: Services to choose from; where there are more, their names can be typed.
_MOST = 300
#: After this long the worker that took it is gone.
_LONGEST = timedelta(minutes=20)
#: A message that no worker took is thrown away by then; one that waits for its turn says so every few seconds.
_NOT_TAKEN = timedelta(seconds=LONG_SECONDS)
_TYPES = {
    "pdf": "application/pdf",
    "json": "application/json",
    "csv": "text/csv",
    "sarif": "application/sarif+json",
}


def evidence(request: HttpRequest) -> HttpResponse:
    counts = counts_of(request)
    services = Service.objects.filter(containers_total__gt=0).order_by("name").values_list("slug", "name")
    context = {
        "packs": EvidencePack.objects.defer("document")[:100],
        "services": services[:_MOST],
        "more": counts.services > _MOST,
        "teams": [team for team in counts.teams("services") if team],
    }
    return render(request, "evidence/list.html", context)


@require_POST
@operator_required
def make_evidence(request: HttpRequest) -> HttpResponse:
    """`of` is `fleet`, `service:slug` or `team:name`; a `service` that was typed goes before it."""
    typed = request.POST.get("service", "").strip()
    scope, _, name = request.POST.get("of", "fleet").partition(":")
    if typed:
        scope, name = "service", Service.objects.filter(name=typed).values_list("slug", flat=True).first() or typed
    if scope not in {"fleet", "service", "team"}:
        raise Http404
    user = request.user if isinstance(request.user, User) else None
    try:
        begun = begin_pack(scope=scope, name=name, by=user, maker=request.user.get_username(), now=timezone.now())
    except NothingToProveError as error:
        messages.error(request, str(error))
        return redirect("evidence")
    if not ask_for_pack(begun):
        fill_pack(begun, now=timezone.now())  # somebody waits a little longer, and has it all the same
    return redirect("evidence-pack", begun.pk)


def _lost(pack: EvidencePack, now: datetime) -> str:
    """Why nobody is at it any more, if so."""
    silence = now - (datetime.fromisoformat(pack.summary["at"]) if "at" in pack.summary else pack.made_at)
    if pack.state == MAKING and silence > _LONGEST:
        return "The worker that was at it has gone."
    return "No worker has begun with it." if pack.state == WAITING and silence > _NOT_TAKEN else ""


def _opened(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Gives the view the pack and its document; a pack that is not what was made is not shown in any form."""

    @wraps(view)
    def opened(request: HttpRequest, pk: int, **more: Any) -> HttpResponse:
        found = get_object_or_404(EvidencePack, pk=pk)
        if found.state != MADE:
            return render(request, "evidence/making.html", {"pack": found, "lost": _lost(found, timezone.now())})
        try:
            document = document_of(found)
        except AlteredPackError as error:
            sentence = f"This pack cannot be shown: {error}. Make a new one, and find out who changed it."
            messages.error(request, sentence)
            return redirect("evidence")
        return view(request, found, document, **more)

    return opened


@_opened
def evidence_pack(request: HttpRequest, pack: EvidencePack, document: dict[str, Any]) -> HttpResponse:
    """The pack as a page that prints; with `?verify=1` its findings are worked out again."""
    context: dict[str, Any] = {
        "pack": pack,
        "document": document,
        "sections": sections(document),
        "files": [(kind.upper(), reverse("evidence-file", args=[pack.pk, kind])) for kind in _TYPES],
        "verified": verify(document) if request.GET.get("verify") else None,
    }
    return render(request, "evidence/pack.html", context)


@_opened
def evidence_file(request: HttpRequest, pack: EvidencePack, document: dict[str, Any], *, kind: str) -> HttpResponse:
    if kind not in _TYPES:
        raise Http404
    if kind == "pdf":
        from fleet.evidence.paper import as_pdf  # what draws on paper takes longer to load than any page

        body: Any = as_pdf(document, digest=pack.digest)
    elif kind == "csv":
        body = findings_csv(document)
    else:
        body = json.dumps(as_sarif(document) if kind == "sarif" else document, indent=1, ensure_ascii=False)
    answer = HttpResponse(body, content_type=_TYPES[kind])
    name = f"loadline-{pack.scope}-{pack.made_at:%Y%m%d-%H%M}.{kind}"
    answer["Content-Disposition"] = f'{"inline" if kind == "pdf" else "attachment"}; filename="{name}"'
    return answer
