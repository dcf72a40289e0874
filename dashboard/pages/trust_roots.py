"""Trust roots: the publishers whose signatures count, as versions that stay; each new one is shown before it counts."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from dashboard.queueing import ask_for_root_preview
from dashboard.roles import admin_required, is_admin
from dashboard.trust_forms import AdoptForm, RootForm, server_initial
from dashboard.trust_shown import (
    KINDS,
    keys_of,
    memory_rows,
    preview_of,
    root_rows,
    tabs,
    terms_facts,
    trail_of,
    version_rows,
)
from fleet.models import TrustDraft, TrustRoot, TrustRootVersion, TrustTrial
from fleet.proving import (
    ProvingError,
    adopt_draft,
    confirmed_material,
    draft_root,
    enable_root,
    latest,
)
from fleet.trust.differing import differences, new_keys
from fleet.trust.roots import Kind
from fleet.trust.terms import Server, Terms, read

_VERSIONS = 30
_SOME = 50


def trust_roots(request: HttpRequest) -> HttpResponse:
    drafts = TrustDraft.objects.select_related("root")[:10] if is_admin(request.user) else ()
    context = {"tabs": tabs("roots"), "roots": root_rows(latest()), "drafts": drafts, "kinds": KINDS}
    return render(request, "trust_roots/list.html", context)


def trust_root(request: HttpRequest, name: str) -> HttpResponse:
    """What counts now, and every version with what it changed; `?from=1&to=2` compares any two."""
    root = _found(name)
    page = max(1, _number(request.GET.get("page", "")))
    begin = (page - 1) * _VERSIONS
    versions = list(root.versions.all()[begin : begin + _VERSIONS + 1])
    if not versions:
        raise Http404
    compared = _compared(root, request.GET.get("from", ""), request.GET.get("to", ""))
    context = {**_root_shown(root, versions, page), "tabs": tabs("roots"), "compared": compared}
    return render(request, "trust_roots/detail.html", context)


def _root_shown(root: TrustRoot, versions: Sequence[TrustRootVersion], page: int) -> dict[str, object]:
    """`versions` are those of that page and the one before them."""
    last = versions[0] if page == 1 else root.versions.all()[0]
    terms = read(last.document)
    is_notary = terms.kind is Kind.NOTARY
    return {
        "root": root,
        "last": last,
        "notary": is_notary,
        "keys": keys_of(terms),
        "facts": terms_facts(terms),
        "versions": version_rows(versions),
        "older": page + 1 if len(versions) > _VERSIONS else 0,
        "newer": page - 1,
        "memories": memory_rows(root.memories.order_by("repository")[:_SOME]) if is_notary else (),
        "trail": trail_of(root, "publisher"),
    }


def _compared(root: TrustRoot, before: str, after: str) -> dict[str, object] | None:
    """Two versions beside each other, where the address names two that there are."""
    wanted = {_number(before), _number(after)} - {0}
    if not wanted:
        return None
    found = {one.number: one for one in root.versions.filter(number__in=wanted)}
    old, new = found.get(_number(before)), found.get(_number(after))
    if old is None or new is None:
        return {"missing": True}
    return {"old": old, "new": new, "differences": differences(read(old.document), read(new.document))}


@sensitive_post_parameters()
@admin_required
def add_trust_root(request: HttpRequest) -> HttpResponse:
    """`?kind=notary` decides which fields there are; `?candidate=` brings keys that were confirmed."""
    trial = _candidate(request)
    kind = Kind.NOTARY if trial else _kind(request.GET.get("kind", ""))
    draft = None if trial else _draft(request)
    kind = read(draft.document).kind if draft else kind
    initial = _of_candidate(trial) if trial else _of_draft(draft)
    form = RootForm(request.POST or None, request.FILES or None, kind=kind, is_new=True, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = _drafted(request, form, form.cleaned_data["name"], None)
        if made is not None:
            return redirect("trust-root-draft", made.pk)
    kinds = [(one.value, word) for one, (word, _) in KINDS.items()]
    context = {"form": form, "kinds": kinds, "kind": kind.value, "about": KINDS[kind][1], "candidate": trial}
    return render(request, "trust_roots/form.html", context)


@sensitive_post_parameters()
@admin_required
def edit_trust_root(request: HttpRequest, name: str) -> HttpResponse:
    """`?from=2` begins from an older version, `?candidate=` with keys that were confirmed, `?draft=` from a draft."""
    root = _found(name)
    terms = _begun(request, root)
    trial = _candidate(request, root)
    initial = {**RootForm.initial_of(terms), **({"material": confirmed_material(trial)} if trial else {})}
    form = RootForm(request.POST or None, request.FILES or None, kind=terms.kind, is_new=False, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = _drafted(request, form, root.name, root)
        if made is not None:
            return redirect("trust-root-draft", made.pk)
    context = {"form": form, "root": root, "about": KINDS[terms.kind][1], "candidate": trial}
    return render(request, "trust_roots/form.html", context)


def _drafted(request: HttpRequest, form: RootForm, name: str, root: TrustRoot | None) -> TrustDraft | None:
    """None where the form has an error by now."""
    user = request.user
    try:
        made = draft_root(
            name,
            form.terms(),
            root=root,
            author=user if isinstance(user, User) else None,
            author_name=user.get_username(),
            now=timezone.now(),
        )
    except ProvingError as error:
        form.refuse(error)
        return None
    _ask(made)
    return made


def _ask(draft: TrustDraft) -> None:
    """For the preview; without a queue the page says so and offers to ask again."""
    is_asked = ask_for_root_preview(draft)
    if not is_asked:
        TrustDraft.objects.filter(pk=draft.pk).update(preview_state="failed")


@admin_required
def draft_trust_root(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The step before a version: whose keys these are, what changes, for what it would speak."""
    draft = get_object_or_404(TrustDraft.objects.select_related("root"), pk=pk)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act == "forget":
        draft.delete()
        return redirect("trust-roots")
    if act == "preview":
        TrustDraft.objects.filter(pk=pk).update(preview_state="", preview={}, asked_at=timezone.now())
        _ask(draft)
        return redirect("trust-root-draft", pk)
    last = draft.root.versions.first() if draft.root else None
    form = AdoptForm(request.POST if act == "adopt" else None)
    if not new_keys(read(last.document) if last else None, read(draft.document)):
        del form.fields["compared"]
    if act == "adopt" and form.is_valid():
        return _adopted(request, draft)
    return render(request, "trust_roots/draft.html", _draft_shown(draft, last, form))


