"""What every list page shares: filters in the URL, sorting, paging, and a count that says of how many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

PER_PAGE = 50


class ListTable(tables.Table):  # type: ignore[misc]
    """Base of all tables: one template, one page size."""

    class Meta:
        template_name = "components/table.html"


def num(**more: Any) -> dict[str, Any]:
    """`attrs` of a right-aligned column."""
    return {"cell": {"class": "num"}, **more}


def render_list(
    request: HttpRequest,
    template: str,
    *,
    rows: QuerySet[Any],
    filters: type[django_filters.FilterSet],
    table: type[ListTable],
    context: Mapping[str, Any] | None = None,
    per_page: int = PER_PAGE,
) -> HttpResponse:
    """Renders the rows that the URL's filters leave. `total` in the context is how many there are without them.

    An invalid filter value is explained beside its field and filters nothing out silently: it shows no rows.
    """
    filterset = filters(request.GET, queryset=rows, request=request)
    chosen = filterset.qs if filterset.is_valid() else rows.none()
    shown = table(chosen, request=request)
    tables.RequestConfig(request, paginate={"per_page": per_page, "silent": True}).configure(shown)
    total = rows.count() if any(request.GET.values()) else shown.paginator.count
    return render(
        request,
        template,
        {"table": shown, "filterset": filterset, "count": shown.paginator.count, "total": total, **(context or {})},
    )
