from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from fleet import tasks
from fleet.models import Host
from fleet.sweeping.claims import SLOW_AFTER
from tests.rows import host_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was sent to the queue."""
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.sweep_due, "apply_async", lambda **message: messages.append(message))
    return messages


def test_a_tick_calls_for_what_is_due_and_claims_nothing_itself(sent: list[dict[str, Any]]) -> None:
    host_row("good", next_sweep_at=timezone.now())
    host_row("bad", next_sweep_at=timezone.now(), failures=SLOW_AFTER)
    tasks.dispatch_due()
    tasks.dispatch_due()  # of another beat
    assert [(message["queue"], message["kwargs"]["slow"]) for message in sent] == [
        ("sweep", False),
        ("sweep-slow", True),
    ] * 2
    assert all(message["expires"] <= 5 for message in sent)
    assert set(Host.objects.values_list("claim", flat=True)) == {""}


def test_a_fleet_that_is_not_due_calls_nobody(sent: list[dict[str, Any]]) -> None:
    host_row(next_sweep_at=timezone.now() + timedelta(minutes=1))
    tasks.dispatch_due()
    assert sent == []


def test_of_two_answers_to_one_call_the_second_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    swept: list[int] = []
    monkeypatch.setattr(tasks, "sweep_claimed", lambda shard, **_: swept.extend(shard.hosts))
    host = host_row(next_sweep_at=timezone.now())
    tasks.sweep_due(most=25)
    tasks.sweep_due(most=25)
    assert swept == [host.pk]


def test_a_process_that_has_enough_under_way_leaves_the_call_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    host_row(next_sweep_at=timezone.now())
    monkeypatch.setattr(type(tasks.KEEPER), "under_way", 200)
    tasks.sweep_due(most=25)
    assert Host.objects.get().claim == ""
