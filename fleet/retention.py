"""What is forgotten, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessLog
from django.contrib.sessions.models import Session

from fleet.models import Container, Image, Network, Service, Trial, Volume

#: Things that went are kept this long, for "what was there last month?".
KEEP_GONE = timedelta(days=90)
#: A connection test holds sealed keys and is of no use once somebody has left the page.
KEEP_TRIAL = timedelta(hours=1)
#: Wrong passwords count for a quarter of an hour.
KEEP_ATTEMPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many rows were deleted."""

    things: int
    services: int
    sessions: int


def tidy(now: datetime) -> Tidied:
    """Deletes things gone for ninety days, services that nothing and nobody names any more, and expired sessions."""
    long_gone = {"gone_at__lt": now - KEEP_GONE}
    things = sum(model.objects.filter(**long_gone).delete()[0] for model in (Container, Image, Network, Volume))
    orphans = Service.objects.filter(declared=False, containers__isnull=True, first_seen__lt=now - KEEP_GONE)
    services = orphans.delete()[0]
    sessions = Session.objects.filter(expire_date__lt=now).delete()[0]
    # Each guess at a password leaves a row, so a stranger decides how many there are.
    AccessAttempt.objects.filter(attempt_time__lt=now - KEEP_ATTEMPT).delete()
    AccessLog.objects.filter(attempt_time__lt=now - KEEP_GONE).delete()
    Trial.objects.filter(started_at__lt=now - KEEP_TRIAL).delete()
    return Tidied(things, services, sessions)
