from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fleet.counting import (
    ANY_STAGE,
    KINDS,
    count_after_sweep,
    count_all,
    count_due,
    counted,
    read_figures,
    read_numbers,
)
from fleet.foresight import plan_of
from fleet.foresight.cases import cases
from fleet.models import Count, Host, Shortfall
from fleet.models.answers import Answers
from fleet.readiness.vocabulary import Stage
from fleet.turns import GivesWay
from tests.builders import NOW, OWNED, container
from tests.mixed_fleet import mixed_fleet
from tests.rows import host_row, swept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_counts")]


def containers_of(now: Any) -> int:
    return read_figures(counted(now, "figures")["figures"]).containers


def one_more(number: int) -> None:
    swept(host_row(f"more-{number}"), container(id=f"{number:064x}", name=f"more-{number}"))


def test_a_count_stays_as_it_was_until_somebody_counts_again() -> None:
    one_more(1)
    count_all(NOW)
    one_more(2)
    assert containers_of(NOW + timedelta(seconds=10)) == 1
    count_all(NOW + timedelta(seconds=20))
    assert containers_of(NOW + timedelta(seconds=20)) == 2


def test_what_nobody_counted_yet_is_counted_when_it_is_asked_for() -> None:
    one_more(1)
    assert containers_of(NOW) == 1


def test_figures_that_nobody_counts_any_more_are_not_trusted() -> None:
    """A worker that died must not leave a ready on the overview that has become unknown."""
    one_more(1)
    count_all(NOW)
    later = NOW + timedelta(hours=1)
    found = counted(later, "figures", "findings")
    assert found["figures"].at == later
    assert read_figures(found["figures"]).verdicts["unknown"] == 1
    assert found["findings"].at == NOW  # grows old, and never untrue of the moment that it is of


def test_what_is_kept_beside_a_dear_count_is_trusted_as_long_as_that_one() -> None:
    one_more(1)
    count_all(NOW)
    Count.objects.filter(name="trust").update(seconds=4)  # so that it is counted every 200 s
    later = NOW + timedelta(minutes=5)
    assert counted(later, "trust images")["trust images"].at == NOW
    later = NOW + timedelta(hours=1)
    found = counted(later, "trust", "trust images")
    assert [found[name].at for name in ("trust", "trust images")] == [later, later]


def test_a_count_of_a_time_to_come_is_not_trusted() -> None:
    count_all(NOW + timedelta(hours=1))
    assert counted(NOW, "figures")["figures"].at == NOW


def test_what_is_dear_to_count_is_counted_less_often() -> None:
    count_all(NOW)
    Count.objects.update(seconds=0)
    assert count_due(NOW + timedelta(seconds=9)) == ["figures", "cells"]
    assert set(count_due(NOW + timedelta(seconds=20))) >= {"findings", "fixes", "images"}
    Count.objects.filter(name="findings").update(seconds=2)
    assert "findings" not in count_due(NOW + timedelta(seconds=60))
    assert "findings" in count_due(NOW + timedelta(seconds=200))


def test_of_two_that_count_one_does() -> None:
    count_all(NOW)
    Count.objects.update(seconds=0)
    later = NOW + timedelta(seconds=20)
    claim = {"last": NOW, "until": later + timedelta(minutes=15)}
    assert Count.objects.all().claim("figures", later, **claim)
    assert not Count.objects.all().claim("figures", later, **claim)
    assert "figures" not in count_due(later)
    assert "figures" in count_due(later + timedelta(minutes=16))  # whoever had it is gone


