from __future__ import annotations

import contextlib
import http.client
import time
from collections.abc import Iterator
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.transport import Limits, NotAnEngine, Reset, TooLarge, TransportError, Truncated
from fleet.transport.limits import Allowance
from fleet.transport.wire import Answer

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class Pieces:
    """A socket that has these bytes for us, so many at a time."""

    def __init__(self, told: bytes, allowance: Allowance, *, size: int) -> None:
        self._left, self._allowance = told, allowance
        self._size = size

    def recv_into(self, buffer: bytearray, /) -> int:
        piece, self._left = self._left[: self._size], self._left[self._size :]
        buffer[: len(piece)] = piece
        self._allowance.spend(len(piece))
        return len(piece)


def answered(told: bytes, *, size: int = 65536, bodiless: bool = False, most: int = 1024) -> tuple[Answer, bytes]:
    allowance = Allowance("tcp://node-1:2375", Limits(reply_bytes=most), time.monotonic() + 60, "GET /info")
    answer = Answer(Pieces(told, allowance, size=size), allowance, bodiless=bodiless)
    answer.read_head()
    allowance.enter_body()
    return answer, answer.read_body()


WHOLE = (
    (OK + b"Content-Length: 2\r\n\r\n[]", b"[]"),
    (OK + b"content-length:2\r\n\r\n[]", b"[]"),
    (OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n[]", b"[]"),
    (OK + b"Content-Length: 0\r\n\r\n", b""),
    (CHUNKED + b"1\r\n[\r\n1\r\n]\r\n0\r\n\r\n", b"[]"),
    (CHUNKED + b"2;name=value\r\n[]\r\n000\r\nExpires: never\r\n\r\n", b"[]"),
    (CHUNKED + b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
    (OK.replace(b"\r", b"") + b"Content-Length: 2\n\n[]", b"[]"),
    (b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + OK + b"Content-Length: 2\r\n\r\n[]", b"[]"),
    (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", b""),
)


@pytest.mark.parametrize("size", [1, 7, 65536])
@pytest.mark.parametrize(("told", "body"), WHOLE)
def test_an_answer_is_the_same_however_it_is_cut(told: bytes, body: bytes, size: int) -> None:
    answer, came = answered(told, size=size)
    assert came == body
    assert answer.keeps


def test_a_head_has_no_body_whatever_it_announces() -> None:
    answer, came = answered(OK + b"Content-Length: 500\r\nTransfer-Encoding: chunked\r\n\r\n", bodiless=True)
    assert came == b""
    assert answer.keeps


@pytest.mark.parametrize(
    "told",
    [
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        OK + b"Connection: close\r\nContent-Length: 2\r\n\r\n[]",
        OK + b"\r\n[]",  # until it hangs up
        OK + b"Content-Length: 2\r\n\r\n[]HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull",  # nobody asked for that
        CHUNKED + b"2\r\n[]\r\n0\r\n\r\n[",
    ],
)
def test_a_connection_that_cannot_be_relied_on_is_not_kept(told: bytes) -> None:
    answer, came = answered(told)
    assert came == b"[]"
    assert not answer.keeps


def test_an_upgrade_that_nobody_asked_for_ends_the_connection() -> None:
    answer, _ = answered(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
    assert answer.status == 101
    assert not answer.keeps


def test_fields_are_found_in_any_case_and_the_first_counts() -> None:
    answer, _ = answered(OK + b"Server:  Docker \r\nSERVER: other\r\nX-Odd: \xe9\r\nContent-Length: 0\r\n\r\n")
    assert answer.fields.get("server") == "Docker"
    assert "Server" in answer.fields
    assert answer.fields.get("x-odd") == "é"
    assert answer.fields.get("Api-Version") is None
    assert dict(answer.fields.items())["server"] == "Docker"


@pytest.mark.parametrize(
    ("told", "kind", "words"),
    [
        (b"", Reset, "without answering"),
        (b"\x15\x03\x01\x00\x02\x02F", NotAnEngine, "as an engine does"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", NotAnEngine, "SSH-2.0"),
        (b"HTTP/2 200\r\n\r\n", NotAnEngine, "HTTP/2 200"),
        (b"HTTP/1.1 99 Low\r\n\r\n", NotAnEngine, "HTTP/1.1 99 Low"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", NotAnEngine, "HTTP/1.1 2000"),
        (OK + b"Server: Dock", Truncated, "in the middle"),
        (OK + b"no colon\r\n\r\n", NotAnEngine, "no colon"),
        (OK + b"Server: a\r\n folded\r\n\r\n", NotAnEngine, "header line"),
        (OK + b"Content-Length : 2\r\n\r\n[]", NotAnEngine, "header line"),
        (OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n[] ", NotAnEngine, "content length 2, 3"),
        (OK + b"Content-Length: -2\r\n\r\n[]", NotAnEngine, "content length -2"),
        (OK + b"Content-Length: +2\r\n\r\n[]", NotAnEngine, "content length +2"),
        (OK + b"Content-Length: 1_0\r\n\r\n[]", NotAnEngine, "content length 1_0"),
        (OK + b"Content-Length: 1025\r\n\r\n", TooLarge, "more than"),
        (OK + b"Content-Length: 99999999999999999999\r\n\r\n", NotAnEngine, "content length"),
        (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n", NotAnEngine, "transfer encoding gzip, chunked"),
        (CHUNKED + b"-1\r\n", NotAnEngine, "chunk size -1"),
        (CHUNKED + b"0x2\r\n[]\r\n0\r\n\r\n", NotAnEngine, "chunk size 0x2"),
        (CHUNKED + b"\r\n", NotAnEngine, "chunk size"),
        (CHUNKED + b"1\r\n[]\r\n0\r\n\r\n", NotAnEngine, "longer than it says"),
        (CHUNKED + b"ffffffff\r\n", TooLarge, "more than"),
        (CHUNKED + b"200\r\n" + b" " * 512 + b"\r\n201\r\n" + b" " * 513, TooLarge, "more than"),
        (OK + b"\r\n" + b" " * 1025, TooLarge, "more than"),
    ],
)
def test_what_is_no_answer_gets_a_sentence(told: bytes, kind: type[TransportError], words: str) -> None:
    with pytest.raises(kind, match=r"tcp://node-1:2375 .*GET /info") as caught:
        answered(told)
    assert words in str(caught.value)


def test_the_limit_itself_is_let_through() -> None:
    assert len(answered(OK + b"Content-Length: 1024\r\n\r\n" + b" " * 1024)[1]) == 1024


@given(st.binary(max_size=300), st.sampled_from([b"", OK, CHUNKED, OK + b"Content-Length: 9\r\n\r\n"]))
def test_any_bytes_are_an_answer_or_a_typed_error(told: bytes, before: bytes) -> None:
    with contextlib.suppress(TransportError):
        answered(before + told, size=5)


NAMES = st.sampled_from(["Server", "Content-Type", "Ostype", "Date", "X-One"])
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)


def _chunked(body: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


@given(
    st.integers(200, 599).filter(lambda status: status not in {204, 304}),  # which have no body
    st.lists(st.tuples(NAMES, VALUES), max_size=6, unique_by=lambda pair: pair[0]),
    st.binary(max_size=200),
    st.one_of(st.none(), st.integers(1, 50)),
    st.integers(1, 400),
)
def test_it_reads_what_pythons_own_client_reads(
    status: int, fields: list[tuple[str, str]], body: bytes, chunk: int | None, size: int
) -> None:
    head = f"HTTP/1.1 {status} Said\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields)
    if chunk:
        told = f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + b"".join(_chunked(body, chunk))
    else:
        told = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    python = http.client.HTTPResponse(_Told(told))  # type: ignore[arg-type]
    python.begin()
    answer, came = answered(told, size=size)
    assert (answer.status, answer.reason, came) == (python.status, python.reason, python.read())
    for name, _ in fields:
        assert answer.fields.get(name) == python.getheader(name)
    assert answer.keeps is not python.will_close


class _Told:
    def __init__(self, told: bytes) -> None:
        self._told = told

    def makefile(self, _: str) -> BytesIO:
        return BytesIO(self._told)
