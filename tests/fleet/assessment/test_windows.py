"""What becomes true with time alone: a rollout ends, a one-off job was none, and each is judged again when it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fleet.inventory import ContainerFacts
from fleet.inventory.hand_changes import HandChange
from fleet.models import Container, Service
from fleet.models.answers import Answers
from fleet.silence import catch_up
from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db

HALF_HOUR, MINUTE = timedelta(minutes=30), timedelta(minutes=1)
REPLICA = {**OWNED, "loadline.service": "checkout", "com.docker.compose.service": "web"}


def replica(number: int, **changes: Any) -> ContainerFacts:
    started = NOW - timedelta(minutes=5)
    fields = {"labels": REPLICA, "created_at": started, "started_at": started, **changes}
    return container(id=f"{number:064x}", name=f"web-{number}", **fields)


def status(rule: str) -> str:
    return Answers().get(rule=rule).status


def test_replicas_that_still_differ_after_a_rollout_are_told_of_without_a_change_of_any_fact() -> None:
    pair = (replica(1), replica(2, memory=1 << 30))
    machine = swept(host_row(), *pair)
    assert status("replicas-differ") == "not-applicable"
    over = NOW + timedelta(minutes=25)
    swept(machine, *pair, now=over - MINUTE)
    assert catch_up(over - MINUTE).services == 0
    swept(machine, *pair, now=over)
    assert catch_up(over).services == 1
    assert status("replicas-differ") == "fail"
    assert Service.objects.get().settles_at is None
    assert catch_up(over + MINUTE).services == 0


def test_a_job_that_is_still_there_after_an_hour_was_none() -> None:
    made = NOW - timedelta(minutes=1)
    job = container(labels={}, auto_remove=True, created_at=made, started_at=made)
    machine = swept(host_row(), job)
    assert status("unmanaged-container") == "not-applicable"
    judged = Container.objects.get().judged_at
    swept(machine, job, now=NOW + timedelta(minutes=58))
    assert Container.objects.get().judged_at == judged
    swept(machine, job, now=NOW + timedelta(minutes=59))
    assert status("unmanaged-container") == "fail"


def test_what_was_done_by_hand_outlives_a_sweep_that_could_not_read_events() -> None:
    by_hand = (HandChange(at=NOW - MINUTE, kind="exec"),)
    machine = swept(host_row(), container(hand_changes=by_hand))
    swept(machine, container(hand_changes=None), now=NOW + MINUTE)
    assert Container.objects.get().read_facts().hand_changes == by_hand
    swept(machine, replace(container(), hand_changes=None), now=NOW + timedelta(days=1))
    assert not Container.objects.get().read_facts().hand_changes
