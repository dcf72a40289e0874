"""Trust: images by what they prove, and one image with its chain up to whoever registered the key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from dashboard.counted import counts_of
from dashboard.findings import grouped
from dashboard.lists import NO_TEAM, PER_PAGE, Filters, ListTable, address, num, unseen
from dashboard.queueing import ask_for_proof
from dashboard.roles import operator_required
from dashboard.sheets import as_csv
from dashboard.templatetags.pieces import time_ago
from dashboard.templatetags.trust import trust_mark
from dashboard.trust import NO_REGISTRY, commands, image_url, short_digest
from dashboard.trust_chain import chain
from dashboard.trust_lists import Wanted
from dashboard.trust_words import GROUPS, KINDS, REASONS, STATES, proven
from dashboard.words import counted
from fleet.models import Container, TrustResult
from fleet.models.answers import Answers
from fleet.proving import Known, Listed, known
from fleet.proving.image import running
from fleet.readiness.vocabulary import Pillar, Scope
from fleet.trust.names import is_digest
from fleet.turns import LONG_SECONDS

#: Containers of one image that its page shows, and that are read for who runs it; the list has the rest.
MOST, READ = 25, 200
_TEAMS = 3


def _containers(record: Listed) -> str:
    """The list of the containers that run it."""
    return address("containers", named=record.name, **({"image_id": record.image_id} if record.image_id else {}))


class ImageTable(ListTable):
    name = tables.Column(
        verbose_name="Image",
        linkify=lambda record: image_url(record.name, record.image_id) or None,
        attrs={"th": {"class": "name"}},
    )
    state = tables.Column(verbose_name="What is proven", order_by=("rank", "name"))
    root = tables.Column(verbose_name="Trust root", attrs={"td": {"class": "whole"}})
    teams = tables.Column(orderable=False, attrs={"td": {"class": "whole"}})
    containers = tables.Column(attrs=num(), linkify=_containers)
    checked_at = tables.Column(verbose_name="Found out", empty_values=(), orderable=False)

    def render_name(self, value: str) -> SafeString:
        return format_html('<span title="{}">{}</span>', value, short_digest(value))

    def render_state(self, value: str) -> SafeString:
        return trust_mark(value)

    def render_teams(self, record: Listed) -> str:
        names = [team or "no team" for team, _ in record.teams]
        return ", ".join(names[:_TEAMS]) + (f" and {len(names) - _TEAMS} more" if len(names) > _TEAMS else "")

    def value_teams(self, record: Listed) -> str:
        return ", ".join(team for team, _ in record.teams if team)

    def render_checked_at(self, record: Listed) -> SafeString | str:
        if record.checked_at is None:
            return "" if record.state == "no-policy" else "not yet"
        return format_html("{}", time_ago(record.checked_at))


class _Counted(django_filters.ChoiceFilter):  # type: ignore[misc]
    """What there are images of, by the count: `of` names it, `nothing` is (value, word) of those without one."""

    def __init__(self, *args: Any, of: str, nothing: tuple[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._of, self._nothing = of, nothing

    @property
    def field(self) -> forms.Field:
        names = sorted(getattr(counts_of(self.parent.request).trust, self._of))
        self.extra["choices"] = [(name, name) if name else self._nothing for name in names]
        field: forms.Field = super().field
        return field


class ImageFilter(Filters):
    """For the form and its chips; `Wanted` is what narrows."""

    q = django_filters.CharFilter(label="Name or ID")
    state = django_filters.ChoiceFilter(
        label="What is proven", choices=[(state, told.word) for state, told in STATES.items()]
    )
    team = _Counted(label="Team", of="teams", nothing=(NO_TEAM, "No team"))
    registry = _Counted(label="Registry", of="registries", nothing=(NO_REGISTRY, "None in the name"))
    root = unseen(django_filters.CharFilter, label="Trust root")
    group = unseen(
        django_filters.ChoiceFilter, label="Proof", choices=[(key, group.word) for key, group in GROUPS.items()]
    )


@require_safe
def images(request: HttpRequest) -> HttpResponse:
    counts = counts_of(request).ask("trust", "trust images")
    every = counts.trust_images
    filterset = ImageFilter(request.GET, queryset=TrustResult.objects.none(), request=request)
    given = filterset.form.cleaned_data if filterset.is_valid() else None
    chosen = Wanted(**{name: value or "" for name, value in given.items()}).among(every) if given is not None else []
    table = ImageTable(chosen)
    if request.GET.get("format") == "csv":
        tables.RequestConfig(request, paginate=False).configure(table)
        return as_csv(table, "images")
    tables.RequestConfig(request, paginate={"per_page": PER_PAGE, "silent": True}).configure(table)
    context = {
        "table": table,
        "filterset": filterset,
        "count": len(chosen),
        "total": len(every),
        "unlisted": counts.trust.unlisted,
    }
    return render(request, "trust/images.html", context)


@require_safe
def image(request: HttpRequest, image_id: str) -> HttpResponse:
    reference = request.GET.get("name", "").strip()
    if not is_digest(image_id):
        raise Http404
    if not reference:
        return _by_name(request, image_id)
    now = counts_of(request).now
    found, runs = known(reference, image_id, now), running(reference, image_id)
    first = list(runs.with_verdict_now(now).for_lists().order_by("pk")[: READ + 1])
    if not first and not found.said and not found.before:
        raise Http404
    context = {
        **_said(found, first, now),
        **_users(reference, image_id, first),
        "findings": grouped(_findings(first), now=now) if first else None,
        "working": _working(request, found, now),
    }
    return render(request, "trust/image.html", context)


def _users(reference: str, image_id: str, first: Sequence[Container]) -> dict[str, Any]:
    return {
        "containers": first[:MOST],
        "more": len(first) > MOST,
        "containers_url": address("containers", named=reference, image_id=image_id),
        "services": sorted({(one.service.name, one.service.slug) for one in first if one.service}),
    }


def _by_name(request: HttpRequest, image_id: str) -> HttpResponse:
    """The names under which an image runs; each is a question of its own."""
    names = [one.name for one in counts_of(request).ask("trust images").trust_images if one.image_id == image_id]
    if not names:
        raise Http404
    if len(names) == 1:
        return redirect(image_url(names[0], image_id))
    links = [(name, image_url(name, image_id)) for name in names]
    return render(request, "trust/names.html", {"image_id": image_id, "names": links})


def _said(found: Known, first: Sequence[Container], now: datetime) -> dict[str, Any]:
    top = found.shown.result
    by = next((one for one in found.speaking if one.root.name == found.shown.root), None)
    tag = (found.name.tag or "") if found.name else ""
    is_so, is_not = proven(found.state, by.root.kind if by else None, found.shown.root, tag)
    due_at = min((one.result.due_at for one in found.said if one.result), default=None)
    number = counted(len(first), "container") if len(first) <= READ else f"more than {READ} containers"
    return {
        "known": found,
        "short": short_digest(found.called),
        "top": top,
        "tag": found.tag,
        "reason": REASONS.get(top.reason, "") if top and top.state == found.state else "",
        "chain": chain(found, number),
        "is_so": is_so,
        "is_not": is_not,
        "by_root": [(one, STATES[one.state.value]) for one in found.said] if len(found.said) > 1 else [],
        "kind": KINDS[by.root.kind] if by else "",
        "due_at": due_at,
        "overdue": due_at is not None and due_at <= now,
        "asked_at": found.asked_at,
        "before": found.before,
        "commands": commands(found.name.repository) if found.name else "",
        "users_note": number,
    }


def _findings(first: Sequence[Container]) -> Answers:
    """On the image as one host has it, and of the pillar on one container that runs it; the others have pages."""
    about = Q(subject_kind=Scope.CONTAINER.value, subject_pk=first[0].pk)
    about |= Q(subject_kind=Scope.IMAGE.value, subject_pk=first[0].image_id)
    return Answers().filter(about, pillar=Pillar.TRUST.value)


def _working(request: HttpRequest, found: Known, now: datetime) -> str:
    """What came of "Verify now", whose moment stands in the address: under way, nobody began, or nothing to say."""
    try:
        asked_at = datetime.fromtimestamp(int(request.GET.get("asked", "")), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    if found.asked_at is not None and found.asked_at >= asked_at:
        return ""
    return "under way" if now - asked_at < timedelta(seconds=LONG_SECONDS) else "lost"


@require_POST
@operator_required
def verify(request: HttpRequest, image_id: str) -> HttpResponse:
    reference, now = request.POST.get("name", "").replace("\x00", "").strip(), counts_of(request).now
    if not is_digest(image_id):
        raise Http404
    if not reference:
        return redirect("trust-images")
    found = known(reference, image_id, now)
    page = image_url(reference, image_id)
    if not found.speaking:
        messages.warning(request, "No trust root speaks for its name, so there is nobody to ask.")
    elif ask_for_proof(reference, image_id):
        return redirect(f"{page}&asked={int(now.timestamp())}")
    else:
        messages.warning(request, "The queue does not answer; it is looked at when its turn comes.")
    return redirect(page)
