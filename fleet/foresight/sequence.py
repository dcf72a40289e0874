"""The best few changes together: an exact search, since single gains do not add up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

#: Sets of rules that are tried at most before the search settles for the best one found.
LIMIT = 200_000


def best_sequence(
    needs: Sequence[tuple[frozenset[str], int]], *, length: int, limit: int = LIMIT
) -> tuple[list[str], bool]:
    """Of `length` rules at most, those that together free most, in the order that frees soonest; and whether the
    search was finished, so that no other set of that size frees more.

    `needs` has, for each group of services alike, the rules that must pass and how many services wait for them.
    """
    useful = [(rules, weight) for rules, weight in needs if 0 < len(rules) <= length]
    best, best_gain, tried = frozenset[str](), 0, 0
    # Only unions of whole needs can be best: a rule that completes none of them frees nobody.
    useful.sort(key=lambda need: (len(need[0]), -need[1], sorted(need[0])))
    stack: list[tuple[int, frozenset[str]]] = [(0, frozenset())]
    seen: set[frozenset[str]] = set()
    while stack and tried < limit:
        index, chosen = stack.pop()
        if index == len(useful):
            continue
        rules, _ = useful[index]
        stack.append((index + 1, chosen))
        united = chosen | rules
        if len(united) > length or united == chosen or united in seen:
            continue
        seen.add(united)
        tried += 1
        gain = _gain(useful, united)
        if gain > best_gain or (gain == best_gain and len(united) < len(best)):
            best, best_gain = united, gain
        stack.append((index + 1, united))
    return _in_order(useful, best), not stack


def _gain(needs: Sequence[tuple[frozenset[str], int]], chosen: frozenset[str]) -> int:
    return sum(weight for rules, weight in needs if rules <= chosen)


def _in_order(needs: Sequence[tuple[frozenset[str], int]], chosen: frozenset[str]) -> list[str]:
    """What frees soonest first: the smallest need that is met next, then its rules by name."""
    order: list[str] = []
    left = set(chosen)
    while left:
        done = frozenset(order)
        step = min(
            (rules - done for rules, _ in needs if rules <= chosen and rules - done),
            key=lambda missing: (len(missing), -_gain(needs, done | missing), sorted(missing)),
            default=frozenset(left),
        )
        order += sorted(step)
        left -= step
    return order


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
