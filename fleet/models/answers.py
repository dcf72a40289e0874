"""Everything that rules say: rows of findings and what stands on sheets, asked and read as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import islice
from typing import Any, Final, Self

from django.db import connection, models
from django.db.models.functions import Cast
from django.db.models.lookups import Contains

from fleet.models.answer_choice import OF_AN_ANSWER, Chosen, Test, test_of
from fleet.models.answer_pattern import Answer
from fleet.models.answer_sheet import RANK, AnswerSheet, AnswerSheetQuerySet, read_own
from fleet.models.container import Container
from fleet.models.finding import OPEN, WAIVED, Finding, FindingQuerySet, hanging_on, owned_by
from fleet.models.host import Host
from fleet.models.service import Service
from fleet.models.waiver import Waiver
from fleet.readiness.vocabulary import Status

#: Sheets up to which what stands on them is sorted, and that are read together at first; more are read by MANY.
_FEW: Final = 200
_MANY: Final = 2000
_SETTLED: Final = frozenset(status.value for status in Status) - OPEN
Facet = tuple[str, str, str, str, int]


@dataclass(frozen=True, eq=False)
class Answers:
    """As a queryset of findings. Those on sheets come after the rows, have no key, and only look like findings.

    `tests` are of an answer; `named` is one more, which an answer need not pass if its sheet is annotated as `named`.
    `statuses` are those that may be left, None for any; `by_rule` says that a test is of the rule.
    """

    rows: FindingQuerySet = field(default_factory=Finding.objects.all)
    sheets: AnswerSheetQuerySet = field(default_factory=AnswerSheet.objects.all)
    tests: tuple[Test, ...] = ()
    named: Test | None = None
    statuses: frozenset[str] | None = None
    by_rule: bool = False
    order: tuple[str, ...] = ()
    #: What they are made up of, one beside another; counted as one, PostgreSQL would look for them among all there are.
    parts: tuple[models.Q, ...] = (models.Q(),)
    #: Of rows alone, the team's: each of its parts is counted without the others.
    owned: models.Q = field(default_factory=models.Q)

    model = Finding  # what lists ask of a queryset

    # Which of them.

    def all(self) -> Self:
        return self

    def none(self) -> Self:
        return replace(self, rows=self.rows.none(), sheets=self.sheets.none())

    def filter(self, *about: models.Q, **lookups: Any) -> Self:
        """Conditions of type Q are about the subject only; of rule, pillar, severity and status `lookups` name exact
        values or, with `__in`, several.
        """
        own = {name: value for name, value in lookups.items() if name.partition("__")[0] in OF_AN_ANSWER}
        statuses = self.statuses
        for name, value in own.items():
            if name.startswith("status"):
                told = frozenset(map(str, value if name.endswith("__in") else [value]))
                statuses = told if statuses is None else statuses & told
        return replace(
            self,
            rows=self.rows.filter(*about, **lookups),
            sheets=self.sheets.filter(*about, **{name: lookups[name] for name in lookups.keys() - own.keys()}),
            tests=(*self.tests, *(test_of(name, value) for name, value in own.items())),
            statuses=statuses,
            by_rule=self.by_rule or any(name.startswith("rule") for name in own),
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
        services, hosts = owned_by(team)
        owned = services | hosts
        return replace(self.filter(owned), rows=self.rows, owned=self.owned & owned, parts=(services, hosts))

    def beginning(self, part: models.Q) -> Self:
        """The same; those of the part are counted first, and the others only if they are needed."""
        return replace(self, parts=(part & self.owned, ~part & self.owned))

    def of_cis(self, number: str, rules: Collection[str]) -> Self:
        """Of those rules, and of failures only what violates the number."""
        chosen = self.filter(rule__in=list(rules))
        named = Contains(Cast("cis", models.TextField()), f'"{number}"')
        return replace(chosen, rows=chosen.rows.filter(models.Q(cis__isnull=True) | models.Q(named)))

    def with_status(self, status: str) -> Self:
        """Those with the status as pages tell it."""
        chosen = self.filter(status=Status.FAIL.value if status == WAIVED else status)
        return replace(chosen, rows=self.rows.with_status(status))

    def order_by(self, *names: str) -> Self:
        """Rows in this order, and after them those on sheets, if these are few; many come as they were first stored.

        What is equal in it stands as it was stored, so that no window repeats a row of another or leaves one out.
        """
        last = () if {"pk", "-pk"} & set(names) else ("-pk" if names and names[0].startswith("-") else "pk",)
        return replace(self, rows=self.rows.order_by(*names, *last), order=names)

    # What is read along.

    def with_subjects(self) -> Self:
        return replace(self, rows=self.rows.with_subjects(), sheets=self.sheets.with_subjects())

    def with_hosts(self, *fields: str) -> Self:
        """Only these fields of each, and what else pages name of its host and waiver."""
        rows = self.rows.select_related("host", "waiver").only(*fields)
        bare = self.sheets.select_related("host").only(*_FIELDS_OF_A_SHEET, "host__name")
        return replace(self, rows=rows, sheets=bare)

    def for_lists(self) -> Self:
        """Names and addresses of host and service, which is what lists show of them."""
        told = ("host__name", "service__name", "service__slug")
        rows = self.rows.select_related("host", "service").only(*_FIELDS_OF_A_ROW, *told)
        sheets = self.sheets.select_related("host", "service").only(*_FIELDS_OF_A_SHEET, *told)
        return replace(self, rows=rows, sheets=sheets)

    def prefetched(self) -> Self:
        """Hosts and services once, and not once for each of the thousands that share them."""
        rows = self.rows.prefetch_related("host", "service", "waiver")
        return replace(self, rows=rows, sheets=self.sheets.prefetch_related("host", "service"))

    def with_names(self) -> Self:
        """What `fleet.reporting` says of a finding's host, service and waiver: of each one instance, however many of
        them share it.
        """
        host = models.Prefetch("host", Host.objects.only("name", "answered_at"))
        service = models.Prefetch("service", Service.objects.only("name", "judged_at"))
        waiver = models.Prefetch("waiver", Waiver.objects.only("expires_at", "ticket"))
        rows = self.rows.prefetch_related(host, service, waiver)
        return replace(self, rows=rows, sheets=self.sheets.prefetch_related(host, service))

    # Counts.

    def count(self) -> int:
        return int(self._rows.order_by().count() + sum(number for *_, number in self._by_pattern()))

    def count_up_to(self, most: int) -> int:
        """How many there are, and no more than `most`."""
        found = 0
        for part in self.parts:
            found += self._of_any_team.filter(part).order_by()[: most - found].count() if found < most else 0
        for _, places in self._walk() if found < most else ():
            found += len(places)
            if found >= most:
                break
        return min(found, most)

    def counts_by_status(self) -> Counter[str]:
        found = self._rows.counts_by_status()
        for answer, number in self._by_pattern():
            found[answer.status] += number
        return found

    def counts_by_rule(self) -> Counter[tuple[str, str]]:
        """By rule and status as pages tell it."""
        found = self._rows.counts_by_rule()
        for answer, number in self._by_pattern():
            found[answer.rule, answer.status] += number
        return found

    def facets(self) -> list[Facet]:
        """How many by rule, severity, status as pages tell it, and the host's environment (empty without)."""
        found: Counter[tuple[str, str, str, str]] = Counter()
        for rule, severity, status, environment, number in self._rows.facets():
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
        read = Chosen(self.sheets, {}, 0, self.tests, self.named)
        for row, places in read.told([(None, *group) for group in groups]):
            answers = read.patterns[row[1]].answers
            for place in places:
                yield answers[place], *row[2 + len(self._flags) :]

    # Reading.

    def __iter__(self) -> Iterator[Finding]:
        yield from self._rows
        yield from self._settled()

    def __getitem__(self, part: slice) -> Window:
        return Window(self, part.start or 0, part.stop)

    def get(self, **lookups: Any) -> Finding:
        [found] = self.filter(**lookups)
        return found

    def between(self, start: int, stop: int) -> list[Finding]:
        """As many as fit between these two places in the order."""
        found = self._rows_between(start, stop)
        if len(found) == stop - start or not self._settled_too:
            return found
        before = start + len(found) if found or not start else self._rows.order_by().count()
        return found + self._settled_between(max(0, start - before), stop - before)

    def _rows_between(self, start: int, stop: int) -> list[Finding]:
        """Of every status by severity the keys first: an index has each status in that order, and none has all. SQLite,
        which cannot be asked so, has fewer of them.
        """
        in_parts = connection.features.supports_slicing_ordering_in_compound
        worst_first = self.order[:1] in {("severity_rank",), ("-severity_rank",)}
        if self.statuses is not None or not worst_first or not in_parts or self._rows.query.is_empty():
            return list(self._rows[start:stop])
        order = [str(name) for name in self._rows.query.order_by]
        bare = self._rows.select_related(None).values_list(*(name.removeprefix("-") for name in order))
        first, *others = (bare.filter(status=status)[:stop] for status in sorted(OPEN))
        keys = [row[-1] for row in first.union(*others, all=True).order_by(*order)[start:stop]]
        return list(self._rows.filter(pk__in=keys))

    def after(self, key: int, most: int) -> list[Finding]:
        """Rows in the order of their keys, behind the one of that key."""
        return list(self._rows.filter(pk__gt=key).order_by("pk")[:most])

    def settled_after(self, sheet: int, rule: str, most: int) -> list[tuple[int, Finding]]:
        """Those on sheets in the order of the sheets' keys and then of rules, behind this one; with the key of each."""
        found: list[tuple[int, Finding]] = []
        key, step = sheet, most // 4 + 2
        while self._read is not None:
            step = -(-(most - len(found)) // self._read.least) + 1 if self._read.least else step
            some = list(self._read.sheets.filter(pk__gte=key).order_by("pk")[:step])
            for one, findings in self._findings(some):
                found += [(one.pk, each) for each in findings if one.pk > sheet or each.rule > rule]
                if len(found) >= most:
                    return found[:most]
            if len(some) < step:
                break
            key = some[-1].pk + 1
        return found

    def _settled(self) -> Iterator[Finding]:
        if self._read is None:
            return
        if self.order and len(self._read.sheets.values_list("pk")[: _FEW + 1]) <= _FEW:
            yield from self._settled_between(0, None)
            return
        rows = self._read.sheets.order_by("pk").iterator(chunk_size=_MANY)
        while some := list(islice(rows, _MANY)):
            for _, findings in self._findings(some):
                yield from findings

    def _settled_between(self, start: int, stop: int | None) -> list[Finding]:
        """Places first: of each its sheet and where it is on that. Then only what is asked for is read."""
        if self._read is None:
            return []
        columns = [column for name in self.order for column in _COLUMNS.get(name.removeprefix("-"), ())]
        found: list[tuple[int, int, Answer, tuple[Any, ...]]] = []
        passed = 0
        for row, places in self._walk(*columns):
            passed += 1
            answers = self._read.patterns[row[1]].answers
            more = row[2 + len(self._flags) :]
            found += [(row[0], place, answers[place], more) for place in places]
            if passed > _FEW and stop is not None and len(found) >= stop:
                break
        if passed <= _FEW:
            for name in reversed(self.order):
                key = name.removeprefix("-")
                at = columns.index(_COLUMNS[key][0]) if key in _COLUMNS else 0
                found.sort(key=partial(_SORTED_BY[key], at), reverse=name.startswith("-"))
        chosen: dict[int, list[int]] = {}
        for pk, place, *_ in found[start:stop]:
            chosen.setdefault(pk, []).append(place)
        read = {
            (pk, place): one
            for pk, sheet in self._read.sheets.in_bulk(list(chosen)).items()
            for place, one in zip(
                chosen[pk], sheet.findings(self._read.patterns[sheet.pattern_id], chosen[pk]), strict=True
            )
        }
        return [read[pk, place] for pk, place, *_ in found[start:stop] if (pk, place) in read]

    def _walk(self, *columns: str) -> Iterator[tuple[tuple[Any, ...], Sequence[int]]]:
        """Key, pattern and these columns of each sheet, with the places that are asked for; in the order of keys."""
        after, size = 0, _FEW + 1
        while self._read is not None:
            bare = self._read.sheets.select_related(None).filter(pk__gt=after).order_by("pk")
            rows = list(bare.values_list("pk", "pattern_id", *self._flags, *columns)[:size])
            yield from self._read.told(rows)
            if len(rows) < size:
                return
            after, size = rows[-1][0], _MANY

    def _findings(self, sheets: Iterable[AnswerSheet]) -> Iterator[tuple[AnswerSheet, Iterator[Finding]]]:
        by_key = {one.pk: one for one in sheets}
        flags = [(pk, one.pattern_id, *(getattr(one, name) for name in self._flags)) for pk, one in by_key.items()]
        if self._read is not None:
            for (pk, digest, *_), places in self._read.told(flags):
                yield by_key[pk], by_key[pk].findings(self._read.patterns[digest], places)

    @property
    def _flags(self) -> tuple[str, ...]:
        return ("named",) if self.named else ()

    @cached_property
    def _read(self) -> Chosen | None:
        """None where nothing on a sheet can be among them."""
        return Chosen.of(self.sheets, self.tests, self.named, by_rule=self.by_rule) if self._settled_too else None

    @property
    def _rows(self) -> FindingQuerySet:
        return self._of_any_team.filter(self.owned) if self.owned else self._of_any_team

    @property
    def _of_any_team(self) -> FindingQuerySet:
        """None are asked for where only what is settled is."""
        return self.rows if self.statuses is None or self.statuses & OPEN else self.rows.none()

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


#: Columns of a sheet that an order needs besides what its pattern says, and where it takes the value from.
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "subject_name": ("subject_name",), "service__name": ("service__name",), "first_seen": ("since", "own"),
}  # fmt: skip
_SORTED_BY: Final[Mapping[str, Callable[[int, tuple[int, int, Answer, tuple[Any, ...]]], Any]]] = {
    "severity_rank": lambda _, one: RANK[one[2].severity],
    "rule": lambda _, one: one[2].rule,
    "status": lambda _, one: one[2].status,
    "subject_name": lambda at, one: one[3][at],
    "service__name": lambda at, one: one[3][at] or "",
    "first_seen": lambda at, one: dict(read_own(one[3][at + 1]).since).get(one[1], one[3][at]),
    "pk": lambda _, one: one[:2],
}
_FIELDS_OF_A_ROW: Final = tuple(field.name for field in Finding._meta.concrete_fields)  # noqa: SLF001 - documented
_FIELDS_OF_A_SHEET: Final = (
    "subject_kind", "subject_pk", "subject_id", "subject_name", "host", "container", "service", "pattern", "since",
    "own",
)  # fmt: skip
