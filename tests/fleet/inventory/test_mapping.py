"""Which containers a mapping means, and what it names them."""

from __future__ import annotations

import pytest

from fleet.inventory.identity import COMPOSE_PROJECT
from fleet.inventory.mapping import MAPPED, Terms, Traits, name, repositories
from tests.builders import container

TRAITS = Traits(
    container="billing-api-1",
    host="db-01",
    image="registry.internal/shop/web:1.4",
    labels={"app": "checkout", COMPOSE_PROJECT: "shop"},
)


@pytest.mark.parametrize(
    ("terms", "stood"),
    [
        ({"label": "app"}, ""),
        ({"label": "app=checkout"}, ""),
        ({"label": "app=*"}, "checkout"),
        ({"label": "a*"}, "pp"),
        ({"project": "shop"}, ""),
        ({"project": "*"}, "shop"),
        ({"image": "registry.internal/shop/*"}, "web"),
        ({"image": "registry.internal/shop/web"}, ""),
        ({"host": "db-*"}, "01"),
        ({"container": "billing-*-1"}, "api"),
        ({"host": "db-*", "container": "billing-*"}, "01"),
        ({"container": "*-*-1", "label": "app"}, "billing"),
    ],
)
def test_patterns_fit_and_say_what_the_first_asterisk_stood_for(terms: dict[str, str], stood: str) -> None:
    assert Terms(**terms, service="x").match(TRAITS) == stood


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"label": "app=check"},
        {"label": "ap"},
        {"project": "sho"},
        {"image": "shop/web"},
        {"image": "registry.internal/shop/web:1.4"},
        {"host": "DB-*"},
        {"container": "api"},
        {"host": "db-*", "container": "web-*"},
        {"container": "billing.api*"},
    ],
)
def test_what_does_not_fit_whole_is_not_meant(terms: dict[str, str]) -> None:
    assert Terms(**terms, service="x").match(TRAITS) is None


def test_a_container_without_labels_is_in_no_compose_project() -> None:
    assert Terms(project="*", service="x").match(Traits(container="a")) is None


@pytest.mark.parametrize(
    ("image", "found"),
    [
        ("redis:7", ("docker.io/library/redis", "library/redis", "redis")),
        ("acme/web", ("docker.io/acme/web", "acme/web")),
        ("ghcr.io/acme/web@sha256:" + "a" * 64, ("ghcr.io/acme/web",)),
        ("sha256:" + "a" * 64, ()),
        (None, ()),
    ],
)
def test_a_repository_may_be_written_as_people_write_it(image: str | None, found: tuple[str, ...]) -> None:
    assert repositories(image) == found


def test_of_service_and_team_each_the_first_mapping_that_gives_one_decides() -> None:
    terms = (
        Terms(host="db-*", team="databases"),
        Terms(label="app=*", service="*", team="payments"),
        Terms(container="*", service="rest"),
    )
    found = name(container(labels={"app": "checkout", "team": "web"}), host="db-01", terms=terms)
    assert (found.service, found.source, found.team, found.team_source) == ("checkout", MAPPED, "databases", MAPPED)


def test_a_mapping_goes_before_a_label_and_leaves_what_it_does_not_give() -> None:
    facts = container(labels={"loadline.service": "a", "team": "web"})
    found = name(facts, host="h", terms=(Terms(container="web", service="b"),))
    assert (found.service, found.source, found.team, found.team_source) == ("b", MAPPED, "web", "")
    assert name(facts, host="h", terms=(Terms(container="other", service="b"),)).service == "a"


def test_a_service_named_by_an_asterisk_that_stood_for_nothing_is_not_named_at_all() -> None:
    facts = container(labels={"app": ""}, image_reference="acme/web")
    assert name(facts, host="h", terms=(Terms(label="app=*", service="*"),)).service == "web"
