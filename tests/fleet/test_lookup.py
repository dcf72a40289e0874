"""Rows by the names people type."""

from __future__ import annotations

import pytest

from fleet.lookup import UnknownNameError, find_environment, find_host, find_rule, find_service, known_container
from fleet.models import Service
from tests.builders import NOW, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


def test_a_mistyped_host_is_answered_with_the_nearest_one() -> None:
    host_row("prod-01")
    with pytest.raises(UnknownNameError, match=r"No host is called prd-01; did you mean prod-01\?"):
        find_host("prd-01")


def test_a_host_like_no_other_gets_no_suggestion() -> None:
    host_row("prod-01")
    with pytest.raises(UnknownNameError, match=r"No host is called zebra\.$"):
        find_host("zebra")


def test_a_services_name_wins_over_anothers_slug() -> None:
    Service.objects.create(name="other", slug="shop-web", first_seen=NOW)
    named = Service.objects.create(name="shop-web", slug="shop-web-2", first_seen=NOW)
    assert find_service("shop-web") == named
    assert find_service("shop-web-2") == named


@pytest.mark.parametrize("name", ["Production", "production", "PRODUCTION"])
def test_an_environment_is_found_in_any_case(name: str) -> None:
    assert find_environment(name).slug == "production"


def test_an_unknown_environment_is_answered_with_all_of_them() -> None:
    with pytest.raises(UnknownNameError, match="production, staging, test, development"):
        find_environment("prod")


@pytest.mark.parametrize("given", ["privileged-container", "HRD-001", "hrd-001"])
def test_a_rule_is_found_by_slug_or_number(given: str) -> None:
    assert find_rule(given).slug == "privileged-container"


def test_an_unknown_rule_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(UnknownNameError, match="privileged-container"):
        find_rule("privileged-containers")


def test_a_container_is_found_by_name_or_the_beginning_of_its_id() -> None:
    swept(host_row(), container(id="9dba61" + "0" * 58, name="web"))
    assert known_container("web") == "web"
    assert known_container("9dba61") == "9dba61"


def test_too_few_characters_of_an_id_find_nothing() -> None:
    swept(host_row(), container(id="9dba61" + "0" * 58, name="web"))
    with pytest.raises(UnknownNameError):
        known_container("9dba6")