def test_what_was_interrupted_is_counted_by_whoever_comes_next(monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(_now: Any) -> Any:
        raise GivesWay

    with monkeypatch.context() as patched:
        patched.setitem(KINDS, "images", replace(KINDS["images"], count=ends))
        with pytest.raises(GivesWay):
            count_due(NOW, ["images"])
    assert count_due(NOW, ["images"]) == ["images"]


def test_after_a_sweep_the_figures_are_fresh() -> None:
    count_all(NOW)
    Count.objects.update(seconds=0)
    one_more(1)
    count_after_sweep(NOW + timedelta(seconds=2))
    assert containers_of(NOW + timedelta(seconds=3)) == 1


def test_plans_are_those_of_the_cases() -> None:
    mixed_fleet()
    data = counted(NOW, "fixes")["fixes"].data
    for stage in (Stage.PRODUCTION, Stage.STAGING):
        plan = plan_of(cases(NOW, stage=stage))
        assert data[stage.value]["below"] == plan.below > 0
        told = [(one["rule"], one["lifts"], one["services"], one["subjects"]) for one in data[stage.value]["fixes"]]
        assert told == [(one.rule, one.lifts, one.services, one.subjects) for one in plan.fixes]
        assert [one["rule"] for one in data[stage.value]["steps"]] == [one.rule for one in plan.steps]
    assert data["any"]["below"] == plan_of(cases(NOW, stage=None)).below


def test_services_that_are_alike_share_a_shape_and_ready_ones_have_none() -> None:
    labels = [{**OWNED, "loadline.service": name} for name in ("a", "b", "good")]
    bad = [container(id=f"{n:064x}", name=f"c{n}", labels=labels[n], privileged=True) for n in (0, 1)]
    host = swept(host_row(), *bad, container(id=f"{2:064x}", name="c2", labels=labels[2]))
    count_all(NOW)
    assert sorted(Shortfall.objects.values_list("service__name", flat=True)) == ["a", "b"]
    assert Shortfall.objects.values("shape").distinct().count() == 1
    mended = [container(id=f"{n:064x}", name=f"c{n}", labels=labels[n]) for n in (0, 1, 2)]
    swept(host, *mended, now=NOW + timedelta(minutes=1))
    count_all(NOW + timedelta(minutes=1))
    assert not Shortfall.objects.exists()


def test_facets_add_up_to_all_findings() -> None:
    mixed_fleet()
    rows = counted(NOW, "findings")["findings"].data
    assert sum(number for *_, number in rows) == Answers().count()
    in_production = sum(number for *_, environment, number in rows if environment == "production")
    assert in_production == Answers().filter(host__environment__slug="production").count()


def test_an_environment_of_too_many_hosts_shows_its_worst(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fleet.counting.MOST_CELLS", 2)
    for number in range(3):
        swept(host_row(f"host-{number}"), container(), now=NOW)
    Host.objects.filter(name="host-2").update(verdict="not-ready")
    Host.objects.filter(name="host-1").update(verdict="at-risk")
    Host.objects.filter(name="host-0").update(verdict="ready")
    (group,) = counted(NOW, "cells")["cells"].data
    assert (group["hosts"], [cell[0] for cell in group["cells"]]) == (3, ["host-1", "host-2"])


def test_the_numbers_of_shapes_are_those_of_the_services_below_the_line() -> None:
    mixed_fleet()
    assert read_numbers("production") is None
    count_all(NOW)
    told = Counter(Shortfall.objects.filter(service__stage="production").values_list("shape", flat=True))
    assert read_numbers("production") == told != Counter()
    assert read_numbers(ANY_STAGE) == Counter(Shortfall.objects.values_list("shape", flat=True))


def test_counting_gives_way_to_sweeps_that_do_not_keep_up() -> None:
    host, due = host_row(next_sweep_at=NOW), {"images", "figures"}

    def counted_after(seconds: int) -> set[str]:
        Count.objects.update(at=NOW, seconds=0.0)
        return due & set(count_due(NOW + timedelta(seconds=seconds)))

    count_all(NOW)
    # Images are counted every ten seconds, and a third of an interval is ten, too.
    Host.objects.filter(pk=host.pk).update(next_sweep_at=NOW + timedelta(seconds=5))
    assert counted_after(14) == due  # it is not late yet
    assert counted_after(16) == {"figures"}
    assert counted_after(49) == {"figures"}
    assert counted_after(51) == due  # but no count waits for ever
    Host.objects.filter(pk=host.pk).update(failures=1)  # of one that does not answer nobody waits
    assert counted_after(16) == due
