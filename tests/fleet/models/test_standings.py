from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fleet.inventory.plain import fingerprint
from fleet.models import Container, standings
from fleet.models.reading import read_rows
from fleet.readiness.standing import Open, Standing
from tests.builders import NOW, container
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


def light() -> list[Container]:
    """Rows without their standings."""
    names = {field.name for field in Container._meta.concrete_fields} - {"id", "standing_hash"}
    return list(read_rows(Container.objects.order_by("name"), defer=names))


@pytest.mark.django_db
def test_what_stands_alike_is_read_once() -> None:
    swept(host_row(), *(container(id=f"{number:064x}", name=f"web-{number}") for number in range(3)))
    standings._known.clear()
    with CaptureQueriesContext(connection) as asked:
        rows = light()
        standings.recall(rows)
        told = [row.read_standing() for row in rows]
    assert len(asked) == 2
    assert told == [row.read_standing() for row in Container.objects.order_by("name")]
    with CaptureQueriesContext(connection) as asked:
        standings.recall(again := light())
        assert [row.read_standing() for row in again] == told
    assert len(asked) == 1


@pytest.mark.django_db
def test_what_was_stored_without_a_digest_is_read_row_by_row() -> None:
    swept(host_row(), *(container(id=f"{number:064x}", name=f"web-{number}") for number in range(2)))
    Container.objects.update(standing_hash="")
    Container.objects.filter(name="web-0").update(standing=OPEN.to_plain())
    rows = light()
    standings.recall(rows)
    assert [row.read_standing() for row in rows] == [row.read_standing() for row in Container.objects.order_by("name")]
    assert rows[0].read_standing() == OPEN


@pytest.mark.django_db
def test_the_digest_says_which_standing_it_is() -> None:
    host = swept(host_row(), container())
    first = Container.objects.get().standing_hash
    swept(host, container(privileged=True), now=NOW + timedelta(minutes=1))
    row = Container.objects.get()
    assert row.standing_hash != first
    assert row.standing_hash == fingerprint(row.standing)
