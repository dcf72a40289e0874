"""Two days beside each other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fleet.adoption.comparing import Comparison, compare
from fleet.models import Service, ServiceSpell
from tests.builders import NOW

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 3, 1), date(2026, 6, 1)


def spell(name: str, since: int, until: int | None, *, stage: str = "production", **changes: str) -> None:
    """`since` and `until` are days after FIRST."""
    service, _ = Service.objects.get_or_create(name=name, slug=name, defaults={"first_seen": NOW})
    told = {"team": "", "verdict": "ready", "told": "seen", **changes}
    end = None if until is None else FIRST + timedelta(days=until)
    ServiceSpell.objects.create(
        service=service, name=name, stage=stage, since=FIRST + timedelta(days=since), until=end, **told
    )


def names(found: Comparison) -> dict[str, list[str]]:
    kinds = ("came", "went", "moved", "flipped", "handed_over")
    return {kind: [one.name for one in getattr(found, kind)] for kind in kinds}


@pytest.fixture
def _history() -> None:
    spell("came", 10, None)
    spell("there-and-gone", 10, 20)
    spell("went", -10, 30)
    spell("moved", -10, 5, stage="staging")
    spell("moved", 5, None)
    spell("flipped", -10, 5)
    spell("flipped", 5, None, verdict="not-ready")
    spell("both", -10, 5, stage="staging", verdict="unknown")
    spell("both", 5, None)
    spell("handed", -10, 5, team="a")
    spell("handed", 5, None, team="b")
    spell("to-and-fro", -10, 5)
    spell("to-and-fro", 5, 6, verdict="unknown")
    spell("to-and-fro", 6, None)
    spell("steady", -10, None)
    spell("later", 200, None)


@pytest.mark.usefixtures("_history")
def test_which_came_went_moved_flipped_and_changed_hands() -> None:
    assert names(compare(FIRST, LAST)) == {
        "came": ["came"],
        "went": ["went"],
        "moved": ["both", "moved"],
        "flipped": ["both", "flipped"],
        "handed_over": ["handed"],
    }


@pytest.mark.usefixtures("_history")
def test_backwards_it_is_the_other_way_round() -> None:
    there, back = names(compare(FIRST, LAST)), names(compare(LAST, FIRST))
    assert (back["came"], back["went"]) == (there["went"], there["came"])
    assert back["moved"] == there["moved"]


@pytest.mark.usefixtures("_history")
def test_a_team_has_what_was_its_own_on_either_day() -> None:
    assert names(compare(FIRST, LAST, team="a"))["handed_over"] == ["handed"]
    assert names(compare(FIRST, LAST, team="b"))["handed_over"] == ["handed"]
    assert names(compare(FIRST, LAST, team="c")) == {
        "came": [], "went": [], "moved": [], "flipped": [], "handed_over": []
    }  # fmt: skip


@pytest.mark.usefixtures("_history")
def test_a_forgotten_service_keeps_its_name() -> None:
    Service.objects.filter(name="went").delete()
    (gone,) = compare(FIRST, LAST).went
    assert (gone.name, gone.slug) == ("went", "")


@pytest.mark.usefixtures("_history")
def test_more_than_can_be_told_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fleet.adoption.comparing.MOST", 2)
    found = compare(FIRST, LAST)
    assert not found.complete
    assert names(found)["moved"] == ["both"]
