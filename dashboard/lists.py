"""What every list page shares: filters in the URL, sorting, paging, and a count that says of how many."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from copy import copy
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

import django_filters
import django_tables2 as tables
from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property

from dashboard.counted import FleetCounts, counts_of
from dashboard.sheets import as_csv
from fleet.models import Host

PER_PAGE: Final = 50
#: Rows that a list counts and pages through: one after another, and so as many as that takes no time for.
MOST: Final = 10_000
#: In a fleet of more containers than that it is fewer, since what a filter leaves out has to be read, too.
LARGE: Final = 10_000
MOST_IN_LARGE: Final = 1_000
#: The value of a team filter that asks for what no team owns.
NO_TEAM: Final = "-"


#: The value of a filter with a preset that filters nothing: without it, nobody could ask for everything.
ANY: Final = "any"


class Shallow(dict[str, Any]):
    """Filters or columns by name, of which every page has copies of its own. Both libraries copy all that these refer
    to as well, which nobody changes: a thousand steps for a list.
    """

    def __deepcopy__(self, _memo: Any) -> Shallow:
        return Shallow({name: _own(one) for name, one in self.items()})


def _own(one: Any) -> Any:
    own = copy(one)
    if isinstance(own, django_filters.Filter):
        own.extra = dict(own.extra)
        own.method = own.method  # what calls it knows the filter that it is of
    return own


class Filters(django_filters.FilterSet):  # type: ignore[misc]
    """Base of all filters."""

    @classmethod
    def get_filters(cls) -> Shallow:
        return Shallow(super().get_filters())


class PresetFilters(Filters):
    """Filters of which some are on unless the URL says otherwise; the bar shows them as on, and "Any" is a choice."""

    preset: ClassVar[Mapping[str, str]] = {}

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        given = data.copy() if data is not None else QueryDict(mutable=True)
        for name, value in self.preset.items():
            given[name] = given.get(name) or value
        super().__init__(given, *args, **kwargs)


class ListTable(tables.Table):  # type: ignore[misc]
    """Base of all tables: one template, one page size."""

    class Meta:
        template_name = "components/table.html"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.base_columns = Shallow(cls.base_columns)

    def value_pillars(self, record: Any) -> dict[str, str]:
        """Of rows that have a column of pillars: verdict by pillar as text, for a download."""
        return dict(record.pillars_now)


class TeamFilter(django_filters.ChoiceFilter):  # type: ignore[misc]
    """The teams that there are, and "No team" where something has none."""

    @property
    def field(self) -> forms.Field:
        teams = counts_of(self.parent.request).teams("hosts" if self.model is Host else "services")
        self.extra["choices"] = [(team, team) if team else (NO_TEAM, "No team") for team in teams]
        field: forms.Field = super().field
        return field

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return super().filter(rows, value) if value != NO_TEAM else rows.filter(**{self.field_name: ""})


class EnvironmentFilter(django_filters.ChoiceFilter):  # type: ignore[misc]
    """The environments that there are, by their slug."""

    @property
    def field(self) -> forms.Field:
        self.extra["choices"] = [(row["slug"], row["name"]) for row in counts_of(self.parent.request).environments]
        field: forms.Field = super().field
        return field


def unseen(kind: type[django_filters.Filter], **options: Any) -> django_filters.Filter:
    """A filter without a field in the bar: links lead to it, and a chip shows and removes it."""
    return kind(widget=forms.HiddenInput, **options)


def num(**more: Any) -> dict[str, Any]:
    """`attrs` of a right-aligned column."""
    return {"cell": {"class": "num"}, **more}


def address(page: str, **filters: str) -> str:
    """The list behind a number: `address("services", stage="production")`."""
    return f"{_path(page)}?{'&'.join([_pair(*one) for one in filters.items()])}" if filters else _path(page)


@lru_cache(maxsize=8192)
def page_of(page: str, key: str | int) -> str:
    """The page of one thing; dozens of lines of a page lead to the same host or service."""
    return reverse(page, args=[key])


def leading_to(page: str, path: str) -> Callable[[Any], str]:
    """`linkify` of a column: the page of what stands at the path from the row, such as `service.slug`."""
    key = attrgetter(path)
    return lambda record: page_of(page, key(record))


@lru_cache(maxsize=4096)
def _pair(name: str, value: str) -> str:
    """A page has hundreds of links by the same few values."""
    return urlencode({name: value})


@cache
def _path(page: str) -> str:
    """A page has a hundred numbers, and where lists are does not change."""
    return reverse(page)


def linked(page: str, **filters: str) -> Callable[[Any], str]:
    """`linkify` of a column of numbers; a filter's value is the name of the row's attribute, or `=value` as it is."""

    def of(record: Any) -> str:
        values = {
            name: value[1:] if value.startswith("=") else str(getattr(record, value)) for name, value in filters.items()
        }
        return address(page, **values)

    return of


class MoreThan(int):
    """A number that is known to be exceeded, nobody knows by how much."""


class Capped(Paginator):  # type: ignore[type-arg]  # Django is not subscriptable
    """Counts no further than `most` rows, and has no pages behind them. `known` is their number where it was counted
    before, or that it is more than so many, which says as much as counting when these are `most`; `total` is it as far
    as it is known, and `more` says that there are others.
    """

    def __init__(self, *args: Any, rows: QuerySet[Any], most: int, known: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rows, self._most = rows, most
        if isinstance(known, MoreThan):
            if known >= most:
                self.total = most + 1
            known = None
        self._known = known

    @cached_property
    def total(self) -> int:
        """At most one more than are counted, unless it was known."""
        return self._rows.order_by()[: self._most + 1].count() if self._known is None else self._known

    @cached_property
    def count(self) -> int:
        """Rows that can be paged through."""
        return min(self.total, self._most)

    @property
    def more(self) -> bool:
        """Whether there are more than can be paged through, however many."""
        return self.total > self._most

    @property
    def told(self) -> int:
        """The number to show; it is of `most` rows when nobody knows how many more there are."""
        return self.count if self._known is None else self.total

    @property
    def open_ended(self) -> bool:
        return self.more and self._known is None


def most_rows(request: HttpRequest) -> int:
    return MOST if counts_of(request).containers <= LARGE else MOST_IN_LARGE


def paginated(rows: QuerySet[Any], per_page: int, *, most: int = MOST, known: int | None = None) -> dict[str, Any]:
    """`paginate` of a table's RequestConfig."""
    return {
        "paginator_class": Capped, "per_page": per_page, "silent": True, "rows": rows, "most": most, "known": known
    }  # fmt: skip


