"""What stands around every page: navigation with counts, freshness, and who is looking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.http import HttpRequest

from dashboard.counted import counts_of
from dashboard.disk import disk_full
from dashboard.roles import role_of
from dashboard.words import PILLARS
from fleet.models import Waiver
from fleet.models.host import CLOCKS_APART, HostSummary, stale_after
from fleet.readiness.catalogue import rules

# (title of the section, ((key, label, letter after `g` or nothing), ...)); a key is the path's first part.
_SECTIONS: Final[tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]] = (
    ("", (("overview", "Overview", "o"), ("adoption", "Adoption", ""), ("report", "Report", ""))),
    (
        "Fleet",
        (
            ("services", "Services", "s"),
            ("catalogue", "Catalogue", ""),
            ("hosts", "Hosts", "h"),
            ("containers", "Containers", "c"),
        ),
    ),
    ("Readiness", tuple((pillar.value, label, "") for pillar, label in PILLARS.items())),
    (
        "Decide",
        (
            ("fix-next", "Fix next", "f"),
            ("what-if", "What if", ""),
            ("findings", "Findings", ""),
            ("rules", "Rules", ""),
            ("waivers", "Waivers", ""),
            ("policy", "Policy", ""),
        ),
    ),
    ("Prove", (("changes", "Changes", ""), ("evidence", "Evidence", ""))),
)
#: Pages that are reached through another, whose name the navigation marks.
_UNDER: Final = {"holding-back": "report"}


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

    # When the numbers of the whole fleet were counted; None where the page shows none.
    counted_at: datetime | None = None
    ahead: bool = False  # the last sweep is dated in the future: a clock was set back since

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
    disk_full: bool = False


def shell(request: HttpRequest) -> Shell:
    """Asked for by every page that draws itself whole; three queries, whatever the size of the fleet."""
    counts = counts_of(request)
    now = counts.now
    first = request.path.strip("/").split("/")[0] or "overview"
    active = _UNDER.get(first, first)
    if not request.user.is_authenticated:
        return Shell(now=now, active=active, sections=(), freshness=None, simulated=False, role="")
    hosts = counts.hosts
    numbers = {
        "services": counts.services,
        "hosts": hosts.registered,
        "containers": counts.containers,
        "rules": len(rules()),
        "waivers": Waiver.objects.waiting().count(),
    }
    return Shell(
        now=now,
        active=active,
        sections=navigation(active, counts=numbers),
        freshness=_freshness(hosts, now, counted_at=counts.at),
        simulated=hosts.simulated > 0,
        role=role_of(request.user),
        disk_full=disk_full(),
    )


def _freshness(hosts: HostSummary, now: datetime, *, counted_at: datetime) -> Freshness:
    ahead = hosts.swept_at is not None and hosts.swept_at > now + CLOCKS_APART
    if hosts.swept_at is None:
        state = "never"
    elif ahead or now - hosts.swept_at > stale_after():
        state = "stale"
    elif now - hosts.swept_at > 3 * timedelta(seconds=settings.LOADLINE_SWEEP_SECONDS):
        state = "late"
    else:
        state = "fresh"
    return Freshness(
        state=state,
        swept_at=hosts.swept_at,
        answering=hosts.answering,
        hosts=hosts.total,
        ahead=ahead,
        counted_at=counted_at,
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
