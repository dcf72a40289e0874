from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fleet.adoption import by_environment, figures, record_day
from fleet.adoption.definitions import use_key
from fleet.adoption.measuring import measure
from fleet.adoption.usage import Use
from fleet.inventory import ContainerFacts
from fleet.models import Day, Preferences, Service
from tests.builders import NOW, OWNED, container
from tests.mixed_fleet import mixed_fleet
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


def one(service: str, number: int = 1, **changes: object) -> ContainerFacts:
    return container(id=f"{number:064x}", labels={**OWNED, "loadline.service": service}, **changes)


@pytest.fixture
def _fleet() -> None:
    swept(host_row("prod-01", team="payments"), one("checkout", 1), one("ledger", 2, privileged=True))
    swept(host_row("staging-01", environment="staging", team="growth"), one("mailer", 3))
    swept(host_row("dev-01", environment="development"), replace(one("toy", 4), labels={"loadline.service": "toy"}))
    Service.objects.create(name="mainframe", slug="mainframe", declared=True, first_seen=NOW, team="payments")


@pytest.mark.usefixtures("_fleet")
def test_the_stages_add_up_to_the_services() -> None:
    now = figures(NOW)
    assert now.by_stage == {"none": 1, "experiment": 1, "staging": 1, "production": 2}
    assert now.services == sum(now.by_stage.values()) == 5
    assert now.adoption_percent == 40


@pytest.mark.usefixtures("_fleet")
def test_the_verdicts_of_a_stage_add_up_to_its_services() -> None:
    now = figures(NOW)
    assert now.verdicts["not-ready"] == 1
    for stage, count in now.by_stage.items():
        assert sum(now.verdicts_by_stage[stage].values()) == count
        for pillar in now.pillars_by_stage[stage].values():
            assert sum(pillar.values()) == count


@pytest.mark.usefixtures("_fleet")
def test_the_teams_add_up_to_the_services() -> None:
    teams = figures(NOW).by_team
    assert sum(sum(stages.values()) for stages in teams.values()) == 5
    assert teams["payments"]["production"] == 2
    assert teams[""]["experiment"] == 1


@pytest.mark.usefixtures("_fleet")
def test_stale_evidence_counts_as_unknown_and_not_as_ready() -> None:
    later = figures(NOW + timedelta(hours=1))
    assert later.verdicts == {"not-ready": 0, "unknown": 2, "at-risk": 0, "ready": 0}
    assert (later.hosts, later.hosts_answering) == (3, 0)


def test_an_empty_fleet_has_no_share() -> None:
    now = figures(NOW)
    assert now.adoption_percent is None
    assert now.ready_percent is None
    assert not now.above_the_line


@pytest.mark.usefixtures("_fleet")
def test_the_load_line_is_what_an_admin_set() -> None:
    Preferences(load_line=50).save()
    assert figures(NOW).load_line == 50


@pytest.mark.usefixtures("_fleet")
def test_environments_are_counted_by_what_runs_in_them() -> None:
    rows = {str(row["slug"]): row for row in by_environment()}
    assert rows["production"]["services"] == 2
    assert rows["staging"]["containers"] == 1
    assert rows["test"]["hosts"] == 0


@pytest.mark.usefixtures("_fleet")
def test_the_last_writing_of_a_day_stands() -> None:
    record_day(NOW)
    record_day(NOW + timedelta(hours=1))
    day = Day.objects.get()
    assert (day.services, day.stage_production, day.unknown, day.ready) == (5, 2, 2, 0)


def test_a_day_is_recorded_from_its_first_figures_on() -> None:
    assert not Day.objects.has(NOW)
    record_day(NOW)
    assert Day.objects.has(NOW)
    assert not Day.objects.has(NOW + timedelta(days=1))


def test_the_kinds_of_state_of_a_stage_add_up_to_its_services() -> None:
    mixed_fleet(NOW)
    found = figures(NOW)
    assert {stage: sum(kinds.values()) for stage, kinds in found.states_by_stage.items()} == found.by_stage
    # One rests on evidence that is too old.
    assert found.states_by_stage["production"]["unknown"] >= 1
    assert found.states_by_stage["production"]["one-disk"] == 1


def test_a_team_whose_services_are_in_no_container_counts_among_the_teams() -> None:
    swept(host_row(team="shop"), container(labels={**OWNED, "loadline.team": "shop"}), now=NOW)
    Service.objects.create(name="mainframe", slug="mainframe", declared=True, first_seen=NOW, team="books")
    measured = measure(NOW)
    assert {name: team.use for name, team in measured.teams.items()} == {"books": "never", "shop": "adopter"}
    never, adopter = (measured.numbers[use_key(use)] for use in (Use.NEVER, Use.ADOPTER))
    assert ((never.part, never.whole), (adopter.part, adopter.whole)) == ((1, 2), (1, 2))
