"""What is forgotten, and when: a little at a time, so that nobody who sweeps or reads has to wait for it."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from auditlog.models import LogEntry
from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Exists, OuterRef

from fleet.models import (
    AnswerPattern,
    AnswerSheet,
    Change,
    Container,
    Day,
    EvidencePack,
    Finding,
    HostSilence,
    Image,
    ImageStatements,
    Network,
    Report,
    ReportMail,
    RuleDay,
    RunningTag,
    ScanReport,
    Service,
    ServiceMapping,
    ServiceSpell,
    SignOfLife,
    TeamDay,
    Trial,
    TrustContent,
    TrustDraft,
    TrustResult,
    TrustTrial,
    Volume,
)
from fleet.models.evidence_pack import MADE

_log = logging.getLogger(__name__)
Rows = Any  # a queryset of some model

#: A connection test holds sealed keys and is of no use once somebody has left the page.
KEEP_TRIAL: Final = timedelta(hours=1)
#: Wrong passwords count for a quarter of an hour.
KEEP_ATTEMPT: Final = timedelta(days=1)
KEEP_SIGN_IN: Final = timedelta(days=90)
KEEP_UNMADE: Final = timedelta(days=1)
KEEP_DRAFT: Final = timedelta(days=30)
KEEP_MAIL: Final = timedelta(days=90)
#: What was just written may be taken up by a sweep that is not stored yet.
KEEP_PATTERN: Final = timedelta(days=1)
#: What a registry holds can be read again.
KEEP_CONTENT: Final = timedelta(days=30)
#: A process that was silent for this long was taken away; containers have another name each time.
KEEP_SILENT: Final = timedelta(days=1)

#: Seconds that a run may take: well below the soft limit of a task. The next run goes on where it ended.
LONGEST: Final = 45.0
#: Seconds that one transaction ought to take. SQLite has one writer, and every sweep that is to be stored waits for it.
HOLD: Final = 0.1
FIRST_BATCH, LARGEST_BATCH = 50, 2000
#: Each pack is megabytes, and its deletion is noted in the audit trail by itself.
PACKS_AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True)
class Forgetting:
    """`old(now)` are the rows of `model` that go; None: the settings keep them for good. `after` says in words when.

    `delete(rows)` deletes rows of such a queryset, given their keys as well, and returns how many.
    """

    model: type[models.Model]
    after: str
    old: Callable[[datetime], Rows | None]
    delete: Callable[[Rows, Sequence[Any]], int] = field(default=lambda rows, _: int(rows.delete()[0]))
    at_once: int = LARGEST_BATCH


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many rows were deleted, by model, their findings included; and of which models some are left for later."""

    deleted: Mapping[str, int]
    left: tuple[str, ...]


def _gone(model: type[models.Model], kind: str) -> Forgetting:
    """Things of hosts. Deleted as they stand: Django would read each with its facts first, to see what hangs on it."""

    def old(now: datetime) -> Rows:
        return model._default_manager.filter(gone_at__lt=now - _days("LOADLINE_KEEP_GONE"))  # noqa: SLF001

    def delete(rows: Rows, keys: Sequence[Any]) -> int:
        hanging = 0
        for said in (Finding.objects.all(), AnswerSheet.objects.all()):
            hanging += said.filter(subject_kind=kind, subject_pk__in=keys).delete()[0]
            if model is Container:
                hanging += said.filter(container__in=keys).delete()[0]
        if model is Image:
            Container.objects.filter(image__in=keys).update(image=None)
        return int(hanging + rows._raw_delete(rows.db))  # noqa: SLF001 - what hangs on them is gone

    return Forgetting(model, "LOADLINE_KEEP_GONE", old, delete)


def _older(model: type[models.Model], name: str, keep: str | timedelta, after: str = "") -> Forgetting:
    """Rows whose `name` is longer ago than `keep`, or than as many days as the setting of that name says; 0: never."""

    def old(now: datetime) -> Rows | None:
        period = _days(keep) if isinstance(keep, str) else keep
        at = now - period
        is_date = type(model._meta.get_field(name)) is models.DateField  # noqa: SLF001 - Django's documented model API
        earlier = {f"{name}__lt": at.date() if is_date else at}
        return model._default_manager.filter(**earlier) if period else None  # noqa: SLF001

    return Forgetting(model, after or str(keep), old)


