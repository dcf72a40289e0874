"""Which answers on sheets are asked for: a choice by rule, pillar, severity or status, made once for each pattern."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from django.db import models

from fleet.models.answer_pattern import Answer, AnswerPattern, Pattern
from fleet.models.answer_sheet import RANK, AnswerSheetQuerySet

Test = Callable[[Answer], bool]


@dataclass(frozen=True, slots=True)
class Among:
    """A test of one field; `values` are those that pass it."""

    name: str
    values: frozenset[str]

    def __call__(self, one: Answer) -> bool:
        return OF_AN_ANSWER[self.name](one) in self.values


@dataclass
class Chosen:
    """The sheets that are left with the patterns of those that were looked at; `least` is how many answers each has at
    least that are asked for, 0 where that is not known.
    """

    sheets: AnswerSheetQuerySet
    patterns: dict[int, Pattern]
    least: int
    tests: Sequence[Test]
    named: Test | None

    @classmethod
    def of(
        cls, sheets: AnswerSheetQuerySet, tests: Sequence[Test], named: Test | None, *, by_rule: bool
    ) -> Self | None:
        """None where no pattern has anything of it. `by_rule` says that a test is of the rule: then most may not."""
        if not by_rule and named is None:
            return cls(sheets, {}, 0, tests, None)
        made = cls(sheets, AnswerPattern.objects.all().all_of_them(), 0, tests, named)
        places = {digest: made.places(digest, named=True) for digest in made.patterns}
        left = {digest: some for digest, some in places.items() if some}
        made.least = 1
        if named is not None:
            unnamed = [digest for digest in left if made.places(digest, named=False)]
            made.sheets = made.sheets.filter(models.Q(named=True, pattern__in=left) | models.Q(pattern__in=unnamed))
        elif len(left) < len(places):
            made.sheets = made.sheets.filter(pattern__in=left)
        if named is None:
            made.least = min(map(len, left.values()), default=1)
        return made if left else None

    def places(self, digest: int, *, named: bool) -> Sequence[int]:
        pattern = self.patterns[digest]
        tests, places = self._left(pattern)
        return [
            place
            for place in places
            if all(test(pattern.answers[place]) for test in tests)
            and (self.named is None or named or self.named(pattern.answers[place]))
        ]

    def _left(self, pattern: Pattern) -> tuple[Sequence[Test], Sequence[int]]:
        """Tests that are still to be made, and of the answers in which places: a pattern knows where a rule's are."""
        of_rules = [test.values for test in self.tests if isinstance(test, Among) and test.name == "rule"]
        if not of_rules:
            return self.tests, range(len(pattern.answers))
        others = [test for test in self.tests if not (isinstance(test, Among) and test.name == "rule")]
        rules = frozenset.intersection(*of_rules)
        return others, sorted(place for rule in rules for place in pattern.by_rule.get(rule, ()))

    def told(self, rows: Collection[tuple[Any, ...]]) -> Iterator[tuple[tuple[Any, ...], Sequence[int]]]:
        """`rows` begin with a key, the pattern and, if that matters, whether the subject was named. With each the
        places of those answers that are asked for.
        """
        self.patterns |= AnswerPattern.objects.all().read({row[1] for row in rows} - self.patterns.keys())
        known: dict[tuple[Any, ...], Sequence[int]] = {}
        for row in rows:
            kind = row[1:3] if self.named else row[1:2]
            if row[1] in self.patterns:  # else it was written while this was read
                if kind not in known:
                    known[kind] = self.places(row[1], named=bool(self.named and row[2]))
                yield row, known[kind]


def test_of(name: str, value: Any) -> Test:
    field, _, how = name.partition("__")
    if how not in {"", "exact", "in"}:
        raise ValueError(f"no answer is chosen by {name}")
    return Among(field, frozenset(map(str, value)) if how == "in" else frozenset({str(value)}))


OF_AN_ANSWER: Final[Mapping[str, Callable[[Answer], str]]] = {
    "rule": lambda one: one.rule,
    "pillar": lambda one: one.pillar,
    "severity": lambda one: one.severity,
    "severity_rank": lambda one: str(RANK[one.severity]),
    "status": lambda one: one.status,
}
