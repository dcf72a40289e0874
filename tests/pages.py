"""Reading a page as a person does: its links, and the numbers that stand in them and over the lists."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

_EMPTY = {"input", "meta", "link", "img", "br", "path", "rect", "circle", "polyline"}
_NUMBER = re.compile(r"(?<![\w.+-])\d{1,3}(?:\u202f\d{3})+|(?<![\w.+-])\d+(?![\w.%-])")


@dataclass
class Link:
    """A link, what it says and the classes around it."""

    href: str
    words: str = ""

    @property
    def number(self) -> int | None:
        """The first whole number in it; a share in percent and a name such as prod-01 are none."""
        found = _NUMBER.search(self.words)
        return int(found.group().replace("\u202f", "")) if found else None


#: Parts of a page whose words are collected: the count over a list, and a rule's subjects.
WATCHED = {"count", "subject"}


#: A tag with its attributes, what no reader sees, or words. Python's own parser took a quarter of these tests' time.
_TOKEN = re.compile(
    r"<(?P<end>/?)(?P<tag>[a-zA-Z][^\s/>]*)(?P<given>(?:[^>\"']|\"[^\"]*\"|'[^']*')*)>"
    r"|<!--.*?-->|<![^>]*>|(?P<words>[^<]+|<)",
    re.DOTALL,
)
_HREF, _CLASS = (re.compile(rf"(?:^|\s){name}=(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))") for name in ("href", "class"))
_UNREAD = {"script", "style"}


@dataclass
class _Reader:
    links: list[Link] = field(default_factory=list)
    stack: list[tuple[str, list[str]]] = field(default_factory=list)  # open tags, each with its watched classes
    chunks: dict[str, list[str]] = field(default_factory=dict)
    in_links: int = 0  # open tags that are links
    watching: int = 0  # open tags of which a class is watched

    def feed(self, page: str) -> None:
        unread = ""
        for token in _TOKEN.finditer(page):
            tag = (token["tag"] or "").lower()
            if unread:
                if token["end"] and tag == unread:
                    unread = ""
                    self._end(tag)
            elif not tag:
                if token["words"] and (self.in_links or self.watching):
                    self._words(unescape(token["words"]))
            elif token["end"]:
                self._end(tag)
            else:
                self._start(tag, token["given"])
                unread = tag if tag in _UNREAD else ""

    def _start(self, tag: str, given: str) -> None:
        href = _value(_HREF, given) if tag == "a" else None
        if href is not None:
            self.links.append(Link(href))
        elif self.in_links:
            self.links[-1].words += " "  # what stands in two elements is two words
        watched = [name for name in (_value(_CLASS, given) or "").split() if name in WATCHED]
        for name in [*watched, "tr"] if tag == "tr" else watched:
            self.chunks.setdefault(name, []).append("")
        if tag not in _EMPTY:
            self.stack.append((tag, watched))
            self.in_links += tag == "a"
            self.watching += bool(watched)

    def _end(self, tag: str) -> None:
        if not any(open_tag == tag for open_tag, _ in reversed(self.stack)):
            return
        while True:
            last, watched = self.stack.pop()
            self.in_links -= last == "a"
            self.watching -= bool(watched)
            if last == tag:
                return

    def _words(self, words: str) -> None:
        if self.in_links:
            self.links[-1].words += words
        if self.watching:
            for _, watched in self.stack:
                for name in watched:
                    self.chunks[name][-1] += words


def _value(attribute: re.Pattern[str], given: str) -> str | None:
    found = attribute.search(given)
    return None if found is None else unescape(found[1] or found[2] or found[3] or "")


@dataclass(frozen=True)
class Read:
    links: list[Link]
    count: tuple[int, int | None] | None  # "N of M" over a list
    subjects: int
    rows: int


def read(html: str) -> Read:
    reader = _Reader()
    reader.feed(html)
    counts = reader.chunks.get("count", [])
    figures = [int(one.replace("\u202f", "")) for one in re.findall(r"[\d\u202f]+", counts[0])] if counts else []
    return Read(
        links=reader.links,
        count=(figures[0], figures[1] if len(figures) > 1 else None) if figures else None,
        subjects=len(reader.chunks.get("subject", [])),
        rows=max(0, len(reader.chunks.get("tr", [])) - 1),
    )
