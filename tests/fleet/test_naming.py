from __future__ import annotations

import pytest

from fleet import naming
from fleet.inventory.identity import identify
from fleet.models import Service
from fleet.naming import free_slug, services_for
from tests.builders import NOW, container
from tests.rows import host_row

PROJECT, SERVICE = "com.docker.compose.project", "com.docker.compose.service"
SWARM = "com.docker.swarm.service.name"


@pytest.mark.parametrize(
    ("labels", "name", "source"),
    [
        ({"loadline.service": "checkout", SWARM: "x", PROJECT: "y", SERVICE: "z"}, "checkout", "label"),
        ({SWARM: "shop_web", PROJECT: "y", SERVICE: "z"}, "shop_web", "swarm"),
        ({PROJECT: "shop", SERVICE: "web"}, "shop/web", "compose"),
        ({PROJECT: "web", SERVICE: "web"}, "web", "compose"),
        ({PROJECT: "shop"}, "web", "image"),
        ({}, "web", "image"),
    ],
)
def test_a_container_is_named_by_the_first_label_that_tells(labels: dict[str, str], name: str, source: str) -> None:
    identity = identify(container(labels=labels))
    assert (identity.service, identity.source) == (name, source)


def test_a_container_started_by_id_without_labels_is_named_by_its_own_name() -> None:
    identity = identify(container(labels={}, image_reference="sha256:" + "a" * 64, name="lonely"))
    assert (identity.service, identity.source) == ("lonely", "name")


@pytest.mark.django_db
def test_a_team_label_fills_an_empty_team_and_overwrites_none() -> None:
    host = host_row(team="platform")
    labelled = identify(container(labels={"loadline.service": "a", "team": "payments"}))
    plain = identify(container(labels={"loadline.service": "a"}))
    assert services_for([plain, labelled], host=host, now=NOW)["a"].team == "payments"
    services_for([identify(container(labels={"loadline.service": "a", "team": "other"}))], host=host, now=NOW)
    assert Service.objects.get().team == "payments"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["///", "…", "名前"])
def test_a_name_without_a_latin_letter_still_has_a_slug(name: str) -> None:
    assert free_slug(name) == "service"


@pytest.mark.django_db
def test_a_slug_that_another_sweep_took_at_the_same_moment_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    host = host_row()
    services_for([identify(container(labels={"loadline.service": "shop/web"}))], host=host, now=NOW)
    found = iter(["shop-web", "shop-web-2"])  # the first was free when it was looked for
    monkeypatch.setattr(naming, "free_slug", lambda _name: next(found))
    (made,) = services_for([identify(container(labels={"loadline.service": "shop-web"}))], host=host, now=NOW).values()
    assert (made.name, made.slug) == ("shop-web", "shop-web-2")


@pytest.mark.django_db
def test_services_are_made_in_one_order_so_that_two_sweeps_never_wait_for_each_other() -> None:
    given = [identify(container(labels={"loadline.service": name})) for name in ("c", "a", "b")]
    services_for(given, host=host_row(), now=NOW)
    assert list(Service.objects.order_by("pk").values_list("name", flat=True)) == ["a", "b", "c"]
