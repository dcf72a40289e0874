"""Verdicts and findings that flip become changes; a thing that flips to and fro stays one, and counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from fleet.models import Change, Host, Service
from fleet.models.change import FINDING, VERDICT
from fleet.models.writing import insert_new, save_fields
from fleet.readiness import catalogue
from fleet.readiness.standing import Standing
from fleet.readiness.vocabulary import Severity, Status, Verdict

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


@dataclass(frozen=True, slots=True)
class Flip:
    """One thing that was `before` and is `after`; `rule` is empty for a verdict."""

    before: str
    after: str
    rule: str = ""
    severity: str = ""


Before = tuple[str, Standing, datetime | None]  # verdict, standing and when they were judged


def note_host(host: Host, *, before: Before, causes: Sequence[str], now: datetime) -> int:
    """Changes of a host; none for its first judgement.

    While its silence is noted its verdict was unknown to everybody: that it is back is told when that is noted.
    """
    flips = _flips(before, host.verdict, host.read_standing(), silent=host.noted_silent)
    return _note(flips, host=host, service=None, causes=causes, now=now)


def note_service(
    service: Service, *, before: Before, causes: Sequence[str], silent: bool = False, now: datetime
) -> int:
    """Changes of a service; none for its first judgement, and none while its hosts are being met one by one.

    `silent` says that it rests on a host whose silence is noted: its verdict is unknown to everybody meanwhile.
    """
    if now - service.first_seen < ACQUAINTANCE:
        return 0
    flips = _flips(before, service.verdict, service.read_standing(), silent=silent)
    return _note(flips, host=None, service=service, causes=causes, now=now)


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
    known = {
        (change.host_id, change.service_id): change
        for change in Change.objects.filter(about, kind=VERDICT, at__gte=now - DAMPING).order_by("at")
    }
    new, again = [], []
    for turn in turns:
        host, service = (turn.judged, None) if isinstance(turn.judged, Host) else (None, turn.judged)
        flip, cause = Flip(turn.before, turn.after), _sentence(turn.causes)
        change = known.get((host.pk if host else None, service.pk if service else None))
        if change is None:
            new.append(_change(flip, VERDICT, host=host, service=service, cause=cause, now=now))
        else:
            again.append(_flipped(change, flip, cause=cause, now=now))
    _write(new, again)
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


def _note(
    flips: Iterable[Flip], *, host: Host | None, service: Service | None, causes: Sequence[str], now: datetime
) -> int:
    found = list(flips)
    if not found:
        return 0
    cause = _sentence(causes)
    recent = Change.objects.filter(host=host, service=service, at__gte=now - DAMPING)
    known = {(change.kind, change.rule): change for change in recent.order_by("at")}
    new, again = [], []
    for flip in found:
        kind = FINDING if flip.rule else VERDICT
        change = known.get((kind, flip.rule))
        if change is None:
            new.append(_change(flip, kind, host=host, service=service, cause=cause, now=now))
        else:
            again.append(_flipped(change, flip, cause=cause, now=now))
    _write(new, again)
    return len(found)


def _write(new: Sequence[Change], again: Sequence[Change]) -> None:
    insert_new(new)
    save_fields(again, ["after", "at", "cause", "flips", "history", "better"])


def _sentence(causes: Sequence[str]) -> str:
    cause = "; ".join(dict.fromkeys(causes[:_MOST_CAUSES]))
    if len(causes) > _MOST_CAUSES:
        cause += f"; and {len(causes) - _MOST_CAUSES} more"
    return cause[:1].upper() + cause[1:] + "." if cause else ""


def _entry(flip: Flip, cause: str, now: datetime) -> list[str]:
    return [now.isoformat(), flip.before, flip.after, cause]


def _flipped(change: Change, flip: Flip, *, cause: str, now: datetime) -> Change:
    change.after, change.at, change.cause, change.flips = flip.after, now, cause, change.flips + 1
    change.history = [*change.history, _entry(flip, cause, now)][-_LONGEST_HISTORY:]
    change.better = _better(change.kind, change.before, flip.after)
    return change


def _change(flip: Flip, kind: str, *, host: Host | None, service: Service | None, cause: str, now: datetime) -> Change:
    rule = catalogue.by_slug().get(flip.rule)
    return Change(
        kind=kind,
        host=host,
        service=service,
        rule=flip.rule,
        pillar=rule.pillar.value if rule else "",
        severity=flip.severity,
        before=flip.before,
        after=flip.after,
        better=_better(kind, flip.before, flip.after),
        cause=cause,
        first_at=now,
        at=now,
        history=[_entry(flip, cause, now)],
    )


def _better(kind: str, before: str, after: str) -> bool | None:
    order = _VERDICT_ORDER if kind == VERDICT else _STATUS_ORDER
    if before == after:
        return None
    return order.index(after) > order.index(before)