def _draft_shown(draft: TrustDraft, last: TrustRootVersion | None, form: AdoptForm) -> dict[str, object]:
    terms = read(draft.document)
    before = read(last.document) if last else None
    return {
        "draft": draft,
        "last": last,
        "outdated": last is not None and last.number != draft.based_on,
        "keys": keys_of(terms, before, marked=True),
        "facts": terms_facts(terms),
        "kind": terms.kind.value,
        "differences": differences(before, terms) if before else (),
        "preview": preview_of(draft, timezone.now()),
        "form": form,
    }


def _adopted(request: HttpRequest, draft: TrustDraft) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    try:
        made = adopt_draft(draft, author=user, author_name=request.user.get_username(), now=timezone.now())
    except ProvingError as error:
        messages.error(request, str(error))
        return redirect("trust-root-draft", draft.pk)
    messages.success(request, f"In force: {made}. What it speaks for is looked at within minutes.")
    return redirect("trust-root", made.root.name)


@admin_required
def switch_trust_root(request: HttpRequest, name: str, *, enabled: bool) -> HttpResponse:
    root = _found(name)
    if request.method == "POST":
        enable_root(root.name, enabled=enabled)
        said = "speaks for its scope again" if enabled else "speaks for nothing any more"
        messages.success(request, f"{root.name} {said}.")
        return redirect("trust-root", root.name)
    return render(request, "trust_roots/switch.html", {"root": root, "enabled": enabled})


def _found(name: str) -> TrustRoot:
    """Also for what is no text that a database takes."""
    if not name.isprintable():
        raise Http404
    return get_object_or_404(TrustRoot, name=name)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 9 else 0  # noqa: PLR2004 - what a column holds


def _kind(text: str) -> Kind:
    return next((one for one in KINDS if one.value == text), Kind.COSIGN)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _candidate(request: HttpRequest, root: TrustRoot | None = None) -> TrustTrial | None:
    """One of which keys were confirmed, for that root or for none yet."""
    pk = _uuid(request.GET.get("candidate", ""))
    trial = TrustTrial.objects.filter(pk=pk, root=root).first() if pk else None
    return trial if trial and trial.confirmed else None


def _draft(request: HttpRequest) -> TrustDraft | None:
    """One of a root that is not registered yet."""
    pk = _uuid(request.GET.get("draft", ""))
    return TrustDraft.objects.filter(pk=pk, root=None).first() if pk else None


def _of_draft(draft: TrustDraft | None) -> dict[str, object]:
    return {"name": draft.name, **RootForm.initial_of(read(draft.document))} if draft else {}


def _of_candidate(trial: TrustTrial) -> dict[str, object]:
    return {
        "scopes": trial.about,
        "material": confirmed_material(trial),
        **server_initial(Server(**trial.server)),
    }


def _begun(request: HttpRequest, root: TrustRoot) -> Terms:
    """What the form of an edit begins from."""
    pk = _uuid(request.GET.get("draft", ""))
    draft = root.drafts.filter(pk=pk).first() if pk else None
    if draft is not None:
        return read(draft.document)
    number = _number(request.GET.get("from", ""))
    older = root.versions.filter(number=number).first() if number else None
    version = older or root.versions.first()
    if version is None:
        raise Http404
    return read(version.document)
