"""For what a trust root would speak, before it does: of what runs, and instead of whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from fleet.trust import scope

#: Names that are told of each kind.
FIRST = 20


@dataclass(frozen=True, slots=True)
class Speaker:
    """A trust root as far as it matters here."""

    name: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """An image under a name, and how many containers run it."""

    name: str
    repository: str
    containers: int


class Some(msgspec.Struct, frozen=True):
    """Images of one kind: how many, and of the first ones the name and of whom it is said."""

    number: int = 0
    first: tuple[tuple[str, str], ...] = ()


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """`images` are names that it would speak for, and `containers` run them; `scopes` the same of each scope.

    `taken` are those for which another root speaks now, `shared` those for which another speaks as well, `closer`
    those in its scope for which another one's scope fits closer, so that it does not speak; `lost` those for which it
    speaks now and would not. Each names the other root; of `lost` it is empty where nobody would speak.
    """

    of: int
    images: int
    containers: int
    scopes: tuple[tuple[str, int, int], ...]
    first: tuple[str, ...]
    taken: Some
    shared: Some
    closer: Some
    lost: Some


@dataclass(slots=True)
class _Found:
    number: int = 0
    first: list[tuple[str, str]] = field(default_factory=list)

    def add(self, one: Running, who: str) -> None:
        self.number += 1
        if len(self.first) < FIRST:
            self.first.append((one.name, who))

    def some(self) -> Some:
        return Some(self.number, tuple(self.first))


def coverage(
    would: Speaker, *, before: Speaker | None, others: Sequence[Speaker], running: Iterable[Running]
) -> Coverage:
    """`others` are the other roots that speak now; `before` is this one as it speaks now, if it does."""
    by_scope = {one: [0, 0] for one in would.scopes}
    spoken, taken, shared, closer, lost = _Found(), _Found(), _Found(), _Found(), _Found()
    containers = of = 0
    judged: dict[str, _Judged] = {}
    for one in sorted(running, key=lambda one: one.name):
        of += 1
        said = judged.get(one.repository)
        if said is None:
            said = judged[one.repository] = _judge(would, before, others, one.repository)
        if said.speaks:
            spoken.add(one, "")
            containers += one.containers
            counts = by_scope[said.scope]
            counts[0] += 1
            counts[1] += one.containers
        for found, is_so in ((taken, said.takes), (shared, said.shares), (closer, said.is_beaten), (lost, said.loses)):
            if is_so:
                found.add(one, said.who)
    return Coverage(
        of=of,
        images=spoken.number,
        containers=containers,
        scopes=tuple((one, images, number) for one, (images, number) in by_scope.items()),
        first=tuple(name for name, _ in spoken.first),
        taken=taken.some(),
        shared=shared.some(),
        closer=closer.some(),
        lost=lost.some(),
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """Of one repository, whose names are all judged alike. `who` are the others that fit closest."""

    speaks: bool
    scope: str
    who: str
    takes: bool
    shares: bool
    is_beaten: bool
    loses: bool


def _judge(would: Speaker, before: Speaker | None, others: Sequence[Speaker], repository: str) -> _Judged:
    theirs = {other.name: scope.closest(other.scopes, repository) for other in others}
    most = max((fit for fit in theirs.values() if fit is not None), default=None)
    best = [name for name, fit in theirs.items() if fit is not None and fit == most]
    own = scope.closest(would.scopes, repository)
    was = scope.closest(before.scopes, repository) if before else None
    speaks = own is not None and (most is None or own >= most)
    spoke = was is not None and (most is None or was >= most)
    shares = speaks and own == most
    return _Judged(
        speaks=speaks,
        scope=_scope_of(would, repository) if speaks else "",
        who=", ".join(best),
        # What it had to itself before is nobody's loss.
        takes=speaks and not shares and bool(best) and (not spoke or was == most),
        shares=shares,
        is_beaten=own is not None and not speaks,
        loses=spoke and not speaks,
    )


def _scope_of(speaker: Speaker, repository: str) -> str:
    """The one that fits closest."""
    fits = {pattern: scope.specificity(pattern, repository) for pattern in speaker.scopes}
    return max((pattern for pattern, fit in fits.items() if fit is not None), key=lambda pattern: fits[pattern] or 0)
