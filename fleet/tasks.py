"""Celery's doors into the use cases; the only place besides commands and pages that reads the clock."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from fleet.adoption import record_day as record_day_now
from fleet.counting import count_after_sweep, count_due
from fleet.evidence import fill_pack
from fleet.foresight.preview import preview_draft as preview_draft_now
from fleet.models import EvidencePack
from fleet.registration import run_trial
from fleet.retention import tidy as tidy_now
from fleet.silence import catch_up as catch_up_now
from fleet.sweeping import KEEPER, PACE, calls, claim_due, claim_hosts, sweep_claimed

#: A call that nobody answered in that time is worth nothing: the next tick calls anew.
_CALL_SECONDS = 5


@shared_task
def dispatch_due() -> None:
    """Calls workers for the hosts that are due."""
    for call in calls(timezone.now()):
        sweep_due.apply_async(
            kwargs={"most": call.hosts, "slow": call.slow},
            queue="sweep-slow" if call.slow else "sweep",
            expires=_CALL_SECONDS,
        )


@shared_task
def sweep_due(*, most: int, slow: bool = False) -> None:
    """Claims and sweeps as many of the hosts that are due as this process has room for."""
    for shard in claim_due(timezone.now(), most=min(most, KEEPER.room(slow=slow)), slow=slow):
        sweep_claimed(shard, keeper=KEEPER, pace=PACE)
    count_after_sweep(timezone.now())


@shared_task
def sweep_now(*, hosts: list[int]) -> None:
    """What "Sweep now" asks for."""
    for shard in claim_hosts(hosts, timezone.now()):
        sweep_claimed(shard, keeper=KEEPER)
    count_after_sweep(timezone.now())


@shared_task(soft_time_limit=30, time_limit=40)
def try_endpoint(*, trial: str) -> None:
    """Runs the connection test that a page is waiting for."""
    run_trial(trial, now=timezone.now())


@shared_task(soft_time_limit=900, time_limit=930)
def preview_draft(*, version: int) -> None:
    """Works out what a draft of the policy would change; the page follows it."""
    preview_draft_now(version, now=timezone.now(), clock=timezone.now)


@shared_task(soft_time_limit=900, time_limit=930)
def make_pack(*, pack: int) -> None:
    """Puts an evidence pack together; the page follows it."""
    fill_pack(EvidencePack.objects.get(pk=pack), now=timezone.now())


@shared_task
def record_day() -> None:
    record_day_now(timezone.now())


@shared_task
def catch_up() -> None:
    """Notes hosts that fell silent or came back."""
    catch_up_now(timezone.now())


@shared_task(soft_time_limit=840, time_limit=870)
def count() -> None:
    """Counts what pages show of the whole fleet, as far as it is due."""
    count_due(timezone.now())


@shared_task
def tidy() -> None:
    tidy_now(timezone.now())