def _days(setting: str) -> timedelta:
    return timedelta(days=getattr(settings, setting))


def _nameless(now: datetime) -> Rows:
    """Services that nothing and nobody names any more; that none runs is counted on the row, and rules out most."""
    users = Container.objects.filter(service=OuterRef("pk"))
    idle = Service.objects.filter(declared=False, containers_total=0, first_seen__lt=now - _days("LOADLINE_KEEP_GONE"))
    return idle.filter(~Exists(users))


def _forget_packs(rows: Rows, _keys: Sequence[Any]) -> int:
    """Never without a word."""
    packs = list(rows.defer("document"))
    for pack in packs:
        _log.warning("deleting the evidence pack %s of %s, %s, past LOADLINE_KEEP_PACKS", pack.pk, pack, pack.digest)
        pack.delete()
    return len(packs)


def _old_packs(now: datetime) -> Rows | None:
    period = _days("LOADLINE_KEEP_PACKS")
    return EvidencePack.objects.filter(made_at__lt=now - period) if period else None


def _forget_patterns(_rows: Rows, keys: Sequence[Any]) -> int:
    """Those that are still unused now that nobody can take them up any more: their rows are locked."""
    rows = AnswerPattern.objects.unused().filter(pk__in=keys)
    return int(rows._raw_delete(rows.db))  # noqa: SLF001 - nothing hangs on them, as was just asked


#: What grows, and when it goes; docs/operations.md has them for people.
FORGETTING: Final = (
    _older(Trial, "started_at", KEEP_TRIAL, "an hour"),
    Forgetting(Session, "when it expires", lambda now: Session.objects.filter(expire_date__lt=now)),
    # Each guess at a password leaves a row, so a stranger decides how many there are.
    _older(AccessAttempt, "attempt_time", KEEP_ATTEMPT, "a day"),
    _older(AccessLog, "attempt_time", KEEP_SIGN_IN, "90 days"),
    Forgetting(
        SignOfLife,
        "a day of silence",
        lambda now: SignOfLife.objects.exclude(kind=SignOfLife.JOB).filter(at__lt=now - KEEP_SILENT),
    ),
    _gone(Container, "container"),
    _gone(Image, "image"),
    _gone(Network, "network"),
    _gone(Volume, "volume"),
    Forgetting(Service, "LOADLINE_KEEP_GONE", _nameless),
    Forgetting(
        AnswerPattern,
        "a day without a thing that is told so",
        lambda now: AnswerPattern.objects.unused().filter(made_at__lt=now - KEEP_PATTERN),
        _forget_patterns,
    ),
    Forgetting(
        ServiceMapping,
        "a month as a draft",
        lambda now: ServiceMapping.objects.drafts().filter(made_at__lt=now - KEEP_DRAFT),
    ),
    # Nobody asks any more about an image that runs nowhere.
    _older(TrustResult, "asked_at", "LOADLINE_KEEP_GONE"),
    _older(RunningTag, "asked_at", "LOADLINE_KEEP_GONE"),
    _older(ImageStatements, "asked_at", "LOADLINE_KEEP_GONE"),
    _older(TrustContent, "kept_at", KEEP_CONTENT, "30 days"),
    # Of each image and scanner the newest; what is older than that by far says nothing of today.
    _older(ScanReport, "made_at", "LOADLINE_KEEP_GONE"),
    _older(TrustDraft, "made_at", KEEP_DRAFT, "a month as a draft"),
    _older(TrustTrial, "started_at", KEEP_TRIAL, "an hour"),
    _older(Change, "at", "LOADLINE_KEEP_CHANGES"),
    _older(RuleDay, "day", "LOADLINE_KEEP_RULE_DAYS"),
    _older(Day, "day", "LOADLINE_KEEP_DAYS"),
    # A report of a day says more than the day's row, and is kept as long.
    _older(Report, "day", "LOADLINE_KEEP_DAYS"),
    _older(ReportMail, "due_at", KEEP_MAIL, "90 days"),
    _older(TeamDay, "day", "LOADLINE_KEEP_DAYS"),
    # What lasts has no end, and no end is earlier than any day.
    _older(ServiceSpell, "until", "LOADLINE_KEEP_DAYS"),
    _older(HostSilence, "until", "LOADLINE_KEEP_DAYS"),
    # What was begun and came to nothing holds nothing.
    Forgetting(
        EvidencePack,
        "a day when it came to nothing",
        lambda now: EvidencePack.objects.exclude(state=MADE).filter(made_at__lt=now - KEEP_UNMADE),
        at_once=PACKS_AT_ONCE,
    ),
    Forgetting(EvidencePack, "LOADLINE_KEEP_PACKS", _old_packs, _forget_packs, PACKS_AT_ONCE),
    _older(LogEntry, "timestamp", "LOADLINE_KEEP_AUDIT"),
)

