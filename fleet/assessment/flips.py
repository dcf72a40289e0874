"""Verdicts and findings that flip become changes; a thing that flips to and fro stays one, and counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from fleet.models import Change, Host, Service
from fleet.models.change import FINDING, TRUST, VERDICT, ChangeQuerySet
from fleet.models.writing import insert_new, save_fields
from fleet.readiness import catalogue
from fleet.readiness.rules.trust.signature_missing import GRAVE, SignatureMissing
from fleet.readiness.standing import Standing
from fleet.readiness.vocabulary import Severity, Status, Verdict
from fleet.trust.states import WORST_FIRST

#: A flip within this of the last one of the same thing is counted there and is no entry of its own.
DAMPING = timedelta(hours=24)
#: A new service is seen on one host after the other; what each adds is no news.
ACQUAINTANCE = timedelta(minutes=2)
_MOST_CAUSES = 4
_LONGEST_HISTORY = 50
WAIVED = "waived"
#: Worst first; what a change is better or worse by.
_STATUS_ORDER = (Status.FAIL.value, Status.UNKNOWN.value, WAIVED, Status.PASS.value)
_VERDICT_ORDER = tuple(verdict.value for verdict in Verdict)
_STATE_ORDER = tuple(state.value for state in WORST_FIRST)
SIGNED = SignatureMissing.slug


@dataclass(frozen=True, slots=True)
class Flip:
    """One thing that was `before` and is `after`; `rule` is empty for a verdict. `about` is the name of an image of
    which another state is proven.
    """

    before: str
    after: str
    rule: str = ""
    severity: str = ""
    about: str = ""

    @property
    def kind(self) -> str:
        return TRUST if self.about else FINDING if self.rule else VERDICT


class TrustTurn(NamedTuple):
    """A `service` by its key runs the image that is called `about`, of which another state is proven, and why."""

    service: int
    about: str
    before: str
    after: str
    cause: str


Before = tuple[str, Standing, datetime | None]  # verdict, standing and when they were judged


class Noted:
    """Collects what flips of hosts and services while they are judged; `store` writes it, of all of them at once."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._told: list[_Told] = []

    def host(self, host: Host, *, before: Before, causes: Sequence[str]) -> None:
        """Changes of a host; none for its first judgement.

        While its silence is noted its verdict was unknown to everybody: that it is back is told when that is noted.
        """
        flips = _flips(before, host.verdict, host.read_standing(), silent=host.noted_silent)
        self._told += [_Told(flip, host.pk, None, _sentence(causes)) for flip in flips]

    def service(self, service: Service, *, before: Before, causes: Sequence[str], silent: bool = False) -> None:
        """Changes of a service; none for its first judgement, and none while its hosts are being met one by one.

        `silent` says that it rests on a host whose silence is noted: its verdict is unknown to everybody meanwhile.
        """
        if self._now - service.first_seen >= ACQUAINTANCE:
            flips = _flips(before, service.verdict, service.read_standing(), silent=silent)
            self._told += [_Told(flip, None, service.pk, _sentence(causes)) for flip in flips]

    def store(self) -> int:
        """How many flips that were."""
        told, self._told = self._told, []
        if told:
            hosts = {one.host for one in told if one.host is not None}
            services = {one.service for one in told if one.service is not None}
            # Apart where it is about one kind, as it mostly is: each has an index of its own.
            about = Q(service__in=services) if not hosts else Q(host__in=hosts) | Q(service__in=services)
            _write(told, Change.objects.filter(about, at__gte=self._now - DAMPING), self._now)
        return len(told)


@dataclass(frozen=True, slots=True)
class Turn:
    """A verdict that turned without a judgement: its evidence grew too old, or is there again."""

    judged: Host | Service
    before: str
    after: str
    causes: Sequence[str]


def note_turns(turns: Sequence[Turn], *, now: datetime) -> int:
    """Changes of many at once, in as many statements as of one: with a site a thousand services fall silent."""
    hosts = [turn.judged.pk for turn in turns if isinstance(turn.judged, Host)]
    services = [turn.judged.pk for turn in turns if isinstance(turn.judged, Service)]
    about = Q(host__in=hosts) | Q(service__in=services)
    told = []
    for turn in turns:
        host, service = (turn.judged.pk, None) if isinstance(turn.judged, Host) else (None, turn.judged.pk)
        told.append(_Told(Flip(turn.before, turn.after), host, service, _sentence(turn.causes)))
    _write(told, Change.objects.filter(about, kind=VERDICT, at__gte=now - DAMPING), now)
    return len(turns)


