from __future__ import annotations

import pytest

from fleet.models import Container
from fleet.readiness.standing import Open, Standing
from tests.builders import container
from tests.rows import host_row, swept

OPEN = Standing(open=(Open("no-memory-limit", "resilience", "high", "fail"),))


def test_what_was_kept_is_read_without_reading_it_back() -> None:
    row = Container()
    row.keep_standing(OPEN)
    assert row.standing == OPEN.to_plain()
    assert row.read_standing() == Container(standing=row.standing).read_standing() == OPEN
    assert row.read_standing() is row.read_standing()


def test_what_is_set_afterwards_counts() -> None:
    row = Container()
    row.keep_standing(OPEN)
    row.standing = Standing().to_plain()
    assert row.read_standing() == Standing()


def test_the_two_standings_of_a_row_are_kept_apart() -> None:
    row = Container()
    row.keep_standing(OPEN)
    row.keep_own_standing(Standing())
    assert (row.read_standing(), row.read_own_standing()) == (OPEN, Standing())


@pytest.mark.django_db
def test_the_database_gives_back_what_was_kept() -> None:
    swept(host_row(), container())
    row = Container.objects.get()
    row.keep_own_standing(OPEN)
    row.save()
    row.refresh_from_db()
    assert row.read_own_standing() == OPEN
