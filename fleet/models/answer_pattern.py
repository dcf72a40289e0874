"""Patterns of answers: what many subjects are told alike by rules that they pass or that do not apply, stored once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self

import msgspec
from django.db import connections, models, router

from fleet.inventory.plain import fingerprint

#: Patterns that a process remembers; each is some kilobytes.
_REMEMBERED: Final = 5000


class Answer(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What one rule says; `evidence` is JSON as it was written."""

    rule: str
    pillar: str
    severity: str
    status: str
    core_gate: bool
    evidence: msgspec.Raw
    reason: str

    @property
    def shape(self) -> tuple[Any, ...]:
        """What has to be the same in one pattern; evidence and reason may differ from it on a sheet."""
        return self.rule, self.pillar, self.severity, self.status, self.core_gate


def encoded(value: Any) -> bytes:
    """JSON that msgspec reads again: half of a surrogate pair becomes the sign for what cannot be read."""
    try:
        return msgspec.json.encode(value)
    except (ValueError, OverflowError):
        return msgspec.json.encode(_readable(msgspec.to_builtins(value)))


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {_readable(name): _readable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(one) for one in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return float(value)
    return value


def _number(*plain: Any) -> int:
    """A digest as a signed number of 64 bits."""
    return int(fingerprint(*plain), 16) - (1 << 63)


@dataclass(frozen=True)
class Pattern:
    """The answers of a pattern, by rule."""

    answers: tuple[Answer, ...]

    @classmethod
    def read(cls, text: str) -> Self:
        return cls(msgspec.json.decode(text, type=tuple[Answer, ...]))

    @cached_property
    def text(self) -> str:
        return msgspec.json.encode(self.answers).decode()

    @cached_property
    def told(self) -> tuple[tuple[bytes, str], ...]:
        """Evidence and reason of each: what a sheet may say otherwise."""
        return tuple((bytes(one.evidence), one.reason) for one in self.answers)

    @cached_property
    def by_rule(self) -> dict[str, list[int]]:
        """Places of each rule's answers."""
        found: dict[str, list[int]] = {}
        for place, one in enumerate(self.answers):
            found.setdefault(one.rule, []).append(place)
        return found

    @cached_property
    def digest(self) -> int:
        return _number(self.text)

    @cached_property
    def shape(self) -> int:
        return _number([one.shape for one in self.answers])


#: By digest, which says all of it, so that none is ever out of date.
_known: dict[int, Pattern] = {}


class AnswerPatternQuerySet(models.QuerySet["AnswerPattern"]):
    """Named questions about patterns."""

    def read(self, digests: Collection[int]) -> dict[int, Pattern]:
        """These by their digests; asks only for those that this process has not read before."""
        found = {digest: _known[digest] for digest in digests if digest in _known}
        missing = set(digests) - found.keys()
        if missing:
            rows = self.order_by().filter(pk__in=missing).values_list("digest", "answers")
            read = {digest: Pattern.read(text) for digest, text in rows}
            remember(read)
            found |= read
        return found

    def all_of_them(self) -> dict[int, Pattern]:
        return self.read(list(self.order_by().values_list("digest", flat=True)))

    def held(self, shapes: Collection[int]) -> dict[int, list[int]]:
        """Digests by shape; on PostgreSQL nobody deletes them before the transaction ends."""
        if not shapes:
            return {}
        rows = self.order_by("digest").filter(shape__in=shapes).values_list("shape", "digest")
        sql, values = rows.query.sql_with_params()
        connection = connections[router.db_for_write(AnswerPattern)]
        with connection.cursor() as cursor:
            # Readers of a row that is to stay do not wait for each other, as those who lock it to change it would.
            cursor.execute(f"{sql} FOR KEY SHARE" if connection.vendor == "postgresql" else sql, values)
            found: dict[int, list[int]] = {}
            for shape, digest in cursor.fetchall():
                found.setdefault(shape, []).append(digest)
        return found

    def add(self, patterns: Iterable[Pattern], now: Any) -> None:
        """In the order of their digests, so that two who add some of the same never wait for each other in a ring."""
        rows = [
            AnswerPattern(digest=one.digest, shape=one.shape, made_at=now, answers=one.text)
            for one in sorted(patterns, key=lambda one: one.digest)
        ]
        self.bulk_create(rows, ignore_conflicts=True)

    def unused(self) -> Self:
        from fleet.models.answer_sheet import AnswerSheet

        return self.filter(~models.Exists(AnswerSheet.objects.filter(pattern=models.OuterRef("pk"))))


def remember(read: dict[int, Pattern]) -> None:
    if len(_known) + len(read) > _REMEMBERED:
        _known.clear()
    _known.update(read)


class AnswerPattern(models.Model):
    """Never changed. `shape` is a digest of the rules with status and severity alone; `digest` of everything."""

    digest = models.BigIntegerField(primary_key=True)
    shape = models.BigIntegerField(db_index=True)
    made_at = models.DateTimeField()
    answers = models.TextField()  # JSON of a list of Answer, each a list; text, because no database looks into it

    objects = AnswerPatternQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.digest:x}"
