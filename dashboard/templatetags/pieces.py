"""The small components every page is made of; each takes plain values and renders `templates/components/`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from html import escape, unescape
from typing import Any, Final

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from dashboard import words
from dashboard.findings import evidence_pairs
from dashboard.moments import age, exact, span

register = template.Library()

# Drawn on 16 by 16 with a stroke of the text's colour.
_ICONS: Final = {
    "menu": "M2 4h12M2 8h12M2 12h12",
    "search": "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zm3.6-1.4L14 14",
    "copy": "M5.5 5.5v-3h8v8h-3m-8-5h8v8h-8z",
    "tick": "m3 8.5 3.2 3L13 4.5",
    "cross": "m4 4 8 8m0-8-8 8",
    "theme": "M8 2.2a5.8 5.8 0 1 0 0 11.6zm0 0a5.8 5.8 0 0 1 0 11.6",
    "live": "M8 9.2a1.2 1.2 0 1 0 0-2.4 1.2 1.2 0 0 0 0 2.4zM4.6 11.4a4.8 4.8 0 0 1 0-6.8m6.8 0a4.8 4.8 0 0 1 0 6.8",
    "pause": "M5.5 3.5v9m5-9v9",
    "keys": "M1.5 4h13v8h-13zM4 6.7h.1m2.6 0h.1m2.6 0h.1m2.5 0h.1M5 9.5h6",
    "out": "M6.5 2.5h-4v11h4m3-8.5 3 3-3 3M12 8H6",
    "gear": "M2 4.5h7m4 0h1M2 11.5h1m4 0h7M11 6.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z"
    "m-6 7a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z",
    "pulse": "M1.5 8.5h3l2-5 3 9 2-4h3",
    "next": "m6 3.5 4.5 4.5L6 12.5",
    "previous": "M10 3.5 5.5 8l4.5 4.5",
    "up": "m4 9.5 4-4 4 4",
    "down": "m4 6.5 4 4 4-4",
    "refresh": "M13.5 8A5.5 5.5 0 1 1 11.7 4M12 1.2v3.2H8.8",
    "download": "M8 2v8m-3-3 3 3 3-3M2.5 13.5h11",
}
_CARD: Final = {"title", "note", "url", "name", "refresh", "fold"}


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Decoration beside a word or inside a labelled button, so hidden from screen readers."""
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d="{}"/></svg>', _ICONS[name]
    )


@register.simple_tag(takes_context=True)
def ago(context: Context, when: datetime | None, never: str = "never") -> SafeString | str:
    """A relative time that keeps ticking in the page; the exact UTC moment is in its title."""
    around = context.get("shell")
    return time_ago(when, now=around.now if around is not None else None, never=never)


def time_ago(when: datetime | None, *, now: datetime | None = None, never: str = "never") -> SafeString | str:
    """The same for a table's cell, which has no context; `now` is this very moment unless given."""
    return never if when is None else _ticking(when, now or timezone.now())


@lru_cache(maxsize=1024)  # most of what a page says was first seen by the same sweep
def _ticking(when: datetime, now: datetime) -> SafeString:
    told = f'<time datetime="{when.isoformat()}" title="{exact(when)}" data-relative>{age(when, now=now)}</time>'
    return mark_safe(told)  # noqa: S308 - numbers and words of our own


@register.filter
def lasting(seconds: float) -> str:
    """How long, in the words in which ages are said."""
    return span(round(seconds))


@register.filter
def digest(value: str) -> str:
    """`sha256:ab12cd34…ef90`: the two ends people compare. The whole value belongs in a title or a copy button."""
    scheme, found, rest = value.partition(":")
    if not found:
        scheme, rest = "", value
    short = rest if len(rest) <= 16 else f"{rest[:8]}…{rest[-4:]}"  # noqa: PLR2004 - shortening must shorten
    return f"{scheme}:{short}" if scheme else short


