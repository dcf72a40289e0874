from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection, models
from hypothesis import given
from hypothesis import strategies as st

from fleet.models import Container, Service
from fleet.models.fields import JsonField
from tests.builders import container
from tests.rows import host_row, swept

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def read(text: str | None) -> Any:
    return JsonField().from_db_value(text, None, connection)


@given(PLAIN)
def test_it_reads_what_python_writes(data: Any) -> None:
    assert read(json.dumps(data)) == json.loads(json.dumps(data))


@pytest.mark.parametrize("text", ['"\\ud800"', "[NaN]", "[1e999]", str(10**30), "no json"])
def test_what_is_out_of_the_ordinary_reads_as_with_djangos_own(text: str) -> None:
    assert repr(read(text)) == repr(models.JSONField().from_db_value(text, None, connection))


def test_nothing_stays_nothing() -> None:
    assert read(None) is None


def test_a_migration_sees_djangos_own_field() -> None:
    assert JsonField(default=dict).deconstruct()[1] == "django.db.models.JSONField"


@pytest.mark.django_db
def test_a_part_can_be_asked_for() -> None:
    swept(host_row(), container(name="web"))
    assert Container.objects.filter(facts__name="web").values_list("facts__name", flat=True).get() == "web"
    assert Service.objects.get().read_standing().tally.whole.passes
