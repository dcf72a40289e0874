"""How far a service has come, and how long it has to stand there before it counts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fleet.assessment import add_up_marked
from fleet.assessment.stages import ripens_at, stages_since
from fleet.foresight.preview import preview_policy
from fleet.governance.policy import adopt, draft
from fleet.models import Container, Service
from fleet.readiness.policy import Policy
from fleet.silence import catch_up
from tests.builders import NOW, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEB = {"loadline.service": "web", "loadline.team": "payments"}


def by_policy(minutes: int) -> None:
    adopt(draft(Policy(stage_minutes=minutes), author=None, name="anna", note="", now=NOW), now=NOW)


def web(number: int, *, started: timedelta) -> object:
    return container(
        id=f"{number:064x}", name=f"web-{number}", labels=WEB, started_at=NOW - started, created_at=NOW - started
    )


def stage() -> str:
    return Service.objects.get(name="web").stage


def test_without_a_policy_a_stage_counts_at_once() -> None:
    swept(host_row(), web(1, started=timedelta(0)))
    assert stage() == "production"


def test_with_one_only_what_has_stood_for_long_enough_counts() -> None:
    by_policy(60)
    swept(host_row("prod-01"), web(1, started=HOUR / 2))
    assert stage() == "experiment"
    swept(host_row("staging-01", environment="staging"), web(2, started=2 * HOUR))
    assert stage() == "staging"
    carrying = Container.objects.filter(carries_verdict=True)
    assert list(carrying.values_list("name", flat=True)) == ["web-2"]


def test_a_stage_ripens_without_a_sweep_that_changes_anything() -> None:
    by_policy(60)
    swept(host_row(), web(1, started=HOUR / 2))
    row = Service.objects.get()
    assert (row.stage, row.production_since) == ("experiment", None)
    assert row.settles_at is not None
    assert row.settles_at <= NOW + HOUR / 2
    catch_up(NOW + HOUR / 2)  # a rollout is over at this moment as well
    row.refresh_from_db()
    assert (row.stage, row.production_since, row.settles_at) == ("production", NOW + HOUR / 2, None)


def test_one_rollout_after_the_other_interrupts_nothing() -> None:
    by_policy(24 * 60)
    host = swept(host_row(), web(1, started=HOUR))
    for day in range(1, 4):
        later = NOW + day * DAY
        fresh = container(id=f"{day + 1:064x}", name="web", labels=WEB, started_at=later, created_at=later)
        swept(host, fresh, now=later)
    assert stage() == "production"


def test_a_stage_that_was_left_begins_anew() -> None:
    known = {"production": (NOW - 30 * DAY).isoformat(), "staging": NOW.isoformat()}
    swept(host_row("staging-01", environment="staging"), web(1, started=HOUR))
    rows = list(Container.objects.select_related("host__environment"))
    assert stages_since(known, rows, NOW) == {"staging": (NOW - HOUR).isoformat()}
    assert ripens_at({"staging": (NOW - HOUR).isoformat()}, 90, NOW) == NOW + HOUR / 2
    assert ripens_at({"staging": (NOW - HOUR).isoformat()}, 60, NOW) is None


def test_a_preview_of_the_policy_says_how_many_would_be_of_another_stage() -> None:
    swept(host_row(), web(1, started=HOUR / 2))
    swept(host_row("staging-01", environment="staging"), web(2, started=2 * HOUR))
    assert preview_policy(Policy(stage_minutes=60), now=NOW).stages == 1
    assert preview_policy(Policy(stage_minutes=10), now=NOW).stages == 0
    assert stage() == "production"


def test_a_policy_that_is_adopted_counts_from_the_next_sweep_on() -> None:
    host = swept(host_row(), web(1, started=HOUR / 2))
    by_policy(60)
    swept(host, web(1, started=HOUR / 2), now=NOW + timedelta(minutes=1))
    add_up_marked(NOW + timedelta(minutes=1))
    assert stage() == "experiment"
