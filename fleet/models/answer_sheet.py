"""Answer sheets: what rules say of one subject that nobody has to look at, in one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

import msgspec
from django.db import models

from fleet.models.answer_pattern import AnswerPattern, Pattern
from fleet.models.finding import LONG_OF_SUBJECTS, Finding, choices_of
from fleet.models.reading import bare
from fleet.readiness.vocabulary import Scope, Severity

RANK: Final = {severity.value: rank for rank, severity in enumerate(Severity)}


class Own(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a sheet says otherwise than its pattern: answers by their place in it, and since when where that is not
    the sheet's own `since`.
    """

    answers: tuple[tuple[int, msgspec.Raw, str], ...] = ()
    since: tuple[tuple[int, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is written on a sheet: `since` is that of most answers, and `own` text."""

    pattern: Pattern
    since: datetime
    own: str

    @classmethod
    def of(cls, said: Pattern, moments: Sequence[datetime], *, pattern: Pattern) -> Self:
        """`said` has the shape of the pattern, `moments` say since when each answer has been so."""
        since = Counter(moments).most_common(1)[0][0]
        pairs = zip(said.answers, said.told, pattern.told, strict=True)
        own = Own(
            tuple((place, a.evidence, a.reason) for place, (a, told, known) in enumerate(pairs) if told != known),
            tuple((place, at) for place, at in enumerate(moments) if at != since),
        )
        return cls(pattern, since, msgspec.json.encode(own).decode() if own.answers or own.since else "")

    def moments(self) -> dict[str, tuple[str, datetime]]:
        """By rule, its status and since when."""
        at = dict(read_own(self.own).since)
        return {one.rule: (one.status, at.get(place, self.since)) for place, one in enumerate(self.pattern.answers)}


def read_own(text: str) -> Own:
    return msgspec.json.decode(text, type=Own) if text else Own()


class AnswerSheetQuerySet(models.QuerySet["AnswerSheet"]):
    """Named questions about sheets, the same as about findings."""

    def with_subjects(self) -> Self:
        return self.select_related("host__environment", "service").defer(*LONG_OF_SUBJECTS)


class AnswerSheet(models.Model):
    """One subject, and what the rules that it passes or that do not apply say of it."""

    subject_kind = models.CharField(max_length=9, choices=choices_of(Scope))
    subject_pk = models.BigIntegerField()  # of the container, image, network, volume, host or service row
    subject_id = models.CharField(max_length=255)
    subject_name = models.CharField(max_length=255)
    # As with findings, Django sees to it that sheets go with what they are about, and no database looks it up.
    host = models.ForeignKey(
        "fleet.Host",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="sheets",
        db_index=False,
        db_constraint=False,
    )
    container = models.ForeignKey(
        "fleet.Container",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="sheets",
        db_constraint=False,
    )
    service = models.ForeignKey(
        "fleet.Service", on_delete=models.CASCADE, null=True, blank=True, related_name="sheets", db_constraint=False
    )
    # Whoever writes a sheet holds its pattern; see AnswerPatternQuerySet.held.
    pattern = models.ForeignKey(
        AnswerPattern, on_delete=models.PROTECT, related_name="sheets", db_index=False, db_constraint=False
    )
    since = models.DateTimeField()
    own = models.TextField(blank=True)  # JSON of Own; empty where it says nothing otherwise

    objects = AnswerSheetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_pk"], name="one_answer_sheet_per_subject")
        ]
        indexes = [
            # Counting is done from it alone.
            models.Index(fields=["pattern", "host"], name="sheets_of_a_pattern"),
            models.Index(fields=["host", "container"], name="sheets_of_a_host"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_name}"

    def findings(self, pattern: Pattern, places: Sequence[int] | None = None) -> Iterator[Finding]:
        """Its answers as findings that are stored nowhere and have no key: those at these places of its pattern, or
        all. Host and service come along where they were read with the sheet.
        """
        own = read_own(self.own)
        told = {place: (evidence, reason) for place, evidence, reason in own.answers}
        since = dict(own.since)
        subject = {**_NO_ROW, **{name: getattr(self, name) for name in _OF_THE_SUBJECT}}
        # Its database is where what is not at hand is read from.
        alias, known = self._state.db, self._state.fields_cache
        related = {name: known[name] for name in ("host", "service") if name in known}
        for place in range(len(pattern.answers)) if places is None else places:
            one = pattern.answers[place]
            evidence, reason = told.get(place, (one.evidence, one.reason))
            told_of = {
                **subject,
                "rule": one.rule,
                "pillar": one.pillar,
                "severity": one.severity,
                "severity_rank": RANK[one.severity],
                "status": one.status,
                "core_gate": one.core_gate,
                "evidence": msgspec.json.decode(evidence),
                "reason": reason,
                "first_seen": since.get(place, self.since),
            }
            found = bare(Finding, told_of.items(), alias=alias, adding=True)
            found._state.fields_cache |= related  # noqa: SLF001
            yield found


#: What has no row has no key, and is neither blind nor waived.
_NO_ROW: Final = {"id": None, "blind": False, "cis": None, "fingerprint": "", "waiver_id": None}
_OF_THE_SUBJECT: Final = (
    "subject_kind", "subject_pk", "subject_id", "subject_name", "host_id", "container_id", "service_id"
)  # fmt: skip
