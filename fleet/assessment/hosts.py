"""Judging one host and everything on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction

from fleet.assessment.case import Case, read_for_judging, read_standings, read_watched, used_things
from fleet.assessment.causes import causes_of, turned
from fleet.assessment.concerned import concerned
from fleet.assessment.findings import Judged, forget_findings, forget_findings_about, store_findings
from fleet.assessment.flips import Noted
from fleet.assessment.resting import Outside, next_look, resting
from fleet.assessment.subjects import Things, lost
from fleet.assessment.verdicts import Parts, read_parts, set_verdict
from fleet.models import Host, Image, Network, Volume
from fleet.models.judged import JUDGED_FIELDS
from fleet.models.reading import fill
from fleet.models.ruled import RULED_FIELDS, Ruled
from fleet.models.seen import Seen
from fleet.models.unwritten import Unwritten
from fleet.readiness.standing import Standing
from fleet.recording import Moved


@dataclass(frozen=True, slots=True)
class Assessed:
    """`services` are those whose verdict may have changed and has to be added up again; `causes` say why."""

    judged: int
    services: frozenset[int]
    causes: Mapping[int, Sequence[str]] = field(default_factory=dict)


#: Of a host that nothing changed about, or that was never swept.
NOTHING: Final = Assessed(0, frozenset())


def assess_host(host_id: int, *, now: datetime) -> Assessed:
    """Judges the host and everything on it whose facts, surroundings, rules or policy changed since the last time.

    With nothing changed it costs a few reads. Raises nothing for a broken rule: that finding is unknown.
    """
    host = Host.objects.select_related("environment").get(pk=host_id)
    (assessed,) = assess_rows([Looked(host)], now=now, outside=Outside.load([host.engine_id], now))
    return assessed


@dataclass(frozen=True, slots=True)
class Looked:
    """A host as it is stored. `notes` are what recording saw change of the engine itself, for the cause of what flips;
    without `gone` everything is still there that there are findings about; of what went keys by kind of subject are in
    `went`, None where that is not known. What is `there` need not be read again. `moved` is what is not as it was, None
    where that may be anything.
    """

    host: Host
    notes: Sequence[str] = ()
    gone: bool = True
    went: Mapping[str, Collection[int]] | None = None
    there: Mapping[type[Seen], Sequence[Seen]] = field(default_factory=dict)
    moved: Moved | None = None


def assess_rows(
    looked: Sequence[Looked], *, now: datetime, outside: Outside, unwritten: Unwritten | None = None
) -> list[Assessed]:
    """As `assess_host`, of many rows as they are stored, in their order; what they take is read and written together.

    `outside` is what was read for all of them. What is to be written of the rows is left to `unwritten`, if there is
    one.
    """
    waiting = unwritten or Unwritten()
    swept = [one for one in looked if one.host.facts]
    read = {one.host.pk: one.there for one in swept}
    cases = Case.load_all([one.host for one in swept], now=now, outside=outside, read=read)
    by_host = {one.host.pk: _Assessment(case, one, outside) for case, one in zip(cases, swept, strict=True)}
    read_watched([row for one in by_host.values() for row in one.chosen.containers])
    for one in by_host.values():
        one.look()
    moved = [one for one in by_host.values() if one.moved]
    read_for_judging([row for one in moved for row in one.waiting.read])
    Things.recall([one.case.things for one in moved if one.waiting])
    for one in moved:
        one.judge()
    read_standings([row for one in moved for row in one.concerned])
    read_parts([(one.case.things, one.concerned) for one in moved])
    things = [one.row.row for each in moved for one in each.differing if one.row.container is None]
    for model in (Image, Network, Volume):
        fill([row for row in things if isinstance(row, model)], ("own_standing",))
    with transaction.atomic(savepoint=False):
        written = store_findings([judged for one in moved for judged in one.differing], now=now)
        unsaved: Unsaved = {}
        losing = [one for one in moved if one.looked.gone]
        if unsure := [one.case for one in losing if one.looked.went is None]:
            written += forget_findings([case.host.pk for case in unsure], used_things(unsure))
        written += forget_findings_about(_together([one.looked.went or {} for one in losing]))
        noted = Noted(now)
        for one in moved:
            unsaved |= one.settle(written[one.case.host.pk], noted)
        noted.store()
        for row, names in unsaved.items():
            waiting.save([row], names)
        if unwritten is None:
            waiting.write()
    return [by_host[one.host.pk].assessed if one.host.pk in by_host else NOTHING for one in looked]


class _Assessment:
    """One host on the way through `assess_rows`."""

    def __init__(self, case: Case, looked: Looked, outside: Outside) -> None:
        host, now = case.host, case.keys.now
        self.case, self.looked = case, looked
        self.parts = {**case.keys.parts, **resting(host, outside, now)}
        # Then what did not change itself is judged as it would be now.
        self._in_part = looked.moved is not None and not host.time_is_up(now) and host.rests_on(self.parts)
        self.chosen = case.candidates(looked.moved if self._in_part else None)
        self.causes: Sequence[str] = causes_of(host, self.parts, looked.notes)
        self.turned: dict[int, str] = {}  # what is proven of images otherwise than before, by their keys
        self.assessed = NOTHING

    def look(self) -> None:
        """What of those that were chosen has to be judged, and when everything has to be looked at again."""
        case, host = self.case, self.case.host
        others = host.judge_again_at if self._in_part else None
        self.again = next_look(host, self.chosen.containers, case.keys.proven.values(), case.keys.now, of_others=others)
        self.waiting = case.waiting(self.chosen)

    @property
    def moved(self) -> bool:
        """Whether anything has to be judged, or at least what it rests on has to be written."""
        host = self.case.host
        return bool(self.waiting) or host.judged_on != self.parts or host.judge_again_at != self.again

    def judge(self) -> None:
        self.rows = self.case.subject_rows(self.waiting)
        self.judged = [self.case.judged(row) for row in self.rows]
        self.differing = [one for one in self.judged if one.digest != _ruled(one).findings_hash]
        self.concerned = concerned(self.case.containers, self.rows, [one.row for one in self.differing])

    def settle(self, written: int, noted: Noted) -> Unsaved:
        """Standings and verdicts in consequence; what of them is to be saved."""
        host = self.case.host
        unsaved = self._keep()
        touched = self._set_verdicts(unsaved, noted)
        self.assessed = Assessed(written, touched, self._causes(touched))
        host.judged_on, host.judge_again_at = self.parts, self.again
        unsaved[host] = (*unsaved.get(host, ()), "judged_on", "judge_again_at")
        return unsaved

    def _causes(self, services: Collection[int]) -> dict[int, Sequence[str]]:
        found = dict.fromkeys(services, self.causes) if self.causes else {}
        if self.turned:
            for row in self.case.containers:
                said, service = self.turned.get(row.image_id or 0), row.service_id
                if said is not None and service is not None and service in services:
                    known = found.get(service, ())
                    found[service] = known if said in known else (*known, said)
        return found

    def _keep(self) -> Unsaved:
        """Sets standing, digest and key of each subject; only the key where the findings stayed the same."""
        unsaved: Unsaved = {}
        for one in self.judged:
            row = _ruled(one)
            if row.findings_hash != one.digest:
                before, after = row.read_own_standing(), Standing.of(one.findings)
                if row.findings_hash and (sentence := turned(one.row.subject, before, after)):
                    self.turned[one.row.pk] = sentence
                row.keep_own_standing(after)
                row.findings_hash = one.digest
                unsaved[row] = RULED_FIELDS
            elif row.judged_key != one.row.key:
                unsaved[row] = ("judged_key",)
            row.judged_key = one.row.key
        return unsaved

    def _set_verdicts(self, unsaved: Unsaved, noted: Noted) -> frozenset[int]:
        """Verdicts of the host and of the containers that something changed for; the services that hang on them."""
        host, now, thresholds = self.case.host, self.case.keys.now, self.case.policy.policy.thresholds
        silent, parts = lost(host, now), Parts(self.case.things, self.concerned)
        changed = [
            container
            for container in self.concerned
            if set_verdict(
                container,
                parts.standing(container),
                now,
                thresholds=thresholds,
                doubted=parts.doubted(container, silent),
            )
        ]
        unsaved |= {container: (*unsaved.get(container, ()), *JUDGED_FIELDS) for container in changed}
        before = (host.verdict, host.read_standing(), host.judged_at)
        host_changed = set_verdict(host, host.read_own_standing(), now, thresholds=thresholds)
        if host_changed:
            unsaved[host] = (*unsaved.get(host, ()), *JUDGED_FIELDS)
            noted.host(host, before=before, causes=self.causes)
        # A host's findings count against every service on it, and so does its environment.
        judged = [one.row.container for one in self.differing if one.row.container is not None]
        touched = self.case.containers if host_changed or self.causes else [*changed, *judged]
        return frozenset(row.service_id for row in touched if row.service_id is not None)


#: Rows with the fields of each that differ from what is stored.
Unsaved = dict[Ruled, tuple[str, ...]]


def _together(some: Sequence[Mapping[str, Collection[int]]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for went in some:
        for kind, keys in went.items():
            found.setdefault(kind, []).extend(keys)
    return found


def _ruled(one: Judged) -> Ruled:
    ruled: Ruled = one.row.row
    return ruled
