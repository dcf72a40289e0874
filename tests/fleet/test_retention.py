"""What is forgotten when, and that no evidence pack goes unless somebody said so."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from auditlog.models import LogEntry
from axes.models import AccessAttempt
from django.apps import apps
from django.conf import settings as in_force
from django.db import connection

from fleet.models import (
    AnswerPattern,
    AnswerSheet,
    Change,
    Container,
    Day,
    EvidencePack,
    Finding,
    Host,
    Image,
    RuleDay,
    Service,
    SignOfLife,
    Trial,
)
from fleet.retention import BOUNDED, FORGETTING, HOLD, tidy
from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


KEEP_GONE = timedelta(days=90)


def test_a_container_gone_for_long_is_forgotten_with_its_service() -> None:
    host = swept(host_row(), container(labels={**OWNED, "loadline.service": "old"}))
    swept(host, container(id="b" * 64, labels={**OWNED, "loadline.service": "new"}), now=NOW + timedelta(minutes=1))
    tidy(NOW + KEEP_GONE)
    assert Container.objects.count() == 2
    tidied = tidy(NOW + KEEP_GONE + timedelta(minutes=2))
    assert (tidied.deleted["Container"], tidied.deleted["Service"]) == (1, 1)
    assert [service.name for service in Service.objects.all()] == ["new"]


def test_a_declared_service_is_kept() -> None:
    Service.objects.create(name="mainframe", slug="mainframe", declared=True, first_seen=NOW - timedelta(days=900))
    tidy(NOW)
    assert Service.objects.exists()


def test_a_connection_test_is_forgotten_after_an_hour() -> None:
    Trial.objects.create(started_at=NOW - timedelta(minutes=59), sealed_entry="x")
    Trial.objects.create(started_at=NOW - timedelta(minutes=61), sealed_entry="x")
    tidy(NOW)
    assert Trial.objects.count() == 1


def test_wrong_passwords_are_forgotten_after_a_day() -> None:
    for hours, name in ((1, "fresh"), (25, "old")):
        attempt = AccessAttempt.objects.create(username=name, failures_since_start=1)
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=NOW - timedelta(hours=hours))
    tidy(NOW)
    assert [attempt.username for attempt in AccessAttempt.objects.all()] == ["fresh"]


def test_a_process_that_was_silent_for_a_day_is_forgotten_and_a_job_is_not() -> None:
    for kind, name, hours in (
        ("worker", "new", 23),
        ("worker", "old", 25),
        ("scheduler", "old", 25),
        ("job", "tidy", 25),
    ):
        SignOfLife.objects.create(kind=kind, name=name, did="tidy", at=NOW - timedelta(hours=hours))
    tidy(NOW)
    assert {(sign.kind, sign.name) for sign in SignOfLife.objects.all()} == {("worker", "new"), ("job", "tidy")}


def change(at: datetime) -> Change:
    return Change.objects.create(kind="verdict", before="ready", after="at-risk", first_at=at, at=at)


def test_changes_are_kept_as_long_as_the_settings_say(settings: Any) -> None:
    old, kept = change(NOW - timedelta(days=400, seconds=1)), change(NOW - timedelta(days=399))
    assert tidy(NOW).deleted["Change"] == 1
    assert list(Change.objects.all()) == [kept]
    settings.LOADLINE_KEEP_CHANGES = 30
    assert tidy(NOW).deleted["Change"] == 1
    assert old.pk != kept.pk
    assert not Change.objects.exists()


def test_the_days_of_a_rule_are_kept_as_long_as_the_settings_say(settings: Any) -> None:
    settings.LOADLINE_KEEP_RULE_DAYS = 31
    for back in (30, 31, 32, 500):
        RuleDay.objects.create(rule="tag-drift", day=NOW.date() - timedelta(days=back))
    assert tidy(NOW).deleted["RuleDay"] == 2
    assert RuleDay.objects.count() == 2


def pack(at: datetime) -> EvidencePack:
    return EvidencePack.objects.create(scope="fleet", made_at=at, rules_version="1", digest="d" * 64, document=b"")


def test_a_pack_is_kept_for_good() -> None:
    pack(NOW - timedelta(days=20_000))
    assert tidy(NOW).deleted["EvidencePack"] == 0
    assert EvidencePack.objects.exists()


def test_what_was_begun_and_never_made_is_forgotten_after_a_day() -> None:
    for hours in (23, 25):
        EvidencePack.objects.create(scope="fleet", made_at=NOW - timedelta(hours=hours), state="making")
    tidy(NOW)
    assert EvidencePack.objects.count() == 1


def test_where_a_setting_ends_them_a_pack_goes_with_a_word(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.LOADLINE_KEEP_PACKS = 365
    gone, kept = pack(NOW - timedelta(days=366)), pack(NOW - timedelta(days=364))
    key = gone.pk
    with caplog.at_level(logging.WARNING, logger="fleet.retention"):
        assert tidy(NOW).deleted["EvidencePack"] == 1
    assert list(EvidencePack.objects.all()) == [kept]
    assert "d" * 64 in caplog.text
    assert LogEntry.objects.filter(object_pk=str(key), action=LogEntry.Action.DELETE).exists()


def test_every_table_is_bounded_or_has_something_that_ends_it() -> None:
    """A new model belongs into one of the two, and what is kept for a while stands in the settings and in the docs."""
    ending = {one.model._meta.label for one in FORGETTING}
    assert ending | set(BOUNDED) == {model._meta.label for model in apps.get_models(include_auto_created=False)}
    assert not ending & set(BOUNDED)
    named = {one.after for one in FORGETTING if one.after.startswith("LOADLINE_")}
    assert named == {name for name in dir(in_force) if name.startswith("LOADLINE_KEEP_")}
    told = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text()
    assert [one.after for one in FORGETTING if one.after not in told] == []


def test_a_pattern_goes_a_day_after_it_was_made_unless_a_sheet_names_it() -> None:
    host = swept(host_row(), container())
    used = set(AnswerPattern.objects.values_list("pk", flat=True))
    for number, hours in ((1, 23), (2, 25)):
        AnswerPattern.objects.create(digest=number, shape=1, made_at=NOW - timedelta(hours=hours), answers="[]")
    assert tidy(NOW).deleted["AnswerPattern"] == 1
    assert set(AnswerPattern.objects.values_list("pk", flat=True)) == used | {1}
    host.delete()
    Service.objects.all().delete()
    assert tidy(NOW + timedelta(days=2)).deleted["AnswerPattern"] == len(used) + 1


def test_a_pattern_that_was_taken_up_while_it_was_chosen_stays() -> None:
    """Between looking for unused ones and locking them, a sweep may have stored a sheet."""
    swept(host_row(), container())
    used = list(AnswerPattern.objects.values_list("pk", flat=True))
    [forgetting] = [one for one in FORGETTING if one.model is AnswerPattern]
    assert forgetting.delete(AnswerPattern.objects.filter(pk__in=used), used) == 0
    assert AnswerPattern.objects.count() == len(used)


@pytest.mark.parametrize("setting", ["LOADLINE_KEEP_DAYS", "LOADLINE_KEEP_AUDIT"])
def test_days_and_the_audit_trail_end_when_the_settings_say(setting: str, settings: Any) -> None:
    day = {f"stage_{stage}": 0 for stage in ("none", "experiment", "staging", "production")}
    day |= dict.fromkeys(("services", "ready", "at_risk", "not_ready", "unknown", "hosts", "hosts_answering"), 0)
    Day.objects.create(day=NOW.date() - timedelta(days=401), containers=0, **day)
    pack(NOW)
    LogEntry.objects.update(timestamp=NOW - timedelta(days=401))
    assert set(tidy(NOW).deleted) == set()
    setattr(settings, setting, 400)
    assert sum(tidy(NOW).deleted.values()) == 1
    assert (Day.objects.exists(), LogEntry.objects.exists()) == (
        setting != "LOADLINE_KEEP_DAYS",
        setting != "LOADLINE_KEEP_AUDIT",
    )


def gone(host: Host, number: int, *, model: Any = Container) -> None:
    """Things that went a hundred days ago."""
    seen = {"facts_hash": "x", "first_seen": NOW, "changed_at": NOW, "gone_at": NOW - timedelta(days=100)}
    model.objects.bulk_create(model(host=host, engine_id=str(one), name="web", **seen) for one in range(number))


def test_what_went_takes_its_findings_with_it_and_no_others() -> None:
    host = host_row()
    swept(host, container())
    gone(host, 2)
    gone(host, 2, model=Image)
    there, old = (Finding.objects.count(), AnswerSheet.objects.count()), Image.objects.exclude(gone_at=None)
    pattern = AnswerPattern.objects.all()[0]
    said = {"severity_rank": 1, "rule": "x", "first_seen": NOW, "host": host}
    for image in old:
        Finding.objects.create(subject_kind="image", subject_pk=image.pk, **said)
        AnswerSheet.objects.create(subject_kind="image", subject_pk=image.pk, pattern=pattern, host=host, since=NOW)
    for one in Container.objects.exclude(gone_at=None):
        Finding.objects.create(subject_kind="container", subject_pk=one.pk, container=one, **said)
        AnswerSheet.objects.create(
            subject_kind="container", subject_pk=one.pk, container=one, pattern=pattern, host=host, since=NOW
        )
    assert dict(tidy(NOW).deleted) == {"Container": 6, "Image": 6}
    assert (Finding.objects.count(), AnswerSheet.objects.count()) == there
    assert (Container.objects.count(), Image.objects.exclude(gone_at=None).count()) == (1, 0)


def ticking(step: float) -> Any:
    """A clock that is read three times a batch: whether there is time for one, when it begins and when it ends."""
    ticks = count()
    return lambda: next(ticks) * step


def test_a_run_ends_in_time_and_the_next_one_goes_on() -> None:
    gone(host_row(), 120)
    first = tidy(NOW, longest=10, clock=ticking(1.0), sleep=lambda _: None)
    assert 0 < first.deleted["Container"] < 120
    assert "Container" in first.left
    second = tidy(NOW)
    assert first.deleted["Container"] + second.deleted["Container"] == 120
    assert second.left == ()


def test_a_heap_of_one_thing_keeps_nothing_else_from_its_turn() -> None:
    gone(host_row(), 120)
    EvidencePack.objects.create(scope="fleet", made_at=NOW - timedelta(days=2), state="making")
    Change.objects.create(
        kind="verdict", before="a", after="b", first_at=NOW - timedelta(days=500), at=NOW - timedelta(days=500)
    )
    tidied = tidy(NOW, longest=44, clock=ticking(1.0), sleep=lambda _: None)
    assert tidied.left == ("Container",)
    assert tidied.deleted["EvidencePack"] == tidied.deleted["Change"] == 1


def batches(deleting: float) -> Iterator[int]:
    """How many rows each batch takes from 400, when each takes that many seconds."""
    sizes: list[int] = []
    left = [Container.objects.count()]

    def rest(_seconds: float) -> None:
        sizes.append(left[0] - Container.objects.count())
        left[0] = Container.objects.count()

    tidy(NOW, longest=1000, clock=ticking(deleting), sleep=rest)
    return iter(sizes)


def test_batches_grow_while_they_are_quick_and_shrink_when_they_are_not() -> None:
    gone(host_row(), 400)
    assert list(batches(HOLD / 2))[:3] == [50, 100, 200]
    gone(host_row("other"), 200)
    assert list(batches(HOLD * 2))[:4] == [50, 25, 12, 6]


@pytest.mark.django_db(transaction=True)
def test_each_batch_is_a_transaction_of_its_own_with_a_pause_behind_it() -> None:
    gone(host_row(), 120)
    inside: list[bool] = []
    tidy(NOW, sleep=lambda _: inside.append(connection.in_atomic_block))
    assert inside
    assert not any(inside)
