"""What the fleet's images prove, added up: each image under each name once, with all containers that run it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec
from django.db.models import Case, Count, F, When
from msgspec.structs import replace

from fleet.models import Container, ImageRegistry, TrustResult
from fleet.proving.results import best, due_of, say
from fleet.proving.roots import InForce, closest, in_force
from fleet.trust.errors import Refused, UnusableKey
from fleet.trust.keys import certificate, read_certificates
from fleet.trust.names import ImageName, parse
from fleet.trust.states import State

#: What a root speaks for and nobody looked at yet. Of one image that is unreachable, too; here it is told apart.
NOT_LOOKED_AT: Final = "not-looked-at"
#: From what was proven wrong to what is proven, which is how people look for what to do.
WORST_FIRST: Final = (
    State.INVALID.value, State.MISMATCH.value, State.UNKNOWN_PUBLISHER.value, State.UNSIGNED.value,
    State.EXPIRED.value, State.LOCAL.value, State.OTHER_TAG.value, State.SUPERSEDED.value, State.UNSUPPORTED.value,
    State.UNREACHABLE.value, NOT_LOOKED_AT, State.NO_POLICY.value, State.VERIFIED.value,
)  # fmt: skip
#: Images that are listed one by one, endings that are told, and teams, registries and roots with numbers of their own.
MOST_LISTED: Final = 20_000
MOST_ENDINGS: Final = 20
MOST_OF_A_KIND: Final = 500
#: Of one image, in a kept list.
_TEAMS: Final = 50
_NEEDED: Final = (
    "version", "name", "image_id", "state", "sentence", "checked_at", "asked_at", "due_at", "valid_until", "obstacle",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Used:
    """An image under a name and its containers by team. `name` is None where no registry could hold what it is called,
    or where it was started by an ID; `reference` is then that, else the name as ImageName writes it.
    """

    name: ImageName | None
    reference: str
    image_id: str  # empty where the engine did not tell it yet
    teams: Mapping[str, int]

    @property
    def containers(self) -> int:
        return sum(self.teams.values())

    @property
    def registry(self) -> str:
        """Empty where no name says one."""
        return self.name.registry if self.name else ""


class Listed(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """One image as lists show it; `root` is the one whose result it is, `checked_at` None where nobody looked yet.

    A struct, since a list reads thousands of them from one row.
    """

    name: str
    image_id: str
    registry: str
    state: str
    root: str = ""
    containers: int = 0
    teams: tuple[tuple[str, int], ...] = ()  # containers by team, most first; the first fifty where it is kept
    checked_at: datetime | None = None
    asked_at: datetime | None = None
    due_at: datetime | None = None
    valid_until: datetime | None = None

    @property
    def rank(self) -> int:
        return WORST_FIRST.index(self.state)


def to_rows(images: Iterable[Listed]) -> list[Any]:
    """Plain data."""
    few = (one if len(one.teams) <= _TEAMS else replace(one, teams=one.teams[:_TEAMS]) for one in images)
    return [msgspec.to_builtins(one) for one in few]


def from_rows(rows: Any) -> list[Listed]:
    return msgspec.convert(rows, list[Listed])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Something that is good until a moment: verdicts on `images` of a repository, or a certificate that `root` or the
    connection to `what` rests on.
    """

    kind: str  # verdict, certificate, connection
    what: str
    root: str
    at: datetime
    images: int = 0


