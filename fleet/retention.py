"""What is forgotten, and when."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session

from fleet.models import Change, Container, EvidencePack, Image, Network, RuleDay, Service, SignOfLife, Trial, Volume
from fleet.models.evidence_pack import MADE

_log = logging.getLogger(__name__)
#: Things that went are kept this long, for "what was there last month?".
KEEP_GONE = timedelta(days=90)
#: A connection test holds sealed keys and is of no use once somebody has left the page.
KEEP_TRIAL = timedelta(hours=1)
#: Wrong passwords count for a quarter of an hour.
KEEP_ATTEMPT = timedelta(days=1)
KEEP_UNMADE = timedelta(days=1)
#: A process that was silent for this long was taken away; containers have another name each time.
KEEP_SILENT = timedelta(days=1)
#: Packs at a time: each is megabytes, and its deletion is noted in the audit trail by itself.
_PACKS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many rows were deleted."""

    things: int
    services: int
    sessions: int
    changes: int
    rule_days: int
    packs: int


def tidy(now: datetime) -> Tidied:
    """Deletes things gone for ninety days, services that nothing and nobody names any more, expired sessions, and of
    what was noted what the settings do not keep.
    """
    long_gone = {"gone_at__lt": now - KEEP_GONE}
    things = sum(model.objects.filter(**long_gone).delete()[0] for model in (Container, Image, Network, Volume))
    orphans = Service.objects.filter(declared=False, containers__isnull=True, first_seen__lt=now - KEEP_GONE)
    services = orphans.delete()[0]
    sessions = Session.objects.filter(expire_date__lt=now).delete()[0]
    # Each guess at a password leaves a row, so a stranger decides how many there are.
    AccessAttempt.objects.filter(attempt_time__lt=now - KEEP_ATTEMPT).delete()
    AccessLog.objects.filter(attempt_time__lt=now - KEEP_GONE).delete()
    Trial.objects.filter(started_at__lt=now - KEEP_TRIAL).delete()
    SignOfLife.objects.exclude(kind=SignOfLife.JOB).filter(at__lt=now - KEEP_SILENT).delete()
    changes = Change.objects.filter(at__lt=now - timedelta(days=settings.LOADLINE_KEEP_CHANGES)).delete()[0]
    first_day = now.date() - timedelta(days=settings.LOADLINE_KEEP_RULE_DAYS)
    rule_days = RuleDay.objects.filter(day__lt=first_day).delete()[0]
    # What was begun and came to nothing holds nothing.
    EvidencePack.objects.exclude(state=MADE).filter(made_at__lt=now - KEEP_UNMADE).delete()
    return Tidied(things, services, sessions, changes, rule_days, _forget_packs(now))


def _forget_packs(now: datetime) -> int:
    """None unless the settings say how long they are kept; and never without a word."""
    if not settings.LOADLINE_KEEP_PACKS:
        return 0
    old = EvidencePack.objects.filter(made_at__lt=now - timedelta(days=settings.LOADLINE_KEEP_PACKS))
    packs = list(old.defer("document").order_by("made_at")[:_PACKS_AT_ONCE])
    for pack in packs:
        _log.warning("deleting the evidence pack %s of %s, %s, past LOADLINE_KEEP_PACKS", pack.pk, pack, pack.digest)
        pack.delete()
    return len(packs)