@register.filter
def as_text(evidence: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Evidence as (the engine's field, its value in words), for a list that is no rule's."""
    return evidence_pairs(evidence)


@register.filter
def prose(text: str) -> SafeString:
    """Paragraphs of a text that was wrapped for an editor: a blank line parts them, a line's end does not."""
    return format_html_join("", "<p>{}</p>", ((" ".join(part.split()),) for part in text.split("\n\n") if part.strip()))


@register.filter
def short_name(name: str) -> SafeString | str:
    """The whole name is in the title."""
    short = words.short_name(name)
    return name if short == name else format_html('<span title="{}">{}</span>', name, short)


@register.filter
def undigested(reference: str) -> SafeString | str:
    """`shop/web:1.4` of `shop/web:1.4@sha256:…`; the whole reference is in the title."""
    name, pinned, _ = reference.partition("@")
    return format_html('<span title="{}">{}</span>', reference, name) if pinned and name else reference


@register.filter
def thin(value: int | None) -> str:
    """6312 as `6 312`, with a narrow space that does not break; an unknown number is a dash."""
    return "\u2013" if value is None else words.thin(value)


@register.simple_tag
def maybe_link(url: str, value: int | None) -> SafeString | str:
    """A number as a link to the list behind it, where there is one."""
    if not url or value is None:
        return thin(value)
    return mark_safe(f'<a href="{escape(url)}">{thin(value)}</a>')  # noqa: S308 - escaped


@register.simple_block_tag
def card(content: str, **values: str) -> str:
    """`{% card title="Fix next" note="…" refresh="fix-next" %}…{% endcard %}`.

    `url` makes the note a link, `name` is an extra class, `refresh` is the id under which live refresh swaps it. With
    `fold` a telephone shows title and note until somebody asks for the rest,
    and the note is no link: one thing cannot be pressed within another.
    """
    if strange := values.keys() - _CARD:
        raise template.TemplateSyntaxError(f"card takes {', '.join(sorted(_CARD))}; not {', '.join(sorted(strange))}")
    return _render("components/card.html", values, content)


@register.simple_block_tag
def stat(content: str, value: object, url: str = "", label: str = "") -> str:
    """`{% stat "36 of 58" url="…" %}production services are above the load line.{% endstat %}`"""
    return _render("components/stat.html", {"value": value, "url": url, "label": label}, content)


@register.simple_block_tag
def empty(content: str, title: str, action: str = "", url: str = "", command: str = "") -> str:
    """Why a list is empty, one action and one command to copy: the content is the reason."""
    values = {"title": title, "action": action, "url": url, "command": command}
    return _render("components/empty.html", values, content)


@register.simple_block_tag
def banner(content: str, tone: str = "info", title: str = "", url: str = "", action: str = "") -> str:
    """`tone`: info, stale, simulated, not-ready. Said politely to screen readers, above the page's content."""
    values = {"tone": tone, "title": title, "url": url, "action": action}
    return _render("components/banner.html", values, content)


@register.simple_tag
def code_block(text: str, label: str = "") -> SafeString:
    """Text to copy; `label` is what it is, such as "docker run". In a literal, which cannot break its line, `&#10;`
    does.

    Drawn here, since the page of a fix has more than a hundred.
    """
    told = escape((unescape(text) if isinstance(text, SafeString) else text).strip("\n"))
    named = conditional_escape(label)
    head = f' aria-label="{named}"><figcaption>{named}</figcaption>' if label else ">"
    drawn = f'\n<figure class="code"{head}<pre><code>{told}</code></pre>{_copy_button()}</figure>\n'
    return mark_safe(drawn)  # noqa: S308 - each part is escaped


@cache
def _copy_button() -> str:
    return (
        f'<button type="button" class="copy js-only" data-copy><span class="copy-idle">{icon("copy")}</span>'
        f'<span class="copy-done">{icon("tick")}</span><span class="hidden-text" data-copy-word>Copy</span></button>'
    )


@register.inclusion_tag("components/copyable.html")
def copyable(value: str, shown: str = "") -> dict[str, Any]:
    """An id, digest or address in a line of text, with a copy button: `{% copyable image.id image.id|digest %}`."""
    return {"value": value, "shown": shown or value}


@register.inclusion_tag("components/remedy.html")
def remedy(docker: str, compose: str, scope: str = "") -> dict[str, Any]:
    """The same fix in two tongues, side by side. A host is mended by its own commands and configuration."""
    host = scope == "host"
    return {
        "docker": words.command_text(docker),
        "compose": compose,
        "command": "on the host" if host else "docker",
        "file": "configuration" if host else "compose.yaml",
    }


@register.inclusion_tag("components/facts.html")
def facts(values: Any) -> dict[str, Any]:
    """A definition list of raw facts. Takes a mapping or pairs of the engine's own field name and what it said."""
    pairs = values.items() if hasattr(values, "items") else values
    return {"pairs": [(name, _plain(value), value is None) for name, value in pairs]}


@register.inclusion_tag("components/progress.html")
def progress(done: int, total: int, label: str) -> dict[str, Any]:
    return {"done": done, "total": total, "label": label}


@register.inclusion_tag("components/tabs.html")
def tabs(items: Any, label: str = "Views") -> dict[str, Any]:
    """Items are (label, url, active) or (label, url, active, count)."""
    return {"items": [(*item, None)[:4] for item in items], "label": label}


@register.inclusion_tag("components/breadcrumb.html")
def breadcrumb(*steps: str) -> dict[str, Any]:
    """`{% breadcrumb "Services" "/services/" service.name %}`: label and URL in turn, the last one without a URL."""
    return {"steps": list(zip(steps[:-1:2], steps[1::2], strict=True)), "here": steps[-1]}


def _plain(value: Any) -> Any:
    return exact(value) if isinstance(value, datetime) else value


def _render(name: str, values: dict[str, Any], content: str) -> SafeString:
    body = mark_safe(content)  # noqa: S308 - rendered by the template that holds the block
    return render_to_string(name, {**values, "content": body})
