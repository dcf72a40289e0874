"""What is forgotten when, and that no evidence pack goes unless somebody said so."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from axes.models import AccessAttempt

from fleet.models import Change, Container, EvidencePack, RuleDay, Service, SignOfLife, Trial
from fleet.retention import KEEP_GONE, tidy
from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


def test_a_container_gone_for_long_is_forgotten_with_its_service() -> None:
    host = swept(host_row(), container(labels={**OWNED, "loadline.service": "old"}))
    swept(host, container(id="b" * 64, labels={**OWNED, "loadline.service": "new"}), now=NOW + timedelta(minutes=1))
    tidy(NOW + KEEP_GONE)
    assert Container.objects.count() == 2
    tidied = tidy(NOW + KEEP_GONE + timedelta(minutes=2))
    assert tidied.things == 1
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
    assert tidy(NOW).changes == 1
    assert list(Change.objects.all()) == [kept]
    settings.LOADLINE_KEEP_CHANGES = 30
    assert tidy(NOW).changes == 1
    assert old.pk != kept.pk
    assert not Change.objects.exists()


def test_the_days_of_a_rule_are_kept_as_long_as_the_settings_say(settings: Any) -> None:
    settings.LOADLINE_KEEP_RULE_DAYS = 31
    for back in (30, 31, 32, 500):
        RuleDay.objects.create(rule="tag-drift", day=NOW.date() - timedelta(days=back))
    assert tidy(NOW).rule_days == 2
    assert RuleDay.objects.count() == 2


def pack(at: datetime) -> EvidencePack:
    return EvidencePack.objects.create(scope="fleet", made_at=at, rules_version="1", digest="d" * 64, document=b"")


def test_a_pack_is_kept_for_good() -> None:
    pack(NOW - timedelta(days=20_000))
    assert tidy(NOW).packs == 0
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
        assert tidy(NOW).packs == 1
    assert list(EvidencePack.objects.all()) == [kept]
    assert "d" * 64 in caplog.text
    assert LogEntry.objects.filter(object_pk=str(key), action=LogEntry.Action.DELETE).exists()
