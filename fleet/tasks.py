"""Celery's doors into the use cases; the only place besides commands and pages that reads the clock."""

from __future__ import annotations

from collections.abc import Callable

from celery import shared_task
from celery.exceptions import Ignore
from django.utils import timezone

from fleet.adoption import record_day as record_day_now
from fleet.assessment import tell_what_turned
from fleet.catalogue import preview_mapping as preview_mapping_now
from fleet.catalogue import preview_waits as mapping_waits
from fleet.catalogue import rename_due
from fleet.counting import count_after_sweep, count_due
from fleet.evidence import fill_pack, pack_waits
from fleet.foresight.preview import preview_draft as preview_draft_now
from fleet.foresight.preview import preview_waits
from fleet.models import EvidencePack
from fleet.proving import look_at_due, look_at_one, run_trust_trial
from fleet.proving import preview_root as preview_root_now
from fleet.registration import run_trial
from fleet.retention import tidy as tidy_now
from fleet.silence import catch_up as catch_up_now
from fleet.sweeping import KEEPER, PACE, TURN_SECONDS, calls, claim_due, claim_hosts, sweep_claimed
from fleet.turns import LONG_SECONDS, TURNS, GivesWay

#: How long a process may sweep without another call.
SEAT_SECONDS = 15
#: A call that nobody answered in that time is worth nothing: the next tick calls anew.
_CALL_SECONDS = 5
#: A long job that found no turn asks again after so long.
_AGAIN_SECONDS = 5
_LONG = 900
_HOURLY_SECONDS = 1800  # an hourly job that waited for that long is left to the next hour


def in_turn(job: Callable[[], object], *, otherwise: Callable[[], object] = lambda: None) -> None:
    """Does a long job in one of the worker's turns, then counts. Where there is no turn, or the worker is to end, it
    does what is asked for `otherwise` and leaves the task without a result, so that no sign says it was done.
    """
    done = False
    try:
        with TURNS.one(ends=lambda: KEEPER.farewell.said) as mine:
            if mine:
                job()
                done = True
                # Else those that wait would always come before it, and what pages say of the fleet would grow old.
                count_due(timezone.now())
    except GivesWay:
        pass
    if not done:
        otherwise()
        raise Ignore


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
    """Claims and sweeps hosts that are due, as many at a time as this process has room for, until fewer are left than
    that: those wait for more to come, as many together cost less. Or until its turn is over, or its seat is wanted;
    where there are seats turns are long, since another process is free.
    """
    with TURNS.seat() as keeps:
        if keeps is None:
            return
        for room in KEEPER.turn(slow=slow, seconds=SEAT_SECONDS if TURNS.seated else TURN_SECONDS):
            wanted = min(most, room)
            shards = claim_due(timezone.now(), most=wanted, slow=slow)
            for shard in shards:
                sweep_claimed(shard, keeper=KEEPER, pace=PACE)
            if sum(len(shard.hosts) for shard in shards) < wanted or not keeps():
                break
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


@shared_task(soft_time_limit=90, time_limit=100)
def try_trust(*, trial: str) -> None:
    """Asks a registry or a Notary server what a page wants to know of it."""
    run_trust_trial(trial, now=timezone.now())


@shared_task(soft_time_limit=120, time_limit=130)
def preview_root(*, draft: str) -> None:
    """Works out for what a draft of a trust root would speak; a reading of an index, and so without a turn."""
    preview_root_now(draft, now=timezone.now())


@shared_task(soft_time_limit=_LONG, time_limit=_LONG + 30)
def preview_draft(*, version: int) -> None:
    """Works out what a draft of the policy would change; the page follows it."""

    def wait() -> None:
        preview_waits(version, now=timezone.now())
        preview_draft.apply_async(
            kwargs={"version": version}, queue="long", countdown=_AGAIN_SECONDS, expires=LONG_SECONDS
        )

    in_turn(lambda: preview_draft_now(version, now=timezone.now(), clock=timezone.now), otherwise=wait)


@shared_task(soft_time_limit=_LONG, time_limit=_LONG + 30)
def preview_mapping(*, mapping: int) -> None:
    """Works out what a draft of a mapping would catch; the page follows it."""

    def wait() -> None:
        mapping_waits(mapping, now=timezone.now())
        preview_mapping.apply_async(
            kwargs={"mapping": mapping}, queue="long", countdown=_AGAIN_SECONDS, expires=LONG_SECONDS
        )

    in_turn(lambda: preview_mapping_now(mapping, now=timezone.now(), clock=timezone.now), otherwise=wait)


@shared_task(soft_time_limit=_LONG, time_limit=_LONG + 30)
def make_pack(*, pack: int) -> None:
    """Puts an evidence pack together; the page follows it."""

    def wait() -> None:
        pack_waits(pack, now=timezone.now())
        make_pack.apply_async(kwargs={"pack": pack}, queue="long", countdown=_AGAIN_SECONDS, expires=LONG_SECONDS)

    in_turn(lambda: fill_pack(EvidencePack.objects.get(pk=pack), now=timezone.now()), otherwise=wait)


@shared_task(soft_time_limit=_LONG, time_limit=_LONG + 30)
def record_day() -> None:
    def wait() -> None:
        record_day.apply_async(queue="long", countdown=_AGAIN_SECONDS, expires=_HOURLY_SECONDS)

    in_turn(lambda: record_day_now(timezone.now()), otherwise=wait)


@shared_task
def catch_up() -> None:
    """Notes hosts that fell silent or came back."""
    catch_up_now(timezone.now())


@shared_task(soft_time_limit=840, time_limit=870)
def count() -> None:
    """Names containers anew where mappings changed, and counts what pages show of the whole fleet, as far as either is
    due. Without a turn: the next tick comes soon.
    """
    in_turn(lambda: rename_due(timezone.now()))


@shared_task(soft_time_limit=_LONG, time_limit=_LONG + 30)
def tidy() -> None:
    def wait() -> None:
        tidy.apply_async(queue="long", countdown=_AGAIN_SECONDS, expires=_HOURLY_SECONDS)

    in_turn(lambda: tidy_now(timezone.now()), otherwise=wait)


@shared_task(soft_time_limit=_LONG, time_limit=_LONG + 30)
def prove() -> None:
    """Asks registries for signatures of what runs, as far as it is due, and tells who rests on that; without a turn,
    the next tick comes soon.
    """

    def look() -> None:
        look_at_due(timezone.now(), clock=timezone.now)
        tell_what_turned(timezone.now())

    in_turn(look)


@shared_task(soft_time_limit=_LONG, time_limit=_LONG + 30)
def prove_image(*, reference: str, image_id: str) -> None:
    """What "Verify now" asks for; the page follows it."""

    def wait() -> None:
        kwargs = {"reference": reference, "image_id": image_id}
        prove_image.apply_async(kwargs=kwargs, queue="long", countdown=_AGAIN_SECONDS, expires=LONG_SECONDS)

    def look() -> None:
        look_at_one(reference, image_id, timezone.now())
        tell_what_turned(timezone.now())

    in_turn(look, otherwise=wait)
