"""Asking for a sweep while the queue is well, away or out of space."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from kombu.exceptions import OperationalError

from dashboard import queueing
from dashboard.queueing import ask_for_sweep, ask_for_trial
from fleet.models import Host, Trial
from tests.builders import NOW
from tests.rows import host_row

pytestmark = pytest.mark.django_db


def _raises(error: Exception) -> Any:
    def send(**_kwargs: Any) -> None:
        raise error

    return send


def test_hosts_are_handed_out_in_messages_of_one_shard_each(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    monkeypatch.setattr(queueing.sweep_now, "apply_async", lambda **call: sent.append(len(call["kwargs"]["hosts"])))
    hosts = [host_row(f"prod-{number}").pk for number in range(26)]
    assert ask_for_sweep(hosts, now=NOW)
    assert sent == [25, 1]
    assert Host.objects.filter(requested_at=NOW).count() == 26


@pytest.mark.parametrize("error", [OperationalError("refused"), OSError(28, "No space left on device")])
def test_with_the_queue_away_the_schedule_is_left_to_find_the_host(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queueing.sweep_now, "apply_async", _raises(error))
    monkeypatch.setattr(queueing.try_endpoint, "apply_async", _raises(error))
    host = host_row(next_sweep_at=NOW + timedelta(minutes=9))
    assert not ask_for_sweep([host.pk], now=NOW)
    host.refresh_from_db()
    assert host.next_sweep_at == NOW
    assert not ask_for_trial(Trial.objects.create(started_at=NOW, sealed_entry="x"))
