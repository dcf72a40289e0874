"""Search: one box for services, hosts and containers, each short list with the whole one behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from dashboard.counted import counts_of
from dashboard.lists import address
from dashboard.words import STAGES
from fleet.models import Container, Host, Service
from fleet.models.container import of_id
from fleet.models.judged import VERDICT_FIELDS
from fleet.readiness.vocabulary import Stage

#: Rows of each kind; the list behind the count has them all.
FEW: Final = 8
_ID: Final = 12  # digits from which the beginning of an id is meant as one


_OF_A_HOST: Final = ("name", "team", "environment__name", *VERDICT_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    name: str
    url: str
    verdict: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """`hits` are the first rows by name of the list at `url`; `more` says that it has others."""

    title: str
    url: str
    more: bool
    hits: Sequence[Hit]


def search(request: HttpRequest) -> HttpResponse:
    q = request.GET.get("q", "").strip()
    if not q:
        return render(request, "search/search.html", {"q": ""})
    only = _exact(q)
    if only:
        return redirect(only)
    counts = counts_of(request)
    now = counts.now
    groups = [_services(q, Service.objects.in_catalogue().with_verdict_now(now, stale=counts.stale))]
    groups.append(_hosts(q, Host.objects.with_verdict_now(now)))
    keys = counts.containers_with(q)
    groups.append(_containers(q, Container.objects.with_verdict_now(now).matching(q, keys)))
    found = [group for group in groups if group.hits]
    return render(request, "search/search.html", {"q": q, "groups": found})


def _exact(q: str) -> str | None:
    """Where to go when just one thing bears this very name or id.

    Of a million containers no index has the names in capitals: theirs is found as it is typed, or in small letters.
    """
    services = Service.objects.in_catalogue().filter(name__iexact=q).order_by()
    hosts = Host.objects.filter(name__iexact=q).order_by()
    containers = Container.objects.present().order_by().annotate(page=Value("container"), key=Cast("pk", CharField()))
    rows = services.annotate(page=Value("service"), key=F("slug")).values_list("page", "key")
    found = rows.union(
        hosts.annotate(page=Value("host"), key=F("name")).values_list("page", "key"),
        containers.filter(name__in={q, q.lower()}).values_list("page", "key"),
        containers.filter(of_id(q) if len(q) >= _ID else Q(pk__in=())).values_list("page", "key"),
        all=True,
    )
    doors = [reverse(page, args=[key]) for page, key in found[:2]]
    return doors[0] if len(doors) == 1 else None


def _services(q: str, rows: Any) -> Hits:
    matching = rows.filter(name__icontains=q)
    hits = [
        Hit(
            name=row.name,
            url=reverse("service", args=[row.slug]),
            verdict=row.verdict_now,
            where=" · ".join(part for part in (STAGES[Stage(row.stage)], row.team) if part),
        )
        for row in _first(matching.only("name", "slug", "stage", "team", "verdict"))
    ]
    return Hits(title="Services", url=address("services", q=q), hits=hits[:FEW], more=len(hits) > FEW)


def _hosts(q: str, rows: Any) -> Hits:
    matching = rows.filter(name__icontains=q)
    hits = [
        Hit(
            name=row.name,
            url=reverse("host", args=[row.name]),
            verdict=row.verdict_now,
            where=" · ".join(part for part in (row.environment.name, row.team) if part),
        )
        for row in _first(
            matching.select_related("environment").only("name", "team", "environment__name", *VERDICT_FIELDS)
        )
    ]
    return Hits(title="Hosts", url=address("hosts", q=q), hits=hits[:FEW], more=len(hits) > FEW)


def _containers(q: str, matching: Any) -> Hits:
    hits = [
        Hit(
            name=row.name,
            url=reverse("container", args=[row.pk]),
            verdict=row.verdict_now,
            where=f"{row.state} on {row.host.name}",
        )
        for row in _first(matching.for_lists())
    ]
    return Hits(title="Containers", url=address("containers", q=q), hits=hits[:FEW], more=len(hits) > FEW)


def _first(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by("name", "pk")[: FEW + 1]
