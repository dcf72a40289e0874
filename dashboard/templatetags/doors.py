"""Whether something can be reached, as a mark: a shape and a word."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.door_words import REACHABLE
from dashboard.templatetags.marks import shape
from fleet.reach import Reachable

register = template.Library()


@register.simple_tag
def reachable(value: str) -> SafeString:
    """`{% reachable "yes" %}`: Can connect, Cannot or Unknown."""
    tone, word = REACHABLE[Reachable(value)]
    return format_html('<span class="chip {}">{}{}</span>', tone, shape(tone), word)
