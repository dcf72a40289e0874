"""The trust in an image, in a template: a colour, a shape and a word."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.templatetags.marks import chip, shape
from dashboard.trust_chain import Link
from dashboard.trust_words import STATES

register = template.Library()


@register.simple_tag
def trust_mark(state: str) -> SafeString:
    """What may be said of an image; the chip's title says what that means."""
    told = STATES[state]
    return format_html('<span title="{}">{}</span>', told.means, chip(told.tone, told.word))


@register.simple_tag
def link_mark(link: Link) -> SafeString:
    """Whether one step of a chain holds."""
    return shape(link.tone, link.word)
