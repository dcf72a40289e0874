from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from celery.exceptions import Ignore
from django.utils import timezone

from fleet import tasks
from fleet.models import Count, EvidencePack, Host, PolicyVersion, ServiceMapping
from fleet.models.evidence_pack import WAITING
from fleet.sweeping.claims import SLOW_AFTER
from fleet.turns import GivesWay
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


def seat(keeps: Callable[[], bool] | None) -> Callable[[], Any]:
    @contextmanager
    def taken() -> Iterator[Callable[[], bool] | None]:
        yield keeps

    return taken


@pytest.mark.parametrize(("keeps", "swept"), [(lambda: True, 7), (lambda: False, 3), (None, 0)])
def test_a_task_goes_on_while_it_keeps_its_seat_and_more_hosts_are_due_than_it_has_room_for(
    monkeypatch: pytest.MonkeyPatch, keeps: Callable[[], bool] | None, swept: int
) -> None:
    shards: list[int] = []
    monkeypatch.setattr(tasks, "sweep_claimed", lambda shard, **_: shards.append(len(shard.hosts)))
    monkeypatch.setattr(tasks.TURNS, "seat", seat(keeps))
    for number in range(7):
        host_row(f"prod-{number}", next_sweep_at=timezone.now())
    tasks.sweep_due(most=3)
    assert (sum(shards), max(shards, default=0) <= 3) == (swept, True)


def test_a_task_that_found_fewer_hosts_than_it_has_room_for_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    claims: list[int] = []
    real = tasks.claim_due
    monkeypatch.setattr(tasks, "claim_due", lambda now, **words: (claims.append(words["most"]), real(now, **words))[1])
    monkeypatch.setattr(tasks, "sweep_claimed", lambda shard, **_: None)
    host_row(next_sweep_at=timezone.now())
    tasks.sweep_due(most=3)
    assert claims == [3]


@contextmanager
def _no_turn(**_kwargs: Any) -> Iterator[bool]:
    yield False


@contextmanager
def _ended_at_once(**_kwargs: Any) -> Iterator[bool]:
    yield True
    raise GivesWay


@pytest.mark.parametrize("turn", [_no_turn, _ended_at_once])
@pytest.mark.parametrize("name", ["preview_draft", "preview_mapping", "make_pack", "record_day", "tidy"])
def test_a_long_job_without_a_turn_asks_again_and_leaves_no_result(
    name: str, turn: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told that it was done; `dashboard.signs` goes by the result."""
    version = PolicyVersion.objects.create(created_at=timezone.now())
    pack = EvidencePack.objects.create(made_at=timezone.now(), state=WAITING)
    mapping = ServiceMapping.objects.create(container="a", service="b", made_at=timezone.now())
    given = {
        "preview_draft": {"version": version.pk},
        "preview_mapping": {"mapping": mapping.pk},
        "make_pack": {"pack": pack.pk},
    }.get(name, {})
    messages: list[dict[str, Any]] = []
    task = getattr(tasks, name)
    monkeypatch.setattr(task, "apply_async", lambda **message: messages.append(message))
    monkeypatch.setattr(tasks.TURNS, "one", turn)
    monkeypatch.setattr(tasks, "preview_draft_now", _gives_way)
    monkeypatch.setattr(tasks, "preview_mapping_now", _gives_way)
    monkeypatch.setattr(tasks, "fill_pack", _gives_way)
    monkeypatch.setattr(tasks, "record_day_now", _gives_way)
    monkeypatch.setattr(tasks, "tidy_now", _gives_way)
    with pytest.raises(Ignore):
        task(**given)
    (message,) = messages
    assert message.get("kwargs", {}) == given
    assert message["queue"] == "long"
    assert 0 < message["countdown"] < message["expires"]
    version.refresh_from_db()
    pack.refresh_from_db()
    mapping.refresh_from_db()
    assert (version.preview_state, mapping.preview_state) == ("", "")
    assert ("at" in mapping.preview) == (name == "preview_mapping")
    assert ("at" in version.preview, "at" in pack.summary) == (name == "preview_draft", name == "make_pack")
    assert pack.state == WAITING


def _gives_way(*_args: Any, **_kwargs: Any) -> None:
    raise GivesWay


def test_a_count_without_a_turn_leaves_it_to_the_next_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.TURNS, "one", _no_turn)
    with pytest.raises(Ignore):
        tasks.count()
    assert not Count.objects.exists()


def test_a_count_names_containers_anew_where_mappings_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(tasks, "rename_due", lambda _now: seen.append("renamed"))
    monkeypatch.setattr(tasks, "count_due", lambda _now: seen.append("counted"))
    tasks.count()
    assert seen == ["renamed", "counted"]


def test_after_a_long_job_what_is_due_is_counted_before_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(tasks, "tidy_now", lambda _now: seen.append("tidied"))
    monkeypatch.setattr(tasks, "count_due", lambda _now: seen.append("counted"))
    tasks.tidy()
    assert seen == ["tidied", "counted"]


def test_a_long_job_that_was_done_is_not_done_again_when_the_worker_ends_while_it_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks, "count_due", _gives_way)
    monkeypatch.setattr(tasks.tidy, "apply_async", _gives_way)
    tasks.tidy()