def _flips(before: Before, verdict: str, standing: Standing, *, silent: bool) -> list[Flip]:
    old_verdict, old, judged_at = before
    if judged_at is None:
        return []
    found = [Flip(old_verdict, verdict)] if old_verdict != verdict and not silent else []
    was, now = _statuses(old), _statuses(standing)
    for rule in sorted(was.keys() | now.keys()):
        left, right = was.get(rule, Status.PASS.value), now.get(rule, Status.PASS.value)
        if left != right and {left, right} & {Status.FAIL.value, WAIVED}:
            found.append(Flip(left, right, rule, _severity(rule, standing, old)))
    return found


def _statuses(standing: Standing) -> dict[str, str]:
    """By rule, the worst status of its open findings."""
    found: dict[str, str] = {}
    for one in standing.open:
        status = WAIVED if one.waived else one.status
        kept = found.get(one.rule, Status.PASS.value)
        found[one.rule] = min(kept, status, key=_STATUS_ORDER.index)
    return found


def _severity(rule: str, *standings: Standing) -> str:
    found = [one.severity for standing in standings for one in standing.open if one.rule == rule]
    known = catalogue.by_slug().get(rule)
    order = [severity.value for severity in Severity]
    return min(found, key=order.index) if found else (known.severity.value if known else Severity.INFO.value)


def note_trust(turns: Sequence[TrustTurn], *, now: datetime) -> None:
    """Changes of what is proven of the images of some services; damped as others are, each image by itself."""
    if not turns:
        return
    told = [
        _Told(Flip(one.before, one.after, SIGNED, _gravity(one), one.about), None, one.service, one.cause)
        for one in turns
    ]
    services = {one.service for one in turns}
    _write(told, Change.objects.filter(kind=TRUST, service__in=services, at__gte=now - DAMPING), now)


def _gravity(turn: TrustTurn) -> str:
    """That of the worse of the two states."""
    grave = turn.before in GRAVE or turn.after in GRAVE
    return (Severity.CRITICAL if grave else SignatureMissing.severity).value


class _Told(NamedTuple):
    """A flip of a host or a service, by their keys."""

    flip: Flip
    host: int | None
    service: int | None
    cause: str


def _write(told: Iterable[_Told], recent: ChangeQuerySet, now: datetime) -> None:
    """`recent` are changes that these may be counted in."""
    known = {
        (change.host_id, change.service_id, change.kind, change.rule, change.about): change
        for change in recent.order_by("at")
    }
    new, again = [], []
    for one in told:
        flip, kind = one.flip, one.flip.kind
        change = known.get((one.host, one.service, kind, flip.rule, flip.about))
        entry = [now.isoformat(), flip.before, flip.after, one.cause]
        if change is None:
            new.append(_change(one, entry, now))
        else:
            change.after, change.at, change.cause, change.flips = flip.after, now, one.cause, change.flips + 1
            change.history = [*change.history, entry][-_LONGEST_HISTORY:]
            change.better = _better(kind, change.before, flip.after)
            again.append(change)
    insert_new(new)
    save_fields(again, ["after", "at", "cause", "flips", "history", "better"])


def _sentence(causes: Sequence[str]) -> str:
    cause = "; ".join(dict.fromkeys(causes[:_MOST_CAUSES]))
    if len(causes) > _MOST_CAUSES:
        cause += f"; and {len(causes) - _MOST_CAUSES} more"
    return cause[:1].upper() + cause[1:] + "." if cause else ""


def _change(told: _Told, entry: list[str], now: datetime) -> Change:
    flip, cause = told.flip, told.cause
    rule = catalogue.by_slug().get(flip.rule)
    return Change(
        kind=flip.kind,
        host_id=told.host,
        service_id=told.service,
        about=flip.about,
        rule=flip.rule,
        pillar=rule.pillar.value if rule else "",
        severity=flip.severity,
        before=flip.before,
        after=flip.after,
        better=_better(flip.kind, flip.before, flip.after),
        cause=cause,
        first_at=now,
        at=now,
        history=[entry],
    )


def _better(kind: str, before: str, after: str) -> bool | None:
    order = {VERDICT: _VERDICT_ORDER, TRUST: _STATE_ORDER}.get(kind, _STATUS_ORDER)
    if before == after:
        return None
    return order.index(after) > order.index(before)
