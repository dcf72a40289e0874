"""Services that people enter, change and remove."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from auditlog.models import LogEntry

from fleet.assessment import add_up_marked
from fleet.catalogue import CatalogueError, Entry, change, enter, remove, trail_of
from fleet.catalogue.entries import entry_of
from fleet.models import Container, Finding, Service
from tests.builders import NOW, container, snapshot
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db
FULL = Entry(
    name="shop/web", team="payments", tier="1", stage="production", runbook="https://wiki.internal/web",
    oncall="web@internal", source_url="https://git.internal/web",
)  # fmt: skip


def test_a_service_is_entered_before_any_container_exists() -> None:
    made = enter(FULL, by="anna", now=NOW)
    assert (made.slug, made.declared, made.entered_by, made.entered_at) == ("shop-web", True, "anna", NOW)
    assert entry_of(Service.objects.get()) == FULL
    assert list(Service.objects.in_catalogue()) == [made]


def test_a_service_is_entered_once() -> None:
    enter(FULL, by="anna", now=NOW)
    with pytest.raises(CatalogueError, match="in the catalogue already"):
        enter(Entry(name="shop/web"), by="anna", now=NOW)
    swept(host_row(), container(labels={"loadline.service": "ledger"}))
    with pytest.raises(CatalogueError, match="in the catalogue already"):
        enter(Entry(name="ledger"), by="anna", now=NOW)


def test_containers_that_come_later_belong_to_the_entry_and_leave_what_was_entered() -> None:
    enter(FULL, by="anna", now=NOW)
    swept(host_row(team="platform"), container(labels={"loadline.service": "shop/web", "loadline.team": "other"}))
    row = Service.objects.get()
    assert (row.team, row.tier, row.containers_total, row.stage) == ("payments", 1, 1, "production")
    assert row.source == ""


def test_a_declared_stage_counts_only_while_no_container_tells() -> None:
    row = enter(Entry(name="web", stage="production"), by="anna", now=NOW)
    assert (row.stage_told, row.stage_is_declared, row.stage) == ("production", True, "none")
    assert list(Service.objects.all().standing_in("production")) == [row]
    assert not Service.objects.all().standing_in("none").filter(declared_stage="").exists()
    swept(host_row(environment="test"), container(labels={"loadline.service": "web"}))
    row.refresh_from_db()
    assert (row.stage_told, row.stage_is_declared) == ("experiment", False)
    assert not Service.objects.all().standing_in("production").exists()


def test_each_change_leaves_a_line_with_before_and_after() -> None:
    row = enter(FULL, by="anna", now=NOW)
    change(row, Entry(**{**_plain(FULL), "tier": "2", "oncall": ""}), by="ben", now=NOW)
    newest, first = trail_of(row)
    assert newest.changes_dict == {"tier": ["1", "2"], "oncall": ["web@internal", ""]}
    assert first.changes_dict["in the catalogue"] == ["False", "True"]
    assert first.action == LogEntry.Action.CREATE


def test_a_change_of_nothing_leaves_no_line() -> None:
    row = enter(FULL, by="anna", now=NOW)
    change(row, FULL, by="ben", now=NOW)
    assert len(trail_of(row)) == 1


def test_what_sweeps_find_leaves_no_line() -> None:
    swept(host_row(team="platform"), container(labels={"loadline.service": "web"}))
    assert not LogEntry.objects.filter(object_repr="web").exists()


def test_whoever_changes_what_a_sweep_found_enters_it() -> None:
    swept(host_row(), container(labels={"loadline.service": "web"}))
    row = change(Service.objects.get(), Entry(name="web", tier="2"), by="anna", now=NOW)
    assert (row.declared, row.entered_by) == (True, "anna")


def test_the_name_of_a_service_in_containers_is_theirs() -> None:
    swept(host_row(), container(labels={"loadline.service": "web"}))
    with pytest.raises(CatalogueError, match="map them to shop"):
        change(Service.objects.get(), Entry(name="shop"), by="anna", now=NOW)


def test_an_entry_without_containers_gets_another_name_unless_it_is_taken() -> None:
    row = enter(Entry(name="web"), by="anna", now=NOW)
    assert change(row, Entry(name="shop"), by="anna", now=NOW).name == "shop"
    enter(Entry(name="ledger"), by="anna", now=NOW)
    with pytest.raises(CatalogueError, match="Another service is called ledger"):
        change(row, Entry(name="ledger"), by="anna", now=NOW)


def test_an_entry_without_containers_is_removed_and_the_trail_stays() -> None:
    row = enter(FULL, by="anna", now=NOW)
    pk = row.pk
    assert remove(row) is True
    assert not Service.objects.exists()
    assert LogEntry.objects.filter(object_pk=str(pk), action=LogEntry.Action.DELETE).exists()


def test_a_service_in_containers_is_not_removed() -> None:
    swept(host_row(), container(labels={"loadline.service": "web"}))
    with pytest.raises(CatalogueError, match="1 container, and is in the catalogue as long"):
        remove(Service.objects.get())


def test_of_a_service_whose_containers_went_only_the_entry_is_removed() -> None:
    host = swept(host_row(), container(labels={"loadline.service": "web"}))
    row = change(Service.objects.get(), Entry(name="web", tier="1", stage="production"), by="anna", now=NOW)
    swept(host, seen=replace(snapshot(), containers=()), now=NOW + timedelta(minutes=1))
    assert list(Service.objects.in_catalogue()) == [row]
    assert remove(row) is False
    assert not Service.objects.in_catalogue().exists()
    assert Service.objects.get().tier is None


def test_what_is_entered_satisfies_the_rules_that_ask_for_labels() -> None:
    swept(host_row(), container(labels={"loadline.service": "web"}))
    assert {"no-owner", "no-tier", "no-runbook"} <= _failing()
    change(Service.objects.get(), Entry(**{**_plain(FULL), "name": "web"}), by="anna", now=NOW)
    add_up_marked(NOW)
    assert not {"no-owner", "no-tier", "no-runbook"} & _failing()


def test_a_tier_makes_what_its_containers_rest_on_be_judged_again() -> None:
    host = swept(host_row(), container(labels={"loadline.service": "web"}))
    change(Service.objects.get(), Entry(name="web", tier="1"), by="anna", now=NOW)
    host.refresh_from_db()
    assert Container.objects.get().judged_key == ""
    assert host.judge_again_at == NOW


def _failing() -> set[str]:
    return set(Finding.objects.filter(subject_kind="service", status="fail").values_list("rule", flat=True))


def _plain(entry: Entry) -> dict[str, str]:
    return {name: getattr(entry, name) for name in Entry.__slots__}
