from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.engines.reading import fields

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(anything)
def test_no_value_makes_a_reader_raise(value: Any) -> None:
    for read in (
        *(fields.text, fields.filled, fields.whole, fields.flag, fields.texts, fields.names, fields.pairs),
        *(fields.rows, fields.moment, fields.moment_of_epoch, fields.seconds, fields.find),
    ):
        read(value)
        read({"key": value}, "key")
        read({"key": value}, "key", "deeper", "still")


def test_a_missing_key_is_absent_and_a_missing_object_is_unknown() -> None:
    assert fields.texts({"Config": {}}, "Config", "Env", absent=("x",)) == ("x",)
    assert fields.texts({}, "Config", "Env", absent=("x",)) is None
    assert fields.texts({"Config": None}, "Config", "Env", absent=("x",)) is None


def test_null_is_an_empty_list_map_or_table() -> None:
    reply = {"key": None}
    assert fields.texts(reply, "key") == ()
    assert fields.names(reply, "key") == ()
    assert fields.pairs(reply, "key") == {}
    assert fields.rows(reply, "key") == []


def test_one_item_of_another_type_makes_the_whole_unknown() -> None:
    assert fields.texts({"key": ["SYS_ADMIN", 7]}, "key") is None
    assert fields.pairs({"key": {"a": "b", "c": 1}}, "key") is None
    assert fields.rows({"key": [{}, "x"]}, "key") is None


def test_true_is_no_number_and_one_is_no_flag() -> None:
    assert fields.whole({"key": True}, "key") is None
    assert fields.flag({"key": 1}, "key") is None


def test_a_number_no_database_column_holds_is_unknown() -> None:
    assert fields.whole({"key": 2**63 - 1}, "key") == 2**63 - 1
    assert fields.whole({"key": 2**63}, "key") is None
    assert fields.whole({"key": 1e300}, "key") is None
    assert fields.whole({"key": 5.0}, "key") == 5


def test_what_no_database_stores_is_dropped_from_text() -> None:
    assert fields.text({"key": "a\0b\ud800c"}, "key") == "abc"
    assert fields.text({"key": "x" * 10_000}, "key") == "x" * fields.LONGEST_TEXT


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("2026-11-24T02:20:06.641788241Z", datetime(2026, 11, 24, 2, 20, 6, 641788, tzinfo=UTC)),
        ("2026-11-24T03:20:06+01:00", datetime(2026, 11, 24, 2, 20, 6, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("2026-11-24T02:20:06", None),
        ("0001-01-02T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_time_is_read_in_utc(given_text: str, expected: datetime | None) -> None:
    assert fields.moment({"key": given_text}, "key") == expected


def test_a_time_since_1970_is_none_when_zero_or_absurd() -> None:
    assert fields.moment_of_epoch({"key": 1795486798}, "key") == datetime(2026, 11, 24, 2, 19, 58, tzinfo=UTC)
    assert fields.moment_of_epoch({"key": 0}, "key") is None
    assert fields.moment_of_epoch({"key": -62135596800}, "key") is None
    assert fields.moment_of_epoch({"key": 2**62}, "key") is None


def test_nanoseconds_become_seconds_and_zero_the_default() -> None:
    assert fields.seconds({"key": 1_500_000_000}, "key") == 1.5
    assert fields.seconds({"key": 0}, "key") is None
