"""Evidence packs: made for a service, a team or the fleet, kept as they were, and handed out in five forms."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard.evidence import findings_csv, sections
from dashboard.roles import operator_required
from dashboard.words import counted
from fleet.evidence import AlteredPackError, document_of, make_pack, verify
from fleet.evidence.packing import NothingToProveError
from fleet.evidence.paper import as_pdf
from fleet.evidence.sarif import as_sarif
from fleet.models import EvidencePack, Service

_BEHIND = "{} in it had not been judged by the policy in force yet. Make a new one after the next sweep."
_TYPES = {
    "pdf": "application/pdf",
    "json": "application/json",
    "csv": "text/csv",
    "sarif": "application/sarif+json",
}


def evidence(request: HttpRequest) -> HttpResponse:
    services = Service.objects.in_catalogue().filter(containers_total__gt=0)
    context = {
        "packs": EvidencePack.objects.defer("document")[:100],
        "services": services.order_by("name").values_list("slug", "name"),
        "teams": services.exclude(team="").order_by("team").values_list("team", flat=True).distinct(),
    }
    return render(request, "evidence/list.html", context)


@require_POST
@operator_required
def make_evidence(request: HttpRequest) -> HttpResponse:
    """`of` is `fleet`, `service:slug` or `team:name`."""
    scope, _, name = request.POST.get("of", "fleet").partition(":")
    if scope not in {"fleet", "service", "team"}:
        raise Http404
    user = request.user if isinstance(request.user, User) else None
    try:
        made = make_pack(scope=scope, name=name, by=user, maker=request.user.get_username(), now=timezone.now())
    except NothingToProveError as error:
        messages.error(request, str(error))
        return redirect("evidence")
    if behind := made.summary["behind"]:
        messages.warning(request, f"The pack is made, but {_BEHIND.format(counted(behind, 'host'))}")
    else:
        messages.success(request, "The pack is made and will stay as it is.")
    return redirect("evidence-pack", made.pk)


def _opened(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Gives the view the pack and its document; a pack that is not what was made is not shown in any form."""

    @wraps(view)
    def opened(request: HttpRequest, pk: int, **more: Any) -> HttpResponse:
        found = get_object_or_404(EvidencePack, pk=pk)
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
        body: Any = as_pdf(document, digest=pack.digest)
    elif kind == "csv":
        body = findings_csv(document)
    else:
        body = json.dumps(as_sarif(document) if kind == "sarif" else document, indent=1, ensure_ascii=False)
    answer = HttpResponse(body, content_type=_TYPES[kind])
    name = f"loadline-{pack.scope}-{pack.made_at:%Y%m%d-%H%M}.{kind}"
    answer["Content-Disposition"] = f'{"inline" if kind == "pdf" else "attachment"}; filename="{name}"'
    return answer
