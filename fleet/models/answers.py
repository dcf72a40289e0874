"""Everything that rules say: rows of findings and what stands on sheets, asked and read as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any, Final, Self

from django.db import models

from fleet.models.answer_pattern import Answer, AnswerPattern, Pattern
from fleet.models.answer_sheet import RANK, AnswerSheet, AnswerSheetQuerySet
from fleet.models.container import Container
from fleet.models.finding import OPEN, WAIVED, Finding, FindingQuerySet, hanging_on, owned_by
from fleet.readiness.vocabulary import Status

#: Sheets that are read together, and up to which what stands on them is sorted.
_FEW: Final = 500
_SETTLED: Final = frozenset(status.value for status in Status) - OPEN
Facet = tuple[str, str, str, str, int]
Test = Callable[[Answer], bool]


@dataclass(frozen=True, eq=False)
class Answers:
    """As a queryset of findings. Those on sheets come after the rows, have no key, and only look like findings.

    `tests` are of an answer; `named` is one more, which an answer need not pass if its sheet is annotated as `named`.
    `statuses` are those that may be left, None for any.
    """

    rows: FindingQuerySet = field(default_factory=Finding.objects.all)
    sheets: AnswerSheetQuerySet = field(default_factory=AnswerSheet.objects.all)
    tests: tuple[Test, ...] = ()
    named: Test | None = None
    statuses: frozenset[str] | None = None
    order: tuple[str, ...] = ()

    model = Finding  # what lists ask of a queryset

    # Which of them.

    def all(self) -> Self:
        return self

    def distinct(self) -> Self:
        """No question here finds one twice."""
        return self

    def none(self) -> Self:
        return replace(self, rows=self.rows.none(), sheets=self.sheets.none())

    def filter(self, *about: models.Q, **lookups: Any) -> Self:
        """Conditions of type Q are about the subject only; of rule, pillar, severity and status `lookups` name exact
        values or, with `__in`, several.
        """
        own = {name: value for name, value in lookups.items() if name.partition("__")[0] in _OF_AN_ANSWER}
        statuses = self.statuses
        for name, value in own.items():
            if name.startswith("status"):
                told = frozenset(map(str, value if name.endswith("__in") else [value]))
                statuses = told if statuses is None else statuses & told
        return replace(
            self,
            rows=self.rows.filter(*about, **lookups),
            sheets=self.sheets.filter(*about, **{name: lookups[name] for name in lookups.keys() - own.keys()}),
            tests=(*self.tests, *(_test(name, value) for name, value in own.items())),
            statuses=statuses,
        )

    def either(self, about: models.Q, *, rules: models.Q, named: Test) -> Self:
        """Those on subjects that `about` describes, and those of rules that `rules` and `named` describe alike."""
        if self.named is not None:
            raise ValueError("one choice between subject and rule is all that can be made")
        sheets = self.sheets.annotate(named=models.ExpressionWrapper(about, output_field=models.BooleanField()))
        return replace(self, rows=self.rows.filter(about | rules), sheets=sheets, named=named)

    def about(self, containers: models.QuerySet[Container], *more: models.Q) -> Self:
        """On these containers and on the image, networks, volumes and host of each; or on what `more` describe."""
        chosen = hanging_on(containers)
        for one in more:
            chosen |= one
        return self.filter(chosen)

    def of_team(self, team: str) -> Self:
        return self.filter(owned_by(team))

    def of_cis(self, number: str, rules: Collection[str]) -> Self:
        """Of those rules, and of failures only what violates the number."""
        chosen = self.filter(rule__in=list(rules))
        narrowed = [
            pk
            for pk, cis in chosen.rows.filter(cis__isnull=False).values_list("pk", "cis")
            if number not in (cis or ())
        ]
        return replace(chosen, rows=chosen.rows.exclude(pk__in=narrowed))

    def with_status(self, status: str) -> Self:
        """Those with the status as pages tell it."""
        chosen = self.filter(status=Status.FAIL.value if status == WAIVED else status)
        return replace(chosen, rows=self.rows.with_status(status))

    def order_by(self, *names: str) -> Self:
        """Rows in this order, and after them those on sheets, if these are few; many come as they were first stored."""
        return replace(self, rows=self.rows.order_by(*names), order=names)

    # What is read along.

    def with_subjects(self) -> Self:
        return replace(self, rows=self.rows.with_subjects(), sheets=self.sheets.with_subjects())

    def with_hosts(self, *fields: str) -> Self:
        """Only these fields of each, and what else pages name of its host, container and waiver."""
        rows = self.rows.select_related("host", "container", "waiver").only(*fields)
        bare = self.sheets.select_related("host").only(*_FIELDS_OF_A_SHEET, "host__name")
        return replace(self, rows=rows, sheets=bare)

    def prefetched(self) -> Self:
        """Hosts and services once, and not once for each of the thousands that share them."""
        rows = self.rows.prefetch_related("host", "service", "waiver")
        return replace(self, rows=rows, sheets=self.sheets.prefetch_related("host", "service"))

    # Counts.

    def count(self) -> int:
        return int(self.rows.order_by().count() + sum(number for *_, number in self._by_pattern()))

    def count_up_to(self, most: int) -> int:
        """How many there are, and no more than `most`."""
        found = self.rows.order_by()[:most].count()
        if found < most and self._read is not None:
            # Each sheet that is left has something on it.
            left = list(self._light.order_by()[: most - found])
            found += sum(len(places) for _, places in self._read.told(left))
        return min(found, most)

    def counts_by_status(self) -> Counter[str]:
        found = self.rows.counts_by_status()
        for answer, number in self._by_pattern():
            found[answer.status] += number
        return found

    def counts_by_rule(self) -> Counter[tuple[str, str]]:
        """By rule and status as pages tell it."""
        found = self.rows.counts_by_rule()
        for answer, number in self._by_pattern():
            found[answer.rule, answer.status] += number
        return found

    def facets(self) -> list[Facet]:
        """How many by rule, severity, status as pages tell it, and the host's environment (empty without)."""
        found: Counter[tuple[str, str, str, str]] = Counter()
        for rule, severity, status, environment, number in self.rows.facets():
            found[rule, severity, status, environment] += number
        for answer, environment, number in self._by_pattern("host__environment__slug"):
            found[answer.rule, answer.severity, answer.status, environment or ""] += number
        return [(*key, number) for key, number in found.items()]

    def _by_pattern(self, *by: str) -> Iterator[tuple[Any, ...]]:
        """Answers of each pattern, what they are grouped by besides, and of how many sheets."""
        if not self._settled_too:
            return
        bare = self.sheets.select_related(None).order_by()
        groups = bare.values_list("pattern_id", *self._flags, *by).annotate(number=models.Count("*"))
        read = _Read(self.sheets, {}, 0, self.tests, self.named)
        for row, places in read.told([(None, *group) for group in groups]):
            answers = read.patterns[row[1]].answers
            for place in places:
                yield answers[place], *row[2 + len(self._flags) :]

    # Reading.

    def __iter__(self) -> Iterator[Finding]:
        yield from self.rows
        yield from self._settled()

    def __getitem__(self, part: slice) -> Window:
        return Window(self, part.start or 0, part.stop)

    def get(self, **lookups: Any) -> Finding:
        [found] = self.filter(**lookups)
        return found

    def between(self, start: int, stop: int) -> list[Finding]:
        """As many as fit between these two places in the order."""
        found = list(self.rows[start:stop])
        if len(found) == stop - start or self._read is None:
            return found
        before = start + len(found) if found else self.rows.order_by().count()
        return found + self._settled_between(max(0, start - before), stop - before)

    def after(self, key: int, most: int) -> list[Finding]:
        """Rows in the order of their keys, behind the one of that key."""
        return list(self.rows.filter(pk__gt=key).order_by("pk")[:most])

    def settled_after(self, sheet: int, rule: str, most: int) -> list[tuple[int, Finding]]:
        """Those on sheets in the order of the sheets' keys and then of rules, behind this one; with the key of each."""
        found: list[tuple[int, Finding]] = []
        key, step = sheet, most // 4 + 2
        while self._read is not None and len(found) < most:
            step = min(most, step) if not self._read.least else -(-(most - len(found)) // self._read.least) + 1
            some = list(self._read.sheets.filter(pk__gte=key).order_by("pk")[:step])
            for one, findings in self._findings(some):
                found += [(one.pk, each) for each in findings if one.pk > sheet or each.rule > rule]
            if len(some) < step:
                break
            key = some[-1].pk + 1
        return found[:most]

    def _settled(self) -> Iterator[Finding]:
        if self._read is None:
            return
        if self.order:
            few = list(self._read.sheets.order_by("pk")[: _FEW + 1])
            if len(few) <= _FEW:
                yield from self._sorted(few, 0, None)
                return
        rows = self._read.sheets.order_by("pk").iterator(chunk_size=_FEW)
        while some := list(islice(rows, _FEW)):
            for _, findings in self._findings(some):
                yield from findings

    def _settled_between(self, start: int, stop: int) -> list[Finding]:
        if self._read is None:
            return []
        if self.order and self.order != ("pk",):
            few = list(self._read.sheets.order_by("pk")[: _FEW + 1])
            if len(few) <= _FEW:
                return self._sorted(few, start, stop)
        light = list(self._light.order_by("pk")[:stop])
        keys, passed, skipped = [], 0, None
        for row, places in self._read.told(light):
            if passed + len(places) > start and passed < stop:
                skipped = passed if skipped is None else skipped
                keys.append(row[0])
            passed += len(places)
        rows = self._read.sheets.filter(pk__in=keys).order_by("pk") if keys else []
        found = [one for _, findings in self._findings(rows) for one in findings]
        first = start - (skipped or 0)
        return found[first : first + stop - start]

    def _sorted(self, sheets: Sequence[AnswerSheet], start: int, stop: int | None) -> list[Finding]:
        found = [one for _, findings in self._findings(sheets) for one in findings]
        for name in reversed(self.order):
            found.sort(key=_SORTED_BY[name.removeprefix("-")], reverse=name.startswith("-"))
        return found[start:stop]

    def _findings(self, sheets: Iterable[AnswerSheet]) -> Iterator[tuple[AnswerSheet, Iterator[Finding]]]:
        by_key = {one.pk: one for one in sheets}
        flags = [(pk, one.pattern_id, *(getattr(one, name) for name in self._flags)) for pk, one in by_key.items()]
        if self._read is not None:
            for (pk, digest, *_), places in self._read.told(flags):
                yield by_key[pk], by_key[pk].findings(self._read.patterns[digest], places)

    @property
    def _flags(self) -> tuple[str, ...]:
        return ("named",) if self.named else ()

    @property
    def _light(self) -> Any:
        """Key and pattern of each sheet that is left."""
        if self._read is None:
            raise ValueError("nothing on sheets is asked for")
        return self._read.sheets.select_related(None).values_list("pk", "pattern_id", *self._flags)

    @cached_property
    def _read(self) -> _Read | None:
        """None where nothing on a sheet can be among them."""
        return _Read.of(self) if self._settled_too else None

    @property
    def _settled_too(self) -> bool:
        return self.statuses is None or bool(self.statuses & _SETTLED)


@dataclass(frozen=True, eq=False)
class Window:
    """Some of them, from one place to another, read when they are looked at."""

    answers: Answers
    start: int
    stop: int

    def count(self) -> int:
        return max(0, self.answers.count_up_to(self.stop) - self.start)

    @cached_property
    def _found(self) -> list[Finding]:
        return self.answers.between(self.start, self.stop)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


@dataclass
class _Read:
    """The sheets that are left with the patterns of those that were looked at; `least` is how many answers each has at
    least that are asked for, 0 where that is not known.
    """

    sheets: AnswerSheetQuerySet
    patterns: dict[int, Pattern]
    least: int
    tests: Sequence[Test]
    named: Test | None

    @classmethod
    def of(cls, asked: Answers) -> Self | None:
        if not asked.tests and asked.named is None:
            return cls(asked.sheets, {}, 0, (), None)
        made = cls(asked.sheets, AnswerPattern.objects.all().all_of_them(), 0, asked.tests, asked.named)
        places = {digest: made.places(digest, named=True) for digest in made.patterns}
        left = {digest: some for digest, some in places.items() if some}
        if asked.named is None:
            made.least = min(map(len, left.values()), default=1)
            if len(left) < len(places):
                made.sheets = made.sheets.filter(pattern__in=left)
            return made if left else None
        made.least = 1
        unnamed = [digest for digest in left if made.places(digest, named=False)]
        made.sheets = made.sheets.filter(models.Q(named=True, pattern__in=left) | models.Q(pattern__in=unnamed))
        return made if left else None

    def places(self, digest: int, *, named: bool) -> Sequence[int]:
        answers = self.patterns[digest].answers
        return [
            place
            for place, one in enumerate(answers)
            if all(test(one) for test in self.tests) and (self.named is None or named or self.named(one))
        ]

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


def _test(name: str, value: Any) -> Test:
    read, (_, _, how) = _OF_AN_ANSWER[name.partition("__")[0]], name.partition("__")
    if how == "in":
        several = set(map(str, value))
        return lambda one: read(one) in several
    if how not in {"", "exact"}:
        raise ValueError(f"no answer is chosen by {name}")
    return lambda one: read(one) == str(value)


_OF_AN_ANSWER: Final[Mapping[str, Callable[[Answer], str]]] = {
    "rule": lambda one: one.rule,
    "pillar": lambda one: one.pillar,
    "severity": lambda one: one.severity,
    "severity_rank": lambda one: str(RANK[one.severity]),
    "status": lambda one: one.status,
}
_SORTED_BY: Final[Mapping[str, Callable[[Finding], Any]]] = {
    "severity_rank": lambda one: one.severity_rank,
    "rule": lambda one: one.rule,
    "status": lambda one: one.status,
    "subject_name": lambda one: one.subject_name,
    "service__name": lambda one: one.service.name if one.service else "",
    "first_seen": lambda one: one.first_seen,
    "pk": lambda one: 0,  # as they are read
}
_FIELDS_OF_A_SHEET: Final = (
    "subject_kind", "subject_pk", "subject_id", "subject_name", "host", "container", "service", "pattern", "since",
    "own",
)  # fmt: skip