#: How many rows the filters that are on leave, by their names and values; None where that was not counted.
Known = Callable[[FleetCounts, Mapping[str, str]], int | None]


def render_list(
    request: HttpRequest,
    template: str,
    *,
    rows: QuerySet[Any],
    filters: type[django_filters.FilterSet],
    table: type[ListTable],
    context: Mapping[str, Any] | None = None,
    per_page: int = PER_PAGE,
    known: Known = lambda _counts, _on: None,
    unsorted: Collection[str] = (),
) -> HttpResponse:
    """Renders the rows that the URL's filters leave. `total` in the context is how many there are without them.

    `unsorted` columns are those that a large fleet is not sorted by, since no index has that order.

    With `?format=csv` the same rows, all pages of them, are a download. An invalid filter value is explained beside
    its field and filters nothing out silently: it shows no rows.
    """
    filterset = filters(request.GET, queryset=rows, request=request)
    chosen = filterset.qs if filterset.is_valid() else rows.none()
    counts, most = counts_of(request), most_rows(request)
    shown = table(chosen)  # given the request, it would page through everything at once, and count it
    for name in unsorted if counts.containers > LARGE else ():
        shown.columns[name].column.orderable = False
    if request.GET.get("format") == "csv":
        tables.RequestConfig(request, paginate=False).configure(shown)
        return as_csv(shown, template.partition("/")[0])
    on = {name: value for name, value in filterset.data.items() if value and name in filterset.filters}
    number = known(counts, on) if filterset.is_valid() else 0
    tables.RequestConfig(request, paginate=paginated(chosen, per_page, most=most, known=number)).configure(shown)
    pages = shown.paginator
    total = known(counts, {}) if on else pages.told
    if total is None:
        total = rows.order_by()[: most + 1].count()
    listed = {"count": pages.told, "open_ended": pages.open_ended, "total": max(total, pages.told)}
    return render(request, template, {"table": shown, "filterset": filterset, **listed, **(context or {})})
