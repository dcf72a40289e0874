from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fleet.transport import Code, HttpError, TransportError
from fleet.transport.errors import quoted


def _kinds(base: type[TransportError]) -> set[type[TransportError]]:
    return {base, *(kind for child in base.__subclasses__() for kind in _kinds(child))}


def test_every_code_has_a_kind_of_error() -> None:
    assert {kind.code for kind in _kinds(TransportError) if kind is not TransportError} == set(Code)


def test_an_http_error_can_be_made_from_a_sentence() -> None:
    assert (str(HttpError("No.")), HttpError("No.").status) == ("No.", 0)


@given(st.text(max_size=400), st.integers(2, 100))
def test_a_peers_words_become_one_safe_short_line(text: str, longest: int) -> None:
    line = quoted(text, longest)
    assert len(line) <= longest
    assert line == line.strip()
    assert not set(line) & set("\n\r\t\x00\x1b\x7f\x9b\u2028\u202e\u2066")


def test_megabytes_are_cut_before_they_are_cleaned() -> None:
    assert len(quoted("\x1b" * 10_000_000 + "x", 50)) == 0
