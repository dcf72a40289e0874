"""Choices and lines of text, drawn here: Django's templates for them took a third of the time of a page with filters,
a template for each of forty teams and another for its attributes. What they draw is theirs to the letter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.forms.renderers import DjangoTemplates
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe


class Drawn(DjangoTemplates):
    """Every other widget, and the forms around them, are templates as before."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        draw = _DRAWN.get(template_name)
        if draw is None:
            return mark_safe(super().render(template_name, context, request))  # noqa: S308 - a template escapes
        return mark_safe(draw(context["widget"]))  # noqa: S308 - every value in it is escaped


def _attributes(attrs: Mapping[str, Any]) -> str:
    drawn = []
    for name, value in attrs.items():
        if value is not False:
            told = "" if value is True else f'="{conditional_escape(value)}"'
            drawn.append(f" {conditional_escape(name)}{told}")
    return "".join(drawn)


def _select(widget: Mapping[str, Any]) -> str:
    drawn = [f'<select name="{conditional_escape(widget["name"])}"{_attributes(widget["attrs"])}>']
    for group, options, _ in widget["optgroups"]:
        if group:
            drawn.append(f'\n  <optgroup label="{conditional_escape(localize(group))}">')
        drawn += [f"\n  {_option(one)}\n" for one in options]
        if group:
            drawn.append("\n  </optgroup>")
    return "".join((*drawn, "\n</select>"))


def _option(one: Mapping[str, Any]) -> str:
    value = conditional_escape(str(one["value"]))
    return f'<option value="{value}"{_attributes(one["attrs"])}>{conditional_escape(localize(one["label"]))}</option>'


def _input(widget: Mapping[str, Any]) -> str:
    value = widget["value"]
    told = "" if value is None else f' value="{conditional_escape(str(value))}"'
    name = conditional_escape(widget["name"])
    return f'<input type="{conditional_escape(widget["type"])}" name="{name}"{told}{_attributes(widget["attrs"])}>'


_DRAWN: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "django/forms/widgets/select.html": _select,
    "django/forms/widgets/text.html": _input,
    "django/forms/widgets/hidden.html": _input,
}
