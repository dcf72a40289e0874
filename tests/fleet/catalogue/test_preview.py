"""What a mapping would catch, before it is in force."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.catalogue import CatalogueError, Entry, change, draft, preview_mapping
from fleet.inventory import ContainerFacts
from fleet.inventory.mapping import Terms
from fleet.models import Container, Service, ServiceMapping
from tests.builders import NOW, container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


def one(name: str, number: int, **labels: str) -> ContainerFacts:
    return container(id=f"{number:064x}", name=name, image_reference="registry.internal/shop/web:1", labels=labels)


def told(**terms: str) -> dict[str, Any]:
    made = draft(Terms(**terms), by="anna", now=NOW)
    preview_mapping(made.pk, now=NOW)
    made.refresh_from_db()
    assert made.preview_state == "done"
    preview: dict[str, Any] = made.preview
    return preview


def test_it_says_how_many_containers_fit_and_which_services_appear_and_vanish() -> None:
    swept(host_row(), one("billing-1", 1), one("billing-2", 2, **{"loadline.service": "old"}), one("else", 3))
    before = list(Container.objects.order_by("pk").values())
    found = told(container="billing-*", service="billing")
    assert (found["matched"], found["moved"], found["of"]) == (2, 2, 3)
    assert found["appear"] == {"total": 1, "rows": [["billing", "", 2]]}
    assert found["vanish"] == {"total": 1, "rows": [["old", "old", 1]]}
    assert found["shrink"] == {"total": 1, "rows": [["web", "web", 1]]}
    assert found["grow"] == {"total": 0, "rows": []}
    assert [(row["container"], row["before"], row["after"]) for row in found["examples"]] == [
        ("billing-1", "web", "billing"),
        ("billing-2", "old", "billing"),
    ]
    assert list(Container.objects.order_by("pk").values()) == before
    assert not Service.objects.filter(name="billing").exists()


def test_what_would_move_is_named_before_what_would_not() -> None:
    stay = [one(f"a-{n:02}", n, **{"loadline.service": "shop"}) for n in range(12)]
    swept(host_row(), *stay, one("b", 99))
    found = told(container="*", service="shop")
    assert (found["matched"], found["moved"], len(found["examples"])) == (13, 1, 12)
    assert found["examples"][0]["container"] == "b"


def test_a_service_that_a_person_entered_does_not_vanish() -> None:
    swept(host_row(), one("billing-1", 1, **{"loadline.service": "old"}))
    change(Service.objects.get(), Entry(name="old", tier="1"), by="anna", now=NOW)
    found = told(container="billing-*", service="billing")
    assert (found["vanish"]["total"], found["shrink"]["rows"]) == (0, [["old", "old", 1]])


def test_what_an_earlier_mapping_decides_fits_and_does_not_move() -> None:
    swept(host_row(), one("billing-1", 1))
    ServiceMapping.objects.create(container="billing-*", service="web", position=1, made_at=NOW)
    found = told(container="*", service="rest")
    assert (found["matched"], found["moved"]) == (1, 0)


def test_a_mapping_of_a_team_alone_names_the_services_that_get_it() -> None:
    swept(host_row(team="platform"), one("a", 1, **{"loadline.service": "a"}), one("b", 2, **{"loadline.service": "b"}))
    change(Service.objects.get(name="b"), Entry(name="b", team="chosen"), by="anna", now=NOW)
    found = told(host="prod-01", team="databases")
    assert (found["matched"], found["moved"]) == (2, 0)
    assert found["teams"] == {"total": 1, "rows": [["a", "platform", "databases"]]}


def test_one_that_fits_nothing_says_so() -> None:
    swept(host_row(), one("a", 1))
    found = told(label="nobody=*", service="*")
    assert (found["matched"], found["of"], found["examples"]) == (0, 1, [])


def test_what_goes_wrong_stands_on_the_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    made = draft(Terms(container="a", service="b"), by="anna", now=NOW)

    def broken(*_args: object) -> dict[str, Any]:
        raise ValueError("it broke")

    monkeypatch.setattr("fleet.catalogue.preview.look", broken)
    with pytest.raises(ValueError, match="it broke"):
        preview_mapping(made.pk, now=NOW)
    made.refresh_from_db()
    assert (made.preview_state, made.preview) == ("failed", {"error": "ValueError: it broke"})


@pytest.mark.parametrize(
    ("terms", "field", "remedy"),
    [
        ({"service": "a"}, "label", "fill in at least one"),
        ({"host": "a"}, "service", "fill in the service, the team, or both"),
        ({"host": "a", "service": "*"}, "service", "put one there"),
        ({"host": "*", "service": "*-*"}, "service", "keep one"),
        ({"host": "*", "team": "*"}, "team", "written out"),
        ({"host": "*" * 9, "team": "a"}, "host", "use fewer"),
        ({"host": "a\x00", "team": "a"}, "host", "remove it"),
        ({"host": "a" * 201, "team": "a"}, "host", "shorten it"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused_with_the_remedy(
    terms: dict[str, str], field: str, remedy: str
) -> None:
    with pytest.raises(CatalogueError, match=remedy) as refused:
        draft(Terms(**terms), by="anna", now=NOW)
    assert refused.value.field == field
