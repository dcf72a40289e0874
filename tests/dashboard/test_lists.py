"""What every list rests on: each page has filters and columns of its own."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables

from dashboard.lists import Filters, ListTable
from fleet.models import Service


class Chosen(Filters):
    team = django_filters.ChoiceFilter(choices=[("a", "A")])
    word = django_filters.CharFilter(method="by_word")

    def __init__(self, *args: Any, said: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.said = said

    def by_word(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(name=f"{self.said}{value}")


class Shown(ListTable):
    name = tables.Column()


def test_what_one_page_offers_no_other_does() -> None:
    first, second = Chosen({}, queryset=Service.objects.none()), Chosen({}, queryset=Service.objects.none())
    first.filters["team"].extra["choices"] = [("b", "B")]
    assert [name for name, _ in first.form.fields["team"].choices] == ["", "b"]
    assert [name for name, _ in second.form.fields["team"].choices] == ["", "a"]


def test_a_method_is_that_of_its_own_page() -> None:
    for said in ("x", "y"):
        asked = str(Chosen({"word": "z"}, queryset=Service.objects.all(), said=said).qs.query)
        assert f"{said}z" in asked


def test_a_column_that_one_page_does_not_sort_by_others_do() -> None:
    first, second = Shown([]), Shown([])
    first.columns["name"].column.orderable = False
    assert not first.columns["name"].orderable
    assert second.columns["name"].orderable
    assert Shown([]).columns["name"].orderable
