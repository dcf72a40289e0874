from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fleet.assessment import assess_host, assess_recorded
from fleet.models import Environment, Host, Waiver
from fleet.recording import Recorded
from tests.builders import NOW, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
#: By then restarts have been watched long enough, and no container is young.
SETTLED = NOW + timedelta(hours=2)
SOON = SETTLED + timedelta(minutes=1)


@pytest.fixture
def host() -> Host:
    created = NOW - timedelta(days=3)
    host = swept(host_row(), container(created_at=created, started_at=created))
    assess_host(host.pk, now=SETTLED)
    host.refresh_from_db()
    return host


def looks(host: Host, now: datetime = SOON) -> bool:
    """Whether the rows on the host are read, given that none of them changed."""
    row = Host.objects.select_related("environment").get(pk=host.pk)
    with CaptureQueriesContext(connection) as queries:
        assess_recorded(Recorded(row, 1, 0, frozenset()), now=now)
    return any('FROM "fleet_container"' in query["sql"] for query in queries.captured_queries)


def test_a_host_on_which_nothing_changed_is_left_alone(host: Host) -> None:
    assert not looks(host)


def test_a_row_that_changed_has_it_looked_at(host: Host) -> None:
    row = Host.objects.select_related("environment").get(pk=host.pk)
    with CaptureQueriesContext(connection) as queries:
        assess_recorded(Recorded(row, 1, 1, frozenset()), now=SOON)
    assert any('FROM "fleet_container"' in query["sql"] for query in queries.captured_queries)


def another_policy(settings: LazySettings) -> None:
    settings.LOADLINE_ALLOWED_REGISTRIES = ("elsewhere.example",)


def another_environment(_: LazySettings) -> None:
    Host.objects.update(environment=Environment.objects.get(slug="staging"))


def a_twin(_: LazySettings) -> None:
    host_row("clone", engine_id=Host.objects.get().engine_id)


def a_gap(_: LazySettings) -> None:
    Host.objects.update(gaps=[{"endpoint": "/volumes", "reason": "no", "since": SETTLED.isoformat()}])


def a_clock_that_is_off(_: LazySettings) -> None:
    Host.objects.update(facts={**Host.objects.get().facts, "clock_offset": 90.0})


def a_waiver(_: LazySettings) -> None:
    Waiver.objects.create(
        rule="no-memory-limit",
        kind="host",
        host=Host.objects.get(),
        environment="production",
        state="active",
        severity="high",
        requested_at=NOW,
        expires_at=SOON + timedelta(days=9),
    )


@pytest.mark.parametrize("change", [another_policy, another_environment, a_twin, a_gap, a_clock_that_is_off, a_waiver])
def test_what_a_judgement_rests_on_elsewhere_has_it_looked_at(
    host: Host, settings: LazySettings, change: Callable[[LazySettings], None]
) -> None:
    change(settings)
    assert looks(host)
    if change is not a_gap:  # that one is lost before long, too
        assert not looks(host)


def test_the_end_of_a_waiver_has_it_looked_at(host: Host, settings: LazySettings) -> None:
    a_waiver(settings)
    looks(host)
    Waiver.objects.update(expires_at=SOON)
    assert looks(host)


def test_a_new_day_has_it_looked_at(host: Host) -> None:
    midnight = datetime.combine(SETTLED.date() + timedelta(days=1), datetime.min.time(), tzinfo=UTC)
    assert host.judge_again_at == midnight
    assert not looks(host, midnight - timedelta(seconds=1))
    assert looks(host, midnight)


@pytest.mark.parametrize(
    ("facts", "again"),
    [
        ({"created_at": SETTLED - timedelta(minutes=3), "restart_count": 1}, timedelta(minutes=7)),
        ({"created_at": SETTLED - timedelta(minutes=50), "auto_remove": True}, timedelta(minutes=10)),
        ({"finished_at": SETTLED - timedelta(minutes=4), "state": "exited"}, timedelta(minutes=6)),
        ({"state": "restarting"}, timedelta(0)),
    ],
)
def test_what_waits_for_a_moment_is_looked_at_then(facts: dict[str, object], again: timedelta) -> None:
    old = {"created_at": NOW - timedelta(days=3), "started_at": NOW - timedelta(days=3)}
    host = swept(host_row(), container(**{**old, **facts}))
    Host.objects.get().containers.update(first_seen=NOW - timedelta(days=1), restart_marks=[[NOW.isoformat(), 0]])
    assess_host(host.pk, now=SETTLED)
    host.refresh_from_db()
    assert host.judge_again_at == SETTLED + again
    assert looks(host, SETTLED + again)