#: What does not grow by itself: rows of each, and why there are no more.
BOUNDED: Final = {
    "fleet.Host": "one for each that people registered",
    "fleet.Finding": "one for each thing that is there and rule that it fails; those of what went go with it",
    "fleet.AnswerSheet": "one for each thing that is there; those of what went go with it",
    "fleet.ServiceMark": "one for each service that a sweep changed, for the seconds until it is added up",
    "fleet.Count": "one for each thing that is counted",
    "fleet.Shortfall": "one for each service below the line",
    "fleet.Renaming": "one",
    "fleet.Environment": "a handful that people chose",
    "fleet.Preferences": "one",
    "fleet.ReportSchedule": "one",
    "fleet.ReferenceTable": "one for each table that Loadline ships",
    "fleet.ApiToken": "one for each that people made",
    "fleet.PolicyVersion": "one for each that people wrote",
    "fleet.TrustRoot": "one for each publisher that people registered",
    "fleet.TrustRootVersion": "one for each time that people edited one",
    "fleet.ImageRegistry": "one for each that people registered",
    "fleet.TrustMemory": "one for each repository that a publisher signs; without it an old set would pass for new",
    "fleet.ScannedDigest": "a few for each scanner's report; they go with it",
    "fleet.Waiver": "one for each that people asked for",
    "fleet.WaiverApproval": "one for each yes of a person",
    "auth.User": "people",
    "auth.Group": "roles",
    "auth.Permission": "a handful for each model",
    "contenttypes.ContentType": "one for each model",
    "axes.AccessAttemptExpiration": "one for each wrong password that is remembered, and goes with it",
    "axes.AccessFailureLog": "none: AXES_ENABLE_ACCESS_FAILURE_LOG is off",
    "admin.LogEntry": "one for each thing that people changed in the admin",
}


def tidy(
    now: datetime,
    *,
    longest: float = LONGEST,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> Tidied:
    """Deletes what is kept no longer, for at most `longest` seconds; what is left then has its turn at the next run.

    1. Each kind has a batch in turn, so that a million containers keep nobody's sealed keys or sessions.
    2. A batch is one transaction, of as many rows as take HOLD seconds: half as many next time when it took longer.
    3. After each it waits as long as that took, and a sweep that wants to be stored goes first.
    4. Rows that somebody else holds are passed over, and looked at anew inside the transaction that deletes them.
    """
    end = clock() + longest
    deleted: Counter[str] = Counter()
    left = {one: min(FIRST_BATCH, one.at_once) for one in FORGETTING}
    while left:
        for one, size in list(left.items()):
            if clock() >= end:
                return Tidied(deleted, tuple(sorted({one.model.__name__ for one in left})))
            number, took = _forget(one, now, size, deleted, clock)
            if number < size:
                del left[one]
            else:
                left[one] = min(2 * size, one.at_once) if took < HOLD else max(1, size // 2)
                sleep(max(took, HOLD / 10))
    return Tidied(deleted, ())


def _forget(
    one: Forgetting, now: datetime, size: int, deleted: Counter[str], clock: Callable[[], float]
) -> tuple[int, float]:
    """Deletes at most `size` rows. Returns how many were found, what hangs on them not counted, and the seconds inside
    the transaction: on SQLite it waits its turn before that, and a long wait is no reason for a small batch.
    """
    rows = one.old(now)
    if rows is None or not rows.exists():  # asked before the transaction, which on SQLite locks everybody out
        return 0, 0.0
    with transaction.atomic():
        began = clock()
        chosen = rows.order_by().select_for_update(skip_locked=True).values_list("pk", flat=True)
        keys = list(chosen[:size])
        if keys:
            deleted[one.model.__name__] += one.delete(one.model._default_manager.filter(pk__in=keys), keys)  # noqa: SLF001
    return len(keys), clock() - began
