"""Looking over all waivers: which are in use, which cover nothing any more and why, and which are about to end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Count, Q

from fleet.governance.standing import GRAVENESS, graver
from fleet.models import Finding, Waiver
from fleet.models.reading import read_rows
from fleet.models.waiver import SOON
from fleet.readiness.vocabulary import Scope

_ANYWHERE: Final = ""
Place = tuple[str, str, str]  # kind, name of the thing, and where it is
_OF_A_SERVICE: Final = {Scope.CONTAINER.value, Scope.SERVICE.value}


class Uncovered(NamedTuple):
    """What fails in a waiver's place without being covered: of another value; of a value that was accepted at a milder
    severity, the worst of which is `severity`; or of one that is covered as soon as it is judged again.
    """

    other_values: int = 0
    graver: int = 0
    severity: str = ""
    coming: int = 0


class _Failing(NamedTuple):
    """One failure that nothing covers."""

    rule: str
    severity: str
    value: str
    kind: str
    key: str
    name: str
    service: int | None
    host: int | None
    environment: str | None

    @property
    def place(self) -> Place:
        if self.kind in _OF_A_SERVICE:
            return Scope.SERVICE.value, str(self.service), self.environment or _ANYWHERE
        if self.kind == Scope.HOST.value:
            return self.kind, str(self.host), _ANYWHERE
        if self.kind == Scope.IMAGE.value:
            return self.kind, self.key, self.environment or _ANYWHERE
        return self.kind, self.name, str(self.host)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Every waiver once, under the first heading that fits, without what it names (`Waiver.objects.for_lists` reads
    that); `covered` says how many findings each covers now.
    """

    waiting: Sequence[Waiver]
    expiring: Sequence[Waiver]  # in use, and at its end within two weeks
    in_use: Sequence[Waiver]
    coming: Sequence[Waiver]  # approved, and not judged since
    outgrown: Sequence[Waiver]  # approved, but what was accepted has become graver since
    lapsed: Sequence[Waiver]  # approved, but what fails now is another value than what was accepted
    unused: Sequence[Waiver]  # approved, and nothing fails there
    expired: Sequence[Waiver]
    ended: Sequence[Waiver]  # rejected or withdrawn
    covered: Mapping[int, int] = field(default_factory=dict)


def audit(now: datetime) -> Audit:
    """All waivers, looked over; the same few queries for one and for a thousand."""
    rows = list(read_rows(Waiver.objects.all(), defer=("evidence", "reason", "control")))
    own = Finding.objects.filter(waiver__isnull=False).order_by().values_list("waiver_id")
    covered = Counter(dict(own.annotate(n=Count("pk"))))
    uncovered = all_uncovered_by([waiver for waiver in rows if waiver.stands(now) and not covered[waiver.pk]])
    names = [name for name in Audit.__dataclass_fields__ if name != "covered"]
    found: dict[str, list[Waiver]] = {name: [] for name in names}
    for waiver in rows:
        found[_heading(waiver, covered[waiver.pk], uncovered.get(waiver.pk, Uncovered()), now)].append(waiver)
    found["expiring"].sort(key=lambda waiver: waiver.expires_at)
    return Audit(**found, covered=covered)


def _heading(waiver: Waiver, covered: int, uncovered: Uncovered, now: datetime) -> str:
    if waiver.state in {"rejected", "withdrawn"}:
        return "ended"
    if waiver.expires_at <= now:
        return "expired"
    if waiver.state == "requested":
        return "waiting"
    if covered:
        return "expiring" if waiver.expires_at <= now + SOON else "in_use"
    told = {"coming": uncovered.coming, "outgrown": uncovered.graver, "lapsed": uncovered.other_values}
    return next((heading for heading, number in told.items() if number), "unused")


def uncovered_by(waiver: Waiver) -> Uncovered:
    """What fails in its place without being covered by it or by another."""
    return all_uncovered_by([waiver])[waiver.pk]


def all_uncovered_by(waivers: Sequence[Waiver]) -> dict[int, Uncovered]:
    """The same for each of several, in one query."""
    failing = _failing_of(waivers) if waivers else {}
    found = {}
    for waiver in waivers:
        kind, name, where = _place_of(waiver)
        # A service as a whole stands in no single environment, so what is said of it is meant by any of its waivers.
        places = {where, _ANYWHERE}
        found[waiver.pk] = _told_apart(
            waiver, [one for place in places for one in failing.get((waiver.rule, (kind, name, place)), ())]
        )
    return found


def _told_apart(waiver: Waiver, failing: Iterable[_Failing]) -> Uncovered:
    others = coming = 0
    worse: list[str] = []
    for one in failing:
        if one.value not in waiver.fingerprints:
            others += 1
        elif graver(one.severity, waiver.severity):
            worse.append(one.severity)
        else:
            coming += 1
    return Uncovered(others, len(worse), max(worse, key=GRAVENESS.__getitem__, default=""), coming)


def _failing_of(waivers: Sequence[Waiver]) -> dict[tuple[str, Place], list[_Failing]]:
    """Failures that nothing covers, by rule and place; those of the rules and on the things that these are about."""
    services = {waiver.service_id for waiver in waivers if waiver.service_id}
    hosts = {waiver.host_id for waiver in waivers if waiver.host_id}
    images = {waiver.subject for waiver in waivers if waiver.kind == Scope.IMAGE.value}
    there = Q(service__in=services) | Q(host__in=hosts)
    if images:
        there |= Q(subject_kind=Scope.IMAGE.value, subject_id__in=images)
    rules = {waiver.rule for waiver in waivers}
    failing = Finding.objects.failing().filter(there, rule__in=rules, waiver__isnull=True).order_by()
    rows = failing.values_list(
        "rule", "severity", "fingerprint", "subject_kind", "subject_id", "subject_name", "service_id", "host_id",
        "host__environment__slug",
    )  # fmt: skip
    found: dict[tuple[str, Place], list[_Failing]] = {}
    for one in map(_Failing._make, rows):
        found.setdefault((one.rule, one.place), []).append(one)
    return found


def _place_of(waiver: Waiver) -> Place:
    if waiver.kind == Scope.SERVICE.value:
        return waiver.kind, str(waiver.service_id), waiver.environment
    if waiver.kind == Scope.HOST.value:
        return waiver.kind, str(waiver.host_id), _ANYWHERE
    if waiver.kind == Scope.IMAGE.value:
        return waiver.kind, waiver.subject, waiver.environment
    return waiver.kind, waiver.subject, str(waiver.host_id)


def announce(now: datetime) -> Sequence[Waiver]:
    """Those that end within two weeks and cover something, soonest first: what pages and metrics warn of."""
    return list(Waiver.objects.announced(now).for_lists())
