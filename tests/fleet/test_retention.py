from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt

from fleet.models import Container, Service, Trial
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
