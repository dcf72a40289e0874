from __future__ import annotations

from pathlib import Path

import pytest

from tests.scheduling import LONG, rank

ROOT = Path(__file__).resolve().parent.parent


def test_long_files_begin_before_all_others() -> None:
    files = ["tests/test_docs.py", "tests/engines/test_snapshot.py", "tests/acceptance/test_secrets.py"]
    assert sorted(files, key=rank) == files[::-1]


def test_whatever_is_called_long_is_there() -> None:
    assert [name for name in LONG if not (ROOT / name).exists()] == []


@pytest.mark.django_db
def test_a_test_that_touches_the_database_is_marked(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("database") is not None


def test_a_test_whose_fixture_touches_the_database_is_marked(request: pytest.FixtureRequest, db: None) -> None:
    assert request.node.get_closest_marker("database") is not None


def test_a_test_without_a_database_is_not(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("database") is None
