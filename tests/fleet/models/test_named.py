from __future__ import annotations

import pytest
from django.db.models import Q

from fleet.models import Container, Finding
from fleet.models.named import among
from tests.builders import container
from tests.rows import host_row, swept

pytestmark = pytest.mark.django_db


def _fleet() -> list[int]:
    swept(host_row("a"), container(id="1" * 64, name="one"), container(id="2" * 64, name="two"))
    swept(host_row("b"), container(id="3" * 64, name="three", privileged=True))
    return list(Container.objects.order_by("pk").values_list("pk", flat=True))


def test_keys_are_found_as_by_in() -> None:
    one, two, three = _fleet()
    assert set(Container.objects.filter(among("pk", [one, three])).values_list("pk", flat=True)) == {one, three}
    assert set(Container.objects.filter(~among("pk", [one, three])).values_list("pk", flat=True)) == {two}
    assert not Container.objects.filter(among("pk", [])).exists()
    assert Container.objects.filter(~among("pk", [])).count() == 3


def test_a_thousand_keys_are_one_value_of_the_statement() -> None:
    _fleet()
    _, values = Container.objects.filter(among("pk", range(1000))).query.sql_with_params()
    assert len(values) == 1


def test_what_has_none_is_left_over_when_others_are_left_out() -> None:
    """Findings on hosts have no container, and belong to those that are not about this one."""
    one, *_ = _fleet()
    rows = Finding.objects.order_by("pk")
    assert rows.filter(container__isnull=True).exists()
    part = among("container", [one])
    assert rows.filter(part).count() + rows.filter(~part).count() == rows.count()
    assert list(rows.filter(part)) == list(rows.filter(Q(container__in=[one])))
