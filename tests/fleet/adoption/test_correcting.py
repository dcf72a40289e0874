"""Days on which a host did not answer are carried, marked, and set right once it tells."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from fleet.adoption import FiguresAt, figures_at, record_day
from fleet.inventory import ContainerFacts
from fleet.models import Day, Host, HostSilence, Service, ServiceSpell
from tests.builders import NOW, OWNED, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def one(service: str, number: int, **changes: object) -> ContainerFacts:
    return container(
        id=f"{number:064x}", name=f"{service}-{number}", labels={**OWNED, "loadline.service": service}, **changes
    )


def spells(name: str) -> list[tuple[str, str, str, int, int | None]]:
    """Stage, verdict, how it is told, and the days it begins and ends, counted from today's first sweep."""
    first = NOW.date()
    return [
        (row.stage, row.verdict, row.told, (row.since - first).days, (row.until - first).days if row.until else None)
        for row in ServiceSpell.objects.filter(name=name).order_by("since")
    ]


def told(days: int, team: str | None = None) -> FiguresAt:
    found = figures_at((NOW + days * DAY).date(), team=team)
    assert found is not None
    return found


def pair(days: int, key: str, team: str | None = None) -> tuple[int | None, int | None]:
    number = told(days, team).numbers[key]
    return number.part, number.whole


@pytest.fixture
def _silent_for_three_days() -> None:
    """Day 0: shop in staging on a host that answers throughout, old in production on one that then falls silent for
    days 1 to 3. In that time shop came to that host, and a service that nobody knew.
    """
    staging, production = host_row("staging-01", environment="staging"), host_row("prod-01", team="payments")
    for days in range(4):
        now = NOW + days * DAY
        swept(staging, one("shop", 1), now=now)
        if days == 0:
            swept(production, one("old", 2), now=now)
        record_day(now)


def answered(now: datetime) -> None:
    swept(
        Host.objects.get(name="prod-01"),
        one("old", 2),
        one("shop", 3, started_at=NOW + 2 * DAY),
        one("fresh", 4, started_at=NOW + 3 * DAY, image_reference="registry.internal/fresh:1"),
        one("agent", 5, started_at=NOW + 2 * DAY, image_reference="prom/node-exporter:1"),
        now=now,
    )
    swept(Host.objects.get(name="staging-01"), one("shop", 1), now=now)
    record_day(now)


@pytest.mark.usefixtures("_silent_for_three_days")
def test_what_a_silent_host_last_told_is_carried_and_marked() -> None:
    assert [(told(days).silent, told(days).carried) for days in range(4)] == [(0, 0), (1, 1), (1, 1), (1, 1)]
    assert spells("old") == [("production", "ready", "seen", 0, 1), ("production", "unknown", "carried", 1, None)]
    assert pair(2, "services-in-production") == (1, 2)
    assert pair(2, "unknown-in-production") == (1, 1)
    assert pair(2, "containers-in-production") == (1, 2)
    silence = HostSilence.objects.get()
    assert (silence.name, silence.since, silence.until) == ("prod-01", NOW, None)


@pytest.mark.usefixtures("_silent_for_three_days")
def test_what_began_in_the_silence_is_added_from_the_day_it_was_started() -> None:
    answered(NOW + 4 * DAY)
    assert spells("shop") == [
        ("staging", "ready", "seen", 0, 2),
        ("production", "unknown", "corrected", 2, 4),
        ("production", Service.objects.get(name="shop").verdict, "seen", 4, None),
    ]
    assert next(row[:3] for row in spells("fresh")) == ("production", "unknown", "corrected")
    assert [pair(days, "services-in-production") for days in range(5)] == [(1, 2), (1, 2), (3, 3), (4, 4), (4, 4)]
    # Carried, and what is known to have run as well; the agent is left out.
    assert [pair(days, "containers-in-production") for days in range(5)] == [(1, 2), (1, 2), (2, 3), (3, 4), (3, 4)]
    assert [pair(days, "infrastructure-containers") for days in range(5)] == [(0, 2), (0, 2), (1, 4), (1, 5), (1, 5)]
    assert Service.objects.get(name="shop").production_since == NOW + 2 * DAY


@pytest.mark.usefixtures("_silent_for_three_days")
def test_a_corrected_day_still_adds_up_and_says_so() -> None:
    answered(NOW + 4 * DAY)
    for days in (2, 3):
        day = Day.objects.get(day=(NOW + days * DAY).date())
        assert day.corrected_at == NOW + 4 * DAY
        assert day.services == day.stage_none + day.stage_experiment + day.stage_staging + day.stage_production
        assert day.stage_production == day.ready + day.at_risk + day.not_ready + day.unknown
        numbers = told(days).numbers
        assert (
            numbers["stateful-in-production"].whole
            == numbers["state-unknown-in-production"].whole
            == day.stage_production
        )
        assert (
            sum(numbers[f"stage-{s}"].part or 0 for s in ("none", "experiment", "staging", "production"))
            == day.services
        )
        teams = [told(days, team).numbers.get("services-in-production") for team in ("", "payments")]
        assert sum(one.part or 0 for one in teams if one) == day.stage_production
    assert told(1).corrected is None
    assert HostSilence.objects.get().until == NOW + 4 * DAY


@pytest.mark.usefixtures("_silent_for_three_days")
def test_a_day_is_set_right_once_only() -> None:
    answered(NOW + 4 * DAY)
    record_day(NOW + 4 * DAY + timedelta(hours=1))
    assert pair(3, "containers-in-production") == (3, 4)
    assert Day.objects.get(day=(NOW + 3 * DAY).date()).corrected_at == NOW + 4 * DAY


@pytest.mark.usefixtures("_silent_for_three_days")
def test_a_host_that_comes_back_as_it_was_sets_nothing_right() -> None:
    now = NOW + 4 * DAY
    swept(Host.objects.get(name="prod-01"), one("old", 2), now=now)
    swept(Host.objects.get(name="staging-01"), one("shop", 1), now=now)
    record_day(now)
    assert not Day.objects.filter(corrected_at__isnull=False).exists()
    assert spells("old")[-1] == ("production", "ready", "seen", 4, None)


def test_a_host_that_first_worked_in_its_silence_was_at_work_from_then_on() -> None:
    host = host_row("prod-01", team="payments")
    agent = one("agent", 9, image_reference="prom/node-exporter:1")
    swept(host, agent, now=NOW)
    for days in range(3):
        record_day(NOW + days * DAY)
    swept(host, agent, one("shop", 1, started_at=NOW + DAY), now=NOW + 3 * DAY)
    record_day(NOW + 3 * DAY)
    assert [pair(days, "hosts-in-production") for days in range(4)] == [(0, 1), (1, 1), (1, 1), (1, 1)]
    assert [pair(days, "hosts-in-production", "payments") for days in range(4)] == [(0, 1), (1, 1), (1, 1), (1, 1)]


def test_the_silence_of_a_host_that_was_removed_ends() -> None:
    host = host_row("prod-01")
    swept(host, now=NOW)
    record_day(NOW + DAY)
    host.delete()
    record_day(NOW + 2 * DAY)
    assert HostSilence.objects.get().until == NOW + 2 * DAY
