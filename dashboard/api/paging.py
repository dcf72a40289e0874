"""Cursor pages: each starts after the last row of the one before, so rows that come or go shift nothing."""

from __future__ import annotations

import base64
import binascii
import difflib
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Field, Schema

from dashboard.api.errors import ApiError
from dashboard.api.out import Out
from fleet.lookup import row_key
from fleet.models import Finding
from fleet.models.answer_pattern import encoded
from fleet.models.answers import Answers

T = TypeVar("T")
Row = TypeVar("Row", bound=Model)


class Paging(Schema):
    cursor: str | None = Field(None, description="`next_cursor` of the page before; leave it out for the first page.")
    limit: int = Field(100, ge=1, le=500, description="Rows on a page.")


class Page(Out, Generic[T]):
    items: list[T]
    next_cursor: str | None = Field(description="Ask for it as `cursor` to get the next page; null on the last one.")


def page(
    request: HttpRequest, rows: QuerySet[Row, Row], paging: Paging, *, filters: Schema, shape: Callable[[Row], T]
) -> Page[T]:
    """Rows in the order they were first stored.

    Refuses parameters it does not know, because a mistyped filter would filter nothing.
    """
    found = list(_from_cursor(request, rows, paging, filters))
    more = len(found) > paging.limit
    found = found[: paging.limit]
    return Page(items=[shape(row) for row in found], next_cursor=_encode(Place(found[-1].pk)) if more else None)


def plain_page(
    request: HttpRequest,
    rows: QuerySet[Any, Any],
    paging: Paging,
    *,
    filters: Schema,
    columns: Sequence[str],
    shape: Callable[[Sequence[Any]], dict[str, Any]],
) -> HttpResponse:
    """The same of the columns' values, without instances: of five hundred rows these are most of the time. `shape`
    gives plain data, which is written as it stands.
    """
    found = list(_from_cursor(request, rows, paging, filters).values_list("pk", *columns))
    more = len(found) > paging.limit
    found = found[: paging.limit]
    return written([shape(row[1:]) for row in found], _encode(Place(found[-1][0])) if more else None)


def _from_cursor(request: HttpRequest, rows: QuerySet[Row, Row], paging: Paging, filters: Schema) -> QuerySet[Row, Row]:
    """One more than the page has."""
    refuse_unknown(request, {*type(filters).model_fields, *Paging.model_fields})
    if paging.cursor:
        rows = rows.filter(pk__gt=_decode(paging.cursor).key)
    return rows.order_by("pk")[: paging.limit + 1]


def written(items: Sequence[dict[str, Any]], next_cursor: str | None) -> HttpResponse:
    """A page as JSON. The schema is not gone through again for each value; tests do that."""
    body = encoded({"items": items, "next_cursor": next_cursor})
    return HttpResponse(body, content_type="application/json; charset=utf-8")


def page_of_answers(answers: Answers, paging: Paging) -> tuple[list[Finding], str | None]:
    """Rows in the order they were first stored, then what stands on sheets; and the cursor of the next page."""
    place = _decode(paging.cursor, sheets=True) if paging.cursor else Place(0)
    most = paging.limit + 1
    found: list[tuple[Place, Finding]] = []
    if place.rule is None:
        found = [(Place(one.pk), one) for one in answers.after(place.key, most)]
        place = Place(0, "")
    if len(found) < most:
        settled = answers.settled_after(place.key, place.rule or "", most - len(found))
        found += [(Place(sheet, one.rule), one) for sheet, one in settled]
    more = len(found) > paging.limit
    found = found[: paging.limit]
    return [one for _, one in found], _encode(found[-1][0]) if more else None


class Place(NamedTuple):
    """After the row of that key; with a rule, after what that rule says on the sheet of that key."""

    key: int
    rule: str | None = None


def _encode(place: Place) -> str:
    text = f"after:{place.key}" if place.rule is None else f"sheet:{place.key}:{place.rule}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str, *, sheets: bool = False) -> Place:
    """With `sheets` also of what stands on one."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        word, _, rest = text.partition(":")
        number, of_a_sheet, rule = rest.partition(":")
        known = word == ("sheet" if of_a_sheet and sheets else "after") and bool(of_a_sheet) is (word == "sheet")
        if known and (key := row_key(number)):
            return Place(key, rule if of_a_sheet else None)
    except (ValueError, binascii.Error):
        pass
    raise ApiError(422, "invalid", "cursor: not a cursor that this API gave out", field="cursor")


def refuse_unknown(request: HttpRequest, known: set[str]) -> None:
    for name in request.GET:
        if name not in known:
            near: list[Any] = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}"
            raise ApiError(422, "unknown-parameter", f"There is no parameter {name}; {hint}", field=name)
