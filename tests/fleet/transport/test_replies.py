from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.transport import BadJson, NotAnEngine
from fleet.transport.replies import decode, deeper_than

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=3), children, max_size=3),
    max_leaves=20,
)


def _read(body: bytes, *, depth: int = 64, lines: bool = False) -> object:
    return decode(body, address="tcp://node-1:2375", what="GET /info", depth=depth, lines=lines)


def _depth(value: object) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


@given(JSON)
def test_good_json_comes_back_as_it_is(value: object) -> None:
    assert _read(json.dumps(value).encode()) == value


@given(JSON, st.integers(0, 8))
def test_the_depth_is_measured_right(value: object, limit: int) -> None:
    assert deeper_than(value, limit) is (_depth(value) > limit)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_a_typed_error(body: bytes) -> None:
    for lines in (False, True):
        with contextlib.suppress(BadJson, NotAnEngine):
            _read(body, lines=lines)


@pytest.mark.parametrize("depth", [64, 500, 100_000])
def test_what_is_deeper_than_the_limit_is_refused(depth: int) -> None:
    with pytest.raises(BadJson, match="absurdly deep"):
        _read(b"[" * (depth + 1) + b"]" * (depth + 1))
    with pytest.raises(BadJson, match="absurdly deep"):
        _read(b'{"a":' * (depth + 1) + b"1" + b"}" * (depth + 1))


def test_the_limit_itself_is_let_through() -> None:
    assert _depth(_read(b"[" * 64 + b"]" * 64)) == 64


def test_the_last_of_two_same_keys_counts() -> None:
    assert _read(b'{"Id": "a", "Id": "b"}') == {"Id": "b"}


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"01"])
def test_a_number_that_is_none_is_refused(number: bytes) -> None:
    with pytest.raises(BadJson):
        _read(b'{"Size": ' + number + b"}")


def test_no_lines_are_no_events() -> None:
    assert _read(b"", lines=True) == []
