"""Sentences of a report as HTML and as text, with their numbers as links."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dashboard.charts import outlook

register = template.Library()


@register.filter
def sentence(pieces: Iterable[tuple[str, str]]) -> SafeString:
    """Pieces of text and address; what has an address is a link."""
    return format_html_join("", "{}", ((_piece(text, url),) for text, url in pieces))


@register.filter
def mail_sentence(pieces: Iterable[tuple[str, str]]) -> SafeString:
    """The same for a mailbox, which has no style sheet."""
    return format_html_join(
        "", "{}", ((_piece(text, url, style="color:#15395b;font-weight:600"),) for text, url in pieces)
    )


def _piece(text: str, url: str, *, style: str = "") -> SafeString | str:
    if not url:
        return text
    if style:
        return format_html('<a href="{}" style="{}">{}</a>', url, style, text)
    return format_html('<a href="{}">{}</a>', url, text)


@register.inclusion_tag("report/chart.html")
def outlook_svg(chart: outlook.Outlook) -> dict[str, Any]:
    return {"chart": chart, "width": outlook.WIDTH, "height": outlook.HEIGHT}
