"""What stands around every page: navigation with counts, freshness, and who is looking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpRequest
from django.utils import timezone

from dashboard.words import PILLARS

# (title of the section, ((key, label, letter after `g` or nothing), ...)); a key is the path's first part.
_SECTIONS: Final[tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]] = (
    ("", (("overview", "Overview", "o"), ("adoption", "Adoption", ""))),
    ("Fleet", (("services", "Services", "s"), ("hosts", "Hosts", "h"), ("containers", "Containers", "c"))),
    ("Readiness", tuple((pillar.value, label, "") for pillar, label in PILLARS.items())),
    ("Decide", (("rules", "Rules", ""),)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    key: str
    label: str
    url: str
    count: int | None
    active: bool
    go: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NavSection:
    title: str
    items: tuple[NavItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How old the evidence on this page is. `state`: fresh, late, stale, or never when nothing was swept yet."""

    state: str
    swept_at: datetime | None
    answering: int
    hosts: int

    @property
    def silent(self) -> int:
        return self.hosts - self.answering


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    now: datetime
    active: str
    sections: tuple[NavSection, ...]
    freshness: Freshness | None
    simulated: bool
    role: str


def shell(request: HttpRequest) -> Shell:
    """Counts, freshness and the simulated flag are filled in by the pages; None reads as "not counted"."""
    active = request.path.strip("/").split("/")[0] or "overview"
    return Shell(
        now=timezone.now(),
        active=active,
        sections=navigation(active, counts={}),
        freshness=None,
        simulated=False,
        role="",
    )


def navigation(active: str, *, counts: Mapping[str, int]) -> tuple[NavSection, ...]:
    return tuple(
        NavSection(
            title=title,
            items=tuple(
                NavItem(
                    key=key,
                    label=label,
                    url="/" if key == "overview" else f"/{key}/",
                    count=counts.get(key),
                    active=key == active,
                    go=go,
                )
                for key, label, go in items
            ),
        )
        for title, items in _SECTIONS
    )