#: By state, [images, containers].
Tally = dict[str, list[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """All of `states` add up to `images` and `containers`; so do those of the registries. An image counts in each team
    that runs it, and by the root whose result it is, which those that none speaks for have none of.
    """

    images: int = 0
    containers: int = 0
    states: Tally = field(default_factory=dict)
    teams: dict[str, Tally] = field(default_factory=dict)
    registries: dict[str, Tally] = field(default_factory=dict)
    roots: dict[str, Tally] = field(default_factory=dict)
    ends: tuple[Ends, ...] = ()
    due: int = 0  # that ought to be looked at now, those nobody looked at yet among them
    next_due: datetime | None = None  # of the others
    asked_at: datetime | None = None  # when anything was last tried
    unlisted: int = 0  # images that are not listed one by one


def survey(now: datetime) -> tuple[Survey, list[Listed]]:
    """Four queries, whatever the size of the fleet, and no network."""
    roots = in_force()
    listed = _judged(used(), roots, now)
    return _summed(listed, _endings(listed, roots), now), listed[:MOST_LISTED]


def used() -> list[Used]:
    """Every image that a container is there of."""
    team = Case(When(service__isnull=True, then=F("host__team")), default=F("service__team"))
    grouped = (
        Container.objects.present()
        .order_by()
        .annotate(owner=team)
        .values_list("image_reference", "image__engine_id", "owner")
        .annotate(number=Count("pk"))
    )
    names: dict[str, ImageName | None] = {}
    teams: dict[tuple[str, str], Counter[str]] = {}
    for reference, image_id, owner, number in grouped.iterator(chunk_size=5000):
        if reference not in names:
            names[reference] = name_of(reference)
        called = str(names[reference] or reference)
        teams.setdefault((called, image_id or ""), Counter())[owner or ""] += number
    called_so = {str(name): name for name in names.values() if name}
    return [Used(called_so.get(called), called, image_id, found) for (called, image_id), found in teams.items()]


def name_of(reference: str | None) -> ImageName | None:
    """None for an ID, and for what no registry could hold."""
    try:
        return parse(reference)
    except Refused:
        return None


def _judged(images: Iterable[Used], roots: Sequence[InForce], now: datetime) -> list[Listed]:
    by_version = {one.version_id: one for one in roots}
    found: dict[tuple[str, str], list[TrustResult]] = {}
    for row in TrustResult.objects.filter(version__in=list(by_version)).only(*_NEEDED).iterator():
        found.setdefault((row.name, row.image_id), []).append(row)
    speaking: dict[str, tuple[InForce, ...]] = {}
    listed = []
    for one in images:
        repository = one.name.repository if one.name else ""
        if repository not in speaking:
            speaking[repository] = closest(roots, repository) if repository else ()
        mine = speaking[repository]
        rows = [row for row in found.get((one.reference, one.image_id), ()) if by_version[row.version_id] in mine]
        listed.append(_listed(one, mine, rows, now))
    return sorted(listed, key=lambda one: (one.rank, one.name, one.image_id))


def _listed(one: Used, speaking: Sequence[InForce], rows: Sequence[TrustResult], now: datetime) -> Listed:
    about: dict[str, Any] = {
        "name": one.reference,
        "image_id": one.image_id,
        "registry": one.registry,
        "containers": one.containers,
        "teams": tuple(sorted(one.teams.items(), key=lambda team: (-team[1], team[0]))),
    }
    if not speaking:
        return Listed(state=State.NO_POLICY.value, **about)
    by_version = {by.version_id: by for by in speaking}
    top = best([say(row, by_version[row.version_id], now) for row in rows])
    if top is None or top.result is None:
        return Listed(state=NOT_LOOKED_AT, root=speaking[0].root.name, **about)
    return Listed(
        state=top.state.value,
        root=top.root,
        checked_at=top.result.checked_at,
        asked_at=max(row.asked_at for row in rows),
        due_at=min(due_of(row.due_at, row.asked_at, now) for row in rows) if len(rows) == len(speaking) else now,
        valid_until=top.result.valid_until,
        **about,
    )


def _summed(listed: Sequence[Listed], ends: Sequence[Ends], now: datetime) -> Survey:
    states: Tally = {}
    teams: dict[str, Tally] = {}
    registries: dict[str, Tally] = {}
    roots: dict[str, Tally] = {}
    for one in listed:
        _add(states, one.state, one.containers)
        _add(registries.setdefault(one.registry, {}), one.state, one.containers)
        if one.root:
            _add(roots.setdefault(one.root, {}), one.state, one.containers)
        for team, number in one.teams:
            _add(teams.setdefault(team, {}), one.state, number)
    waiting = [one for one in listed if one.state == NOT_LOOKED_AT and one.image_id]
    dues = [one.due_at for one in listed if one.due_at]
    return Survey(
        images=len(listed),
        containers=sum(one.containers for one in listed),
        states=states,
        teams=_largest(teams),
        registries=_largest(registries),
        roots=_largest(roots),
        ends=tuple(sorted(ends, key=lambda one: (one.at, one.what))[:MOST_ENDINGS]),
        due=len(waiting) + sum(due <= now for due in dues),
        next_due=min((due for due in dues if due > now), default=None),
        asked_at=max((one.asked_at for one in listed if one.asked_at), default=None),
        unlisted=max(0, len(listed) - MOST_LISTED),
    )


def _add(tally: Tally, state: str, containers: int) -> None:
    both = tally.setdefault(state, [0, 0])
    both[0] += 1
    both[1] += containers


def _largest(tallies: dict[str, Tally]) -> dict[str, Tally]:
    """Those of most images, where there are too many to keep."""
    first = sorted(tallies, key=lambda name: (-sum(images for images, _ in tallies[name].values()), name))
    return {name: tallies[name] for name in first[:MOST_OF_A_KIND]}


def _endings(listed: Iterable[Listed], roots: Iterable[InForce]) -> list[Ends]:
    verdicts: Counter[tuple[str, str, datetime]] = Counter()
    for one in listed:
        name = name_of(one.name)
        if one.state == State.VERIFIED and one.valid_until and name:
            verdicts[name.repository, one.root, one.valid_until] += 1
    found = [
        Ends(kind="verdict", what=what, root=root, at=at, images=number)
        for (what, root, at), number in verdicts.items()
    ]
    for by in roots:
        found += [_certificate("certificate", "", by.root.name, der) for der in by.root.certificates]
        if by.terms.server and by.terms.server.ca:
            found += [_certificate("connection", by.terms.server.address, by.root.name, der)
                      for der in _certificates(by.terms.server.ca)]  # fmt: skip
    for host, ca in ImageRegistry.objects.exclude(ca="").values_list("host", "ca"):
        found += [_certificate("connection", host, "", der) for der in _certificates(ca)]
    return found


def _certificates(pem: str) -> tuple[bytes, ...]:
    try:
        return read_certificates(pem)
    except UnusableKey:  # of an older version of Loadline, which took it
        return ()


def _certificate(kind: str, what: str, root: str, der: bytes) -> Ends:
    found = certificate(der)
    return Ends(kind=kind, what=what or found.subject.rfc4514_string(), root=root, at=found.not_valid_after_utc)
