"""Reading a page as a person does: its links, and the numbers that stand in them and over the lists."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

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


@dataclass
class _Reader(HTMLParser):
    links: list[Link] = field(default_factory=list)
    stack: list[tuple[str, str]] = field(default_factory=list)
    chunks: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(Link(given["href"]))
        elif any(open_tag == "a" for open_tag, _ in self.stack):
            self.links[-1].words += " "  # what stands in two elements is two words
        for name in given.get("class", "").split():
            if name in WATCHED:
                self.chunks.setdefault(name, []).append("")
        if tag == "tr":
            self.chunks.setdefault("tr", []).append("")
        if tag not in _EMPTY:
            self.stack.append((tag, given.get("class", "")))

    def handle_endtag(self, tag: str) -> None:
        if any(open_tag == tag for open_tag, _ in self.stack):
            while self.stack.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if any(tag == "a" for tag, _ in self.stack):
            self.links[-1].words += data
        for _, classes in self.stack:
            for name in WATCHED & set(classes.split()):
                self.chunks[name][-1] += data


#: Parts of a page whose words are collected: the count over a list, and a rule's subjects.
WATCHED = {"count", "subject"}


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
