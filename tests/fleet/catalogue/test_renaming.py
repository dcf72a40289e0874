"""Mappings in force: containers named anew, services that appear and vanish, teams, and the order of mappings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from auditlog.models import LogEntry

from fleet.assessment import mark_services
from fleet.catalogue import (
    CatalogueError,
    Entry,
    adopt,
    change,
    draft,
    enter,
    move,
    preview_mapping,
    rename_due,
    renaming_under_way,
    take_away,
)
from fleet.inventory import ContainerFacts
from fleet.inventory.mapping import Terms
from fleet.models import Change, Container, Finding, Host, Renaming, Service, ServiceMapping, ServiceMark
from fleet.registration import Changes, update
from tests.builders import NOW, container, snapshot
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


def one(name: str, number: int, image: str = "registry.internal/shop/web:1", **labels: str) -> ContainerFacts:
    return container(id=f"{number:064x}", name=name, image_reference=image, labels=labels)


def in_force(**terms: str) -> ServiceMapping:
    """As an admin does it: drafted, previewed, adopted, and all containers named by it."""
    made = draft(Terms(**terms), by="anna", now=NOW)
    preview_mapping(made.pk, now=NOW)
    made.refresh_from_db()
    adopt(made, now=NOW)
    rename_due(NOW)
    return made


def names() -> dict[str, str]:
    rows = Container.objects.present().order_by("name").values_list("name", "service__name")
    return dict(rows)


def test_stored_containers_are_named_by_a_mapping_at_once_and_new_ones_at_the_next_sweep() -> None:
    host = swept(host_row(), one("billing-api-1", 1), one("other", 2, app="checkout"))
    in_force(container="billing-*", service="billing")
    assert names() == {"billing-api-1": "billing", "other": "web"}
    service = Service.objects.get(name="billing")
    assert (service.source, service.containers_total, service.stage) == ("mapping", 1, "production")
    swept(host, one("billing-api-1", 1), one("other", 2), one("billing-db-1", 3), now=NOW + timedelta(minutes=1))
    assert names()["billing-db-1"] == "billing"


def test_what_was_found_about_a_container_moves_to_its_new_service() -> None:
    swept(host_row(), container(labels={}, privileged=True, image_reference="registry.internal/web:1"))
    in_force(image="registry.internal/*", service="shop")
    new = Service.objects.get(name="shop")
    assert Finding.objects.get(rule="privileged-container").service == new
    assert (new.verdict, new.containers_total) == ("not-ready", 1)
    old = Service.objects.get(name="web")
    assert (old.containers_total, old.stage) == (0, "none")
    assert list(Service.objects.in_catalogue()) == [new]


def test_a_mapping_that_is_taken_away_gives_the_containers_back() -> None:
    swept(host_row(team="platform"), one("billing-api-1", 1))
    made = in_force(container="billing-*", service="billing", team="finance")
    assert Service.objects.get(name="billing").team == "finance"
    take_away(made, now=NOW)
    assert renaming_under_way() is not None
    rename_due(NOW)
    assert names() == {"billing-api-1": "web"}
    assert renaming_under_way() is None
    assert Service.objects.get(name="web").team == "platform"


def test_a_team_that_a_mapping_gives_goes_before_labels_and_not_before_a_person() -> None:
    swept(host_row(team="platform"), one("a", 1, **{"loadline.service": "a", "loadline.team": "web"}))
    swept(host_row("prod-02"), one("b", 2, **{"loadline.service": "b"}))
    change(Service.objects.get(name="b"), Entry(name="b", team="chosen"), by="anna", now=NOW)
    made = in_force(host="prod-*", team="mapped")
    assert dict(Service.objects.values_list("name", "team")) == {"a": "mapped", "b": "chosen"}
    assert not Finding.objects.filter(rule="no-owner", status="fail").exists()
    take_away(made, now=NOW)
    rename_due(NOW)
    assert dict(Service.objects.values_list("name", "team")) == {"a": "web", "b": "chosen"}


def test_of_two_teams_for_one_service_that_of_the_first_mapping_stands_whichever_host_comes_first() -> None:
    swept(host_row("prod-01"), one("a", 1))
    swept(host_row("prod-02"), one("b", 2))
    in_force(host="prod-02", team="second host")
    in_force(host="prod-01", team="first host")
    assert Service.objects.get().team == "second host"


def test_the_order_decides_and_can_be_changed() -> None:
    swept(host_row(), one("billing-api-1", 1))
    in_force(container="billing-*", service="billing")
    second = in_force(container="*-api-*", service="api")
    assert names() == {"billing-api-1": "billing"}
    move(second, up=True, now=NOW)
    rename_due(NOW)
    assert names() == {"billing-api-1": "api"}
    assert list(ServiceMapping.objects.in_force().values_list("service", flat=True)) == ["api", "billing"]
    second.refresh_from_db()
    move(second, up=True, now=NOW)
    assert renaming_under_way() is None


def test_a_mapping_that_is_changed_keeps_its_place() -> None:
    swept(host_row(), one("billing-api-1", 1))
    first = in_force(container="billing-*", service="billing")
    in_force(container="*", service="rest")
    made = draft(Terms(container="billing-api-*", service="invoices"), by="anna", now=NOW, replaces=first)
    preview_mapping(made.pk, now=NOW)
    made.refresh_from_db()
    adopt(made, now=NOW)
    rename_due(NOW)
    assert list(ServiceMapping.objects.in_force().values_list("position", "service")) == [(1, "invoices"), (2, "rest")]
    assert names() == {"billing-api-1": "invoices"}


def test_nothing_is_put_in_force_that_was_not_looked_at() -> None:
    made = draft(Terms(container="a", service="b"), by="anna", now=NOW)
    with pytest.raises(CatalogueError, match="has to be worked out before"):
        adopt(made, now=NOW)
    preview_mapping(made.pk, now=NOW)
    in_force(container="x", service="y")
    made.refresh_from_db()
    with pytest.raises(CatalogueError, match="Other mappings have come into force"):
        adopt(made, now=NOW)


def test_a_run_that_ends_early_goes_on_where_it_ended_and_a_new_wish_begins_anew() -> None:
    for number in range(3):
        swept(host_row(f"prod-{number}"), one(f"billing-{number}", number))
    made = draft(Terms(container="billing-*", service="billing"), by="anna", now=NOW)
    preview_mapping(made.pk, now=NOW)
    made.refresh_from_db()
    adopt(made, now=NOW)
    first = Host.objects.order_by("pk").first()
    assert first is not None
    Renaming.objects.update(after=first.pk, hosts=1)
    assert rename_due(NOW) == 2
    assert names() == {"billing-0": "web", "billing-1": "billing", "billing-2": "billing"}
    row = Renaming.objects.get()
    assert (row.hosts, row.moved, row.done_at) == (3, 2, NOW)
    assert rename_due(NOW) == 0
    take_away(made, now=NOW + timedelta(seconds=1))
    assert Renaming.objects.get().after == 0


def test_no_time_left_means_that_nothing_is_begun() -> None:
    swept(host_row(), one("billing-1", 1))
    made = draft(Terms(container="billing-*", service="billing"), by="anna", now=NOW)
    preview_mapping(made.pk, now=NOW)
    made.refresh_from_db()
    adopt(made, now=NOW)
    assert rename_due(NOW, seconds=0) == 0
    assert renaming_under_way() is not None


def test_what_sweeps_marked_is_left_to_them_while_no_mapping_changed() -> None:
    """The job runs every few seconds; in a fleet that changes it would come to no end."""
    swept(host_row(), one("billing-api-1", 1))
    mark_services({Service.objects.get().pk}, now=NOW, causes={})
    rename_due(NOW)
    assert ServiceMark.objects.count() == 1
    in_force(container="billing-*", service="billing")
    assert ServiceMark.objects.count() == 0


def test_containers_that_went_are_left_as_they_were() -> None:
    host = swept(host_row(), one("billing-1", 1))
    swept(host, seen=replace(snapshot(), containers=()), now=NOW + timedelta(minutes=1))
    in_force(container="billing-*", service="billing")
    assert Container.objects.get().service == Service.objects.get(name="web")


def test_what_an_entry_waited_for_comes_to_it() -> None:
    enter(Entry(name="billing", tier="1"), by="anna", now=NOW)
    swept(host_row(), one("billing-1", 1))
    in_force(container="billing-*", service="billing")
    row = Service.objects.get(name="billing")
    assert (row.tier, row.containers_total, row.declared) == (1, 1, True)


def test_a_verdict_that_flips_by_a_mapping_says_so() -> None:
    swept(host_row(), container(id="1" * 64, name="a", labels={"loadline.service": "shop"}))
    swept(host_row("prod-02"), container(id="2" * 64, name="b", labels={}, privileged=True))
    Service.objects.update(first_seen=NOW - timedelta(hours=1))
    in_force(container="b", service="shop")
    causes = [row.cause for row in Change.objects.filter(service__name="shop")]
    assert any("a mapping named its containers anew" in cause.lower() for cause in causes)


def test_what_people_do_with_mappings_is_in_the_audit_trail() -> None:
    take_away(in_force(container="a", service="b"), now=NOW)
    told = LogEntry.objects.filter(content_type__model="servicemapping").order_by("pk")
    assert [line.action for line in told] == [LogEntry.Action.CREATE, LogEntry.Action.UPDATE, LogEntry.Action.DELETE]


def test_a_host_that_gets_another_name_is_mapped_by_that_name() -> None:
    host = swept(host_row("db-01"), one("a", 1))
    in_force(host="db-*", service="databases")
    assert names() == {"a": "databases"}
    update(host, Changes(name="web-01"), now=NOW)
    rename_due(NOW)
    assert names() == {"a": "web"}
