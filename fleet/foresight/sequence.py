"""The best few changes together: an exact search, since single gains do not add up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

#: Sets of rules that are tried at most before a search settles for the best one found.
LIMIT = 200_000
#: Sets that are tried at most for one service; one whose needs have more shapes is named in what the search says.
WAYS_LIMIT = 5_000


@dataclass(frozen=True, slots=True)
class Ways:
    """What it takes for a service to be ready: any of `sets`, none of which holds another.

    `complete` says that there is no further one of that size; `possible` that mending everything would do.
    """

    sets: tuple[frozenset[str], ...]
    complete: bool
    possible: bool


def ways_to_ready(
    open_rules: Iterable[str], ready: Callable[[frozenset[str]], bool], *, length: int, limit: int = WAYS_LIMIT
) -> Ways:
    """Every smallest set of at most `length` rules with which it is ready. Mending never makes anything worse.

    What cannot be left out when all else is mended is in every set; it mostly is the only one. Else the others are
    tried in every combination, small ones first.
    """
    everything = frozenset(open_rules)
    if not ready(everything):
        return Ways((), complete=True, possible=False)
    needed = frozenset(rule for rule in everything if not ready(everything - {rule}))
    if ready(needed):
        return Ways((needed,) if len(needed) <= length else (), complete=True, possible=True)
    found: list[frozenset[str]] = []
    tried = 0
    others = sorted(everything - needed)
    for size in range(1, length - len(needed) + 1):
        for more in combinations(others, size):
            chosen = needed.union(more)
            if any(known <= chosen for known in found):
                continue
            tried += 1
            if tried > limit:
                return Ways(tuple(found), complete=False, possible=True)
            if ready(chosen):
                found.append(chosen)
    return Ways(tuple(found), complete=True, possible=True)


def best_sequence(
    needs: Sequence[tuple[Sequence[frozenset[str]], int]], *, length: int, limit: int = LIMIT
) -> tuple[list[str], bool]:
    """Of `length` rules at most, those that together free most, in the order that frees soonest; and whether the
    search was finished, so that no other set of that size frees more.

    `needs` has, for each group of services alike, the sets of rules any of which frees them, and how many they are.
    """
    search = _Search.of(needs, length=length, limit=limit)
    best, finished = search.run()
    return search.in_order(best), finished


@dataclass
class _Search:
    """Sets of rules as bits. Only unions of whole needs can be best: what completes none of them frees nobody."""

    names: Sequence[str]
    groups: Sequence[tuple[tuple[int, ...], int]]
    length: int
    limit: int
    seen: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, needs: Sequence[tuple[Sequence[frozenset[str]], int]], *, length: int, limit: int) -> _Search:
        short = [([one for one in sets if 0 < len(one) <= length], weight) for sets, weight in needs]
        names = sorted({rule for sets, _ in short for one in sets for rule in one})
        place = {rule: 1 << number for number, rule in enumerate(names)}
        groups = [(tuple(sum(place[rule] for rule in one) for one in sets), weight) for sets, weight in short if sets]
        return cls(names, groups, length, limit)

    def run(self) -> tuple[int, bool]:
        """The best set found, and whether all were looked at or could not be better."""
        units = sorted({one for sets, _ in self.groups for one in sets}, key=lambda one: (-one.bit_count(), one))
        best, best_gain = 0, 0
        stack = [0]
        while stack:
            chosen = stack.pop()
            most = self._most(chosen)
            if most < best_gain or (most == best_gain and chosen.bit_count() + 1 >= best.bit_count() > 0):
                continue
            fresh = []
            for unit in units:
                united = chosen | unit
                if united.bit_count() > self.length or united in self.seen:
                    continue
                if len(self.seen) >= self.limit:
                    return best, False
                self.seen.add(united)
                gain = self.gain(united)
                if gain > best_gain or (gain == best_gain and united.bit_count() < best.bit_count()):
                    best, best_gain = united, gain
                fresh.append((gain, united))
            stack += [united for _, united in sorted(fresh)]  # what frees most is looked at first
        return best, True

    def gain(self, chosen: int) -> int:
        return sum(weight for sets, weight in self.groups if any(one & ~chosen == 0 for one in sets))

    def _most(self, chosen: int) -> int:
        """No set of that length with these in it frees more."""
        room = self.length - chosen.bit_count()
        return sum(weight for sets, weight in self.groups if any((one & ~chosen).bit_count() <= room for one in sets))

    def in_order(self, chosen: int) -> list[str]:
        """What frees soonest first: the smallest need that is met next, then its rules by name."""
        order: list[str] = []
        done = 0
        inside = [one for sets, _ in self.groups for one in sets if one & ~chosen == 0]
        while done != chosen:
            step = min(
                (one & ~done for one in inside if one & ~done),
                key=lambda missing: (missing.bit_count(), -self.gain(done | missing), self._rules(missing)),
                default=chosen & ~done,
            )
            order += self._rules(step)
            done |= step
        return order

    def _rules(self, bits: int) -> list[str]:
        return [name for number, name in enumerate(self.names) if bits >> number & 1]


def smallest_need(open_rules: Sequence[str], ready: Callable[[frozenset[str]], bool]) -> frozenset[str] | None:
    """A set of rules none of which can be left out for it to be ready; None when not even all of them suffice.

    Mending never makes anything worse, so taking away one rule after another finds such a set. Rules are tried for
    leaving out in the order given: those that are least to be mended first.
    """
    chosen = frozenset(open_rules)
    if not ready(chosen):
        return None
    for rule in open_rules:
        if ready(chosen - {rule}):
            chosen -= {rule}
    return chosen
