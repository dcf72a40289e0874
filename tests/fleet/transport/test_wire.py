from __future__ import annotations

import contextlib
import gc
import http.client
import time
import weakref
from collections.abc import Iterator
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.transport import Limits, NotAnEngine, Reset, TooLarge, TransportError, Truncated
from fleet.transport.limits import Allowance
from fleet.transport.wire import Answer, _Parsed

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class Pieces:
    """A socket that has these bytes for us, so many at a time."""

    def __init__(self, told: bytes, allowance: Allowance, *, size: int) -> None:
        self._left, self._allowance = told, allowance
        self._size = size

    def recv_into(self, buffer: memoryview, /) -> int:
        size = min(self._size, len(buffer))
        piece, self._left = self._left[:size], self._left[size:]
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
    (OK + b"Content-Length: 0\r\n\r\n", b""),
    (CHUNKED + b"1\r\n[\r\n1\r\n]\r\n0\r\n\r\n", b"[]"),
    (CHUNKED + b"2;name=value\r\n[]\r\n000\r\nExpires: never\r\n\r\n", b"[]"),
    (CHUNKED + b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
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


@pytest.mark.parametrize("size", [1, 65536])
@pytest.mark.parametrize(
    "framing", [b"Content-Length: 5000", b"Content-Length: %d" % 10**18, b"Transfer-Encoding: chunked"]
)
def test_a_head_has_no_body_whatever_it_announces(framing: bytes, size: int) -> None:
    answer, came = answered(OK + framing + b"\r\n\r\n", bodiless=True, size=size)
    assert came == b""
    assert answer.keeps


def test_a_head_with_a_body_is_not_kept() -> None:
    answer, came = answered(OK + b"Content-Length: 2\r\n\r\n[]", bodiless=True)
    assert came == b""
    assert not answer.keeps


@pytest.mark.parametrize(
    "told",
    [
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        OK + b"Connection: close\r\nContent-Length: 2\r\n\r\n[]",
        OK + b"\r\n[]",  # until it hangs up
        OK + b"Content-Length: 2\r\n\r\n[]HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull",  # nobody asked for that
        CHUNKED + b"2\r\n[]\r\n0\r\n\r\n[",
        CHUNKED + b"2\r\n[]\r\n0\r\n\r\n\r\n",  # the parser by itself would pass over an empty line
        OK + b"Connection: keep-alive\r\nConnection: Close\r\nContent-Length: 2\r\n\r\n[]",
    ],
)
def test_a_connection_that_cannot_be_relied_on_is_not_kept(told: bytes) -> None:
    answer, came = answered(told)
    assert came == b"[]"
    assert not answer.keeps


@pytest.mark.parametrize("fields", [b"", b"Connection: Upgrade\r\nUpgrade: h2c\r\n"])
@pytest.mark.parametrize("behind", [b"", b"raw words"])
def test_an_upgrade_that_nobody_asked_for_ends_the_connection(fields: bytes, behind: bytes) -> None:
    answer, came = answered(b"HTTP/1.1 101 Switching Protocols\r\n" + fields + b"\r\n" + behind)
    assert (answer.status, came) == (101, b"")
    assert not answer.keeps


def test_an_answer_behind_the_answer_changes_nothing_of_it() -> None:
    behind = b"HTTP/1.1 404 Not Found\r\nServer: other\r\nContent-Length: 4\r\n\r\nnull"
    answer, came = answered(OK + b"Server: one\r\nContent-Length: 2\r\n\r\n[]" + behind)
    assert (answer.status, answer.reason, came) == (200, "OK", b"[]")
    assert dict(answer.fields.items()) == {"server": "one", "content-length": "2"}


def test_trailers_are_no_fields() -> None:
    answer, _ = answered(CHUNKED + b"0\r\nServer: late\r\n\r\n")
    assert "Server" not in answer.fields


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
        (b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", NotAnEngine, "HTTP/2.0 200 OK"),
        (b"HTTP/0.9 200 OK\r\nContent-Length: 0\r\n\r\n", NotAnEngine, "HTTP/0.9 200 OK"),
        (b"HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n", NotAnEngine, "HTTP/1.2 200 OK"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", NotAnEngine, "RTSP/1.0 200 OK"),
        (b"\r\n" + OK + b"Content-Length: 0\r\n\r\n", NotAnEngine, "as an engine does"),
        (b"HTTP/1.1 20", Truncated, "in the middle"),
        (b"HTTP/1.1 99 Low\r\n\r\n", NotAnEngine, "HTTP/1.1 99 Low"),
        (b"HTTP/1.1 099 Low\r\n\r\n", NotAnEngine, "HTTP/1.1 099 Low"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", NotAnEngine, "HTTP/1.1 2000"),
        (OK + b"Server: Dock", Truncated, "in the middle"),
        (OK + b"no colon\r\n\r\n", NotAnEngine, "header token"),
        (OK + b"Server: a\r\n folded\r\n\r\n", NotAnEngine, "whitespace after header value"),
        (OK + b"Content-Length : 2\r\n\r\n[]", NotAnEngine, "header field"),
        (OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n[] ", NotAnEngine, "Duplicate Content-Length"),
        (OK + b"Content-Length: -2\r\n\r\n[]", NotAnEngine, "Content-Length"),
        (OK + b"Content-Length: +2\r\n\r\n[]", NotAnEngine, "Content-Length"),
        (OK + b"Content-Length: 1_0\r\n\r\n[]", NotAnEngine, "Content-Length"),
        (OK + b"Content-Length: 1025\r\n\r\n", TooLarge, "more than"),
        (OK + b"Content-Length: 99999999999999999999\r\n\r\n", NotAnEngine, "Content-Length overflow"),
        (OK + b"Content-Length: " + b"0" * 5000 + b"2\r\n\r\n", NotAnEngine, "content length 000"),
        (OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n[]", NotAnEngine, "Duplicate Content-Length"),
        (OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", NotAnEngine, "Transfer-Encoding"),
        (OK + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n", NotAnEngine, "Transfer-Encoding"),
        (OK.replace(b"\r", b"") + b"Content-Length: 2\n\n[]", NotAnEngine, "CR"),
        (OK + b"Server: a\nX: b\r\nContent-Length: 0\r\n\r\n", NotAnEngine, "CR"),
        (OK + b"Server: a\rX: b\r\nContent-Length: 0\r\n\r\n", NotAnEngine, "LF"),
        (OK + b"Server: a\0b\r\nContent-Length: 0\r\n\r\n", NotAnEngine, "header value"),
        (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", NotAnEngine, "transfer encoding gzip, chunked"),
        (OK + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", NotAnEngine, "transfer encoding xchunked"),
        (
            OK + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n0\r\n\r\n",
            NotAnEngine,
            "transfer encoding chunked, chunked",
        ),
        (CHUNKED + b"-1\r\n", NotAnEngine, "chunk size"),
        (CHUNKED + b"0x2\r\n[]\r\n0\r\n\r\n", NotAnEngine, "chunk size"),
        (CHUNKED + b"\r\n", NotAnEngine, "chunk size"),
        (CHUNKED + b"1\r\n[]\r\n0\r\n\r\n", NotAnEngine, "after chunk data"),
        (CHUNKED + b"ffffffff\r\n", Truncated, "in the middle"),
        (CHUNKED + b"ffffffff\r\n" + b" " * 1025, TooLarge, "more than"),
        (CHUNKED + b"2\n[]\r\n0\r\n\r\n", NotAnEngine, "CR"),
        (CHUNKED + b"2\r\n[]\n0\r\n\r\n", NotAnEngine, "CR"),
        (CHUNKED + b"0\r\n" + b"X: y\r\n" * 200, NotAnEngine, "100 headers"),
        (CHUNKED + b"200\r\n" + b" " * 512 + b"\r\n201\r\n" + b" " * 513, TooLarge, "more than"),
        (OK + b"\r\n" + b" " * 1025, TooLarge, "more than"),
    ],
)
def test_what_is_no_answer_gets_a_sentence(told: bytes, kind: type[TransportError], words: str) -> None:
    with pytest.raises(kind, match=r"tcp://node-1:2375 .*GET /info") as caught:
        answered(told)
    assert words in str(caught.value)


@pytest.mark.parametrize("framing", [b"0" * 200_000, b"1;x=" + b"y" * 200_000, b"0\r\nX: " + b"y" * 200_000])
@pytest.mark.parametrize("size", [1000, 65536])
def test_framing_without_an_end_is_not_read_as_far_as_a_body_would_be(framing: bytes, size: int) -> None:
    with pytest.raises(NotAnEngine, match="more than 65536 bytes of chunk size or trailer"):
        answered(CHUNKED + framing, size=size, most=1_000_000)


def test_what_interrupts_the_parser_is_not_the_peers_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_Parsed, "on_body", interrupted)
    with pytest.raises(KeyboardInterrupt):
        answered(OK + b"Content-Length: 2\r\n\r\n[]")


def test_an_answer_leaves_no_garbage() -> None:
    gc.collect()
    gc.disable()
    try:
        answer, _ = answered(CHUNKED + b"2\r\n[]\r\n0\r\n\r\n")
        left = weakref.ref(answer._parsed)
        del answer
        assert left() is None
    finally:
        gc.enable()


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
