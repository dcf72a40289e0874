"""Forms, filters and the parts of a page that change its query string."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField, CheckboxInput, HiddenInput
from django.http import HttpRequest, QueryDict
from django.template import Context

from dashboard.lists import ANY

register = template.Library()


@dataclass(frozen=True, slots=True)
class Chip:
    """One active filter, and the address without it."""

    name: str
    value: str
    url: str


@register.inclusion_tag("components/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """Label, widget, help and errors, tied together for screen readers by Django's own ids."""
    return {"field": bound, "checkbox": isinstance(bound.field.widget, CheckboxInput)}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """Every error at the top of the form, each a link to its field."""
    return {"form": form, "fields": [bound for bound in form if bound.errors]}


@register.inclusion_tag("components/segmented.html", takes_context=True)
def segmented(
    context: Context, param: str, options: Iterable[Sequence[Any]], label: str = "", current: str = ""
) -> dict[str, Any]:
    """One choice of a few, kept in the URL: options are (value, label) or (value, label, count); the empty value
    clears the parameter.

    `current` is what the page shows when the URL does not say.
    """
    request: HttpRequest = context["request"]
    current = current or request.GET.get(param, "")
    return {
        "label": label or param.capitalize(),
        "options": [
            (word, _with(request.GET, param, value), value == current, count[0] if count else None)
            for value, word, *count in options
        ],
    }


@register.inclusion_tag("components/filter_bar.html", takes_context=True)
def filter_bar(context: Context, filterset: Any, count: int | None = None, total: int | None = None) -> dict[str, Any]:
    """A django-filter form that works without scripts, and a removable chip for each filter that is on.

    One that is on by itself is taken off by asking for any.
    """
    request: HttpRequest = context["request"]
    form: BaseForm = filterset.form
    preset: Mapping[str, str] = getattr(filterset, "preset", {})
    shown = [bound for bound in form if not isinstance(bound.field.widget, HiddenInput)]
    unseen = [bound for bound in form if isinstance(bound.field.widget, HiddenInput)]
    typed = {bound.html_name for bound in shown} | {"page"}
    kept = [(name, value) for name, values in request.GET.lists() for value in values]
    return {
        "form": form,
        "fields": shown,
        "chips": [chip for bound in form for chip in _chips(request.GET, bound, preset=preset.get(bound.html_name))],
        "errors": [f"{bound.label}: {error}" for bound in unseen for error in bound.errors],
        "kept": [(name, value) for name, value in kept if name not in typed],
        "clear": _without(request.GET, {bound.html_name for bound in form}, preset),
        "count": count,
        "total": total,
        "open_ended": context.get("open_ended", False),
        "download": _with(request.GET, "format", "csv"),
    }


@register.inclusion_tag("components/pages.html", takes_context=True)
def pages(context: Context, page: Page[Any], anchor: str = "") -> dict[str, Any]:
    """Pages of what is no table; keeps every other parameter of the URL. `anchor` is where the rows begin."""
    query: QueryDict = context["request"].GET

    def at(number: int) -> str:
        changed = query.copy()
        changed["page"] = str(number)
        return f"?{changed.urlencode()}{anchor}"

    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return {
        "page": page,
        "numbers": [(one, at(one) if isinstance(one, int) else "") for one in numbers],
        "previous": at(page.number - 1) if page.has_previous() else "",
        "next": at(page.number + 1) if page.has_next() else "",
    }


def _chips(query: QueryDict, bound: BoundField, *, preset: str | None) -> Iterable[Chip]:
    words = {str(value): str(word) for value, word in getattr(bound.field, "choices", None) or ()}
    label = str(bound.label or bound.name)
    if preset is not None:
        value = query.get(bound.html_name) or preset
        if value != ANY:
            yield Chip(label, words.get(value, value), _with(query, bound.html_name, ANY))
        return
    for value in query.getlist(bound.html_name):
        if value:
            yield Chip(label, words.get(value, value), _minus(query, bound.html_name, value))


def _address(query: QueryDict) -> str:
    query.pop("page", None)
    return f"?{query.urlencode()}" if query else "?"


def _with(query: QueryDict, name: str, value: str) -> str:
    changed = query.copy()
    changed.pop(name, None)
    if value:
        changed[name] = value
    return _address(changed)


def _minus(query: QueryDict, name: str, value: str) -> str:
    changed = query.copy()
    changed.setlist(name, [kept for kept in query.getlist(name) if kept != value])
    return _address(changed)


def _without(query: QueryDict, names: Iterable[str], preset: Iterable[str] = ()) -> str:
    changed = query.copy()
    for name in names:
        changed.pop(name, None)
    for name in preset:
        changed[name] = ANY
    return _address(changed)
