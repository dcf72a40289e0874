"""What a mapping would catch: every stored container named twice in memory, nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from fleet.catalogue.mappings import digest, ordered_with
from fleet.catalogue.renaming import Standing, names_of_fleet
from fleet.inventory.identity import Identity
from fleet.inventory.mapping import MAPPED, Terms, Traits
from fleet.models import Host, Service, ServiceMapping
from fleet.naming import ENTERED

#: Containers and services that are named; of all others there is a number.
MOST_EXAMPLES: Final = 12
MOST_SERVICES: Final = 50
_SAYS: Final = timedelta(seconds=1)


@dataclass(slots=True)
class Caught:
    """What is found on the way. `matched` containers fit its patterns, `moved` would belong to another service."""

    matched: int = 0
    moved: int = 0
    containers: int = 0
    moving: list[dict[str, Any]] = field(default_factory=list)
    staying: list[dict[str, Any]] = field(default_factory=list)
    from_to: Counter[tuple[int | None, str]] = field(default_factory=Counter)
    stays: Counter[int] = field(default_factory=Counter)  # containers by the service that they would not leave
    teams: dict[str, str] = field(default_factory=dict)  # by service

    def add(
        self, host: Host, row: Standing, now: Identity, then: Identity, *, fits: bool, known: dict[int, str]
    ) -> None:
        self.containers += 1
        self.matched += fits
        if now.service == then.service:
            if row.service_id is not None:
                self.stays[row.service_id] += 1
        else:
            self.moved += 1
            self.from_to[row.service_id, then.service] += 1
        if then.team_source == MAPPED and (now.team_source != MAPPED or now.team != then.team):
            self.teams.setdefault(then.service, then.team or "")
        kept = self.moving if now.service != then.service else self.staying
        if fits and len(kept) < MOST_EXAMPLES:
            was = known.get(row.service_id or 0, now.service)
            about = {"pk": row.pk, "container": row.facts.name, "host": host.name}
            kept.append({**about, "before": was, "after": then.service})

    @property
    def examples(self) -> list[dict[str, Any]]:
        """Those that would move before those that it fits and that would not."""
        return [*self.moving, *self.staying][:MOST_EXAMPLES]


def preview_mapping(mapping_id: int, *, now: datetime, clock: Callable[[], datetime] | None = None) -> None:
    """Fills the draft's preview as it goes; what goes wrong is written there, too, for the page that waits.

    `clock` dates what it says meanwhile; without one that is `now` each time.
    """
    mapping = ServiceMapping.objects.get(pk=mapping_id)
    row = ServiceMapping.objects.filter(pk=mapping_id)
    said: datetime | None = None

    def progress(done: int, total: int) -> None:
        nonlocal said
        at = clock() if clock else now
        if said is None or at - said >= _SAYS:
            said = at
            row.update(preview_state="running", preview={"done": done, "total": total, "at": at.isoformat()})

    try:
        told = look(mapping, progress)
    except Exception as error:
        row.update(preview_state="failed", preview={"error": f"{type(error).__name__}: {error}"[:500]})
        raise
    row.update(preview_state="done", preview={**told, "at": now.isoformat()})


def preview_waits(mapping_id: int, *, now: datetime) -> None:
    """Says that a worker knows of it and has no turn for it yet, for the page that waits."""
    ServiceMapping.objects.filter(pk=mapping_id).update(preview_state="", preview={"at": now.isoformat()})


def look(mapping: ServiceMapping, progress: Callable[[int, int], None] = lambda _done, _total: None) -> dict[str, Any]:
    """What putting it in force would change, as it is kept with the draft."""
    before, after = ServiceMapping.objects.in_force().terms(), tuple(one.terms for one in ordered_with(mapping))
    caught = _caught(mapping.terms, before, after, progress)
    rows = {row.pk: row for row in Service.objects.filter(pk__in=_touched(caught)).only("name", "slug", "declared")}
    left: Counter[int] = Counter()
    for (pk, _), number in caught.from_to.items():
        if pk is not None:
            left[pk] += number
    gone = [rows[pk] for pk in left if pk in rows and not caught.stays[pk] and not rows[pk].declared]
    less = [rows[pk] for pk in left if pk in rows and (caught.stays[pk] or rows[pk].declared)]
    meant: Counter[str] = Counter()
    for (_, name), number in caught.from_to.items():
        meant[name] += number
    there = set(Service.objects.in_catalogue().filter(name__in=list(meant)).values_list("name", flat=True))
    slugs = dict(Service.objects.filter(name__in=list(meant)).values_list("name", "slug"))
    return {
        "matched": caught.matched,
        "moved": caught.moved,
        "of": caught.containers,
        "examples": caught.examples,
        "appear": _named((name, "", meant[name]) for name in meant if name not in there),
        "grow": _named((name, slugs.get(name, ""), meant[name]) for name in meant if name in there),
        "vanish": _named((one.name, one.slug, left[one.pk]) for one in gone),
        "shrink": _named((one.name, one.slug, left[one.pk]) for one in less),
        "teams": _teams(caught.teams),
        "against": digest(before),
    }


def _caught(
    terms: Terms, before: Sequence[Terms], after: Sequence[Terms], progress: Callable[[int, int], None]
) -> Caught:
    caught, known = Caught(), dict(Service.objects.order_by().values_list("pk", "name"))
    total, done, last = Host.objects.count(), 0, 0
    for host, row, (now, then) in names_of_fleet((before, after)):
        if host.pk != last:
            last, done = host.pk, done + 1
            progress(done, total)
        fits = terms.match(Traits.of(row.facts, host.name)) is not None
        caught.add(host, row, now, then, fits=fits, known=known)
    return caught


def _teams(given: Mapping[str, str]) -> dict[str, Any]:
    """Services whose team would be another: before and after. One that a person entered stays."""
    rows = Service.objects.filter(name__in=list(given)).values_list("name", "team", "team_source")
    known = {name: (team, source) for name, team, source in rows}
    changed = [
        [name, known[name][0] if name in known else "", team]
        for name, team in sorted(given.items())
        if name not in known or (known[name][0] != team and known[name][1] != ENTERED)
    ]
    return {"total": len(changed), "rows": changed[:MOST_SERVICES]}


def _touched(caught: Caught) -> list[int]:
    return sorted({pk for pk, _ in caught.from_to if pk is not None})


def _named(found: Iterable[tuple[str, str, int]]) -> dict[str, Any]:
    """The first by number of containers, and how many there are in all."""
    rows = sorted(found, key=lambda one: (-one[2], one[0]))
    return {"total": len(rows), "rows": [list(one) for one in rows[:MOST_SERVICES]]}
