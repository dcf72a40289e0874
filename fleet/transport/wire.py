"""One answer taken off the wire: its status line, its header fields, and its body up to where that ends.

In place of http.client, which reads header fields with the parser for electronic mail: three quarters of what a request
took. Whatever bends the protocol in a way that no engine does is refused, not guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from fleet.transport.errors import NotAnEngine, Reset, Truncated, quoted
from fleet.transport.limits import Allowance

_PIECE: Final = 64 * 1024
_LONGEST_LINE: Final = 64 * 1024
_MOST_FIELDS: Final = 100
#: What framing may take besides as much as the body itself.
_FREE_FRAMING: Final = 512 * 1024
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.([01]) (\d{3})(?: (.*))?", re.DOTALL)
_FIELD_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LENGTH: Final = re.compile(r"\d{1,18}", re.ASCII)
_CHUNK_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?", re.DOTALL)
_CONTINUE: Final = 100
_FINAL: Final = 200
#: No content, and not modified: answers that end with their header fields.
_BODILESS: Final = {204, 304}


class Source(Protocol):
    """A socket that counts time and bytes itself."""

    def recv_into(self, buffer: bytearray, /) -> int: ...


class Fields:
    """Header fields by name in any case; of two with one name the first counts."""

    __slots__ = ("_found",)

    def __init__(self, found: Iterable[tuple[str, str]] = ()) -> None:
        self._found: dict[str, list[str]] = {}
        for name, value in found:
            self._found.setdefault(name.lower(), []).append(value)

    def get(self, name: str, /) -> str | None:
        found = self._found.get(name.lower())
        return found[0] if found else None

    def all(self, name: str) -> list[str]:
        return self._found.get(name.lower(), [])

    def items(self) -> Iterator[tuple[str, str]]:
        return ((name, found[0]) for name, found in self._found.items())

    def __contains__(self, name: str, /) -> bool:
        return name.lower() in self._found


class Answer:
    """What a peer sends on one connection after one request. Raises a TransportError for what is no answer."""

    def __init__(self, source: Source, allowance: Allowance, *, bodiless: bool = False) -> None:
        """`bodiless` is the answer to a HEAD."""
        self._source, self._allowance, self._bodiless = source, allowance, bodiless
        self._piece, self._unread, self._body = bytearray(_PIECE), bytearray(), bytearray()
        self._newest = False  # HTTP/1.1, whose connections are kept unless one says otherwise
        self._whole = False
        self.status = 0
        self.reason = ""
        self.fields = Fields()

    @property
    def keeps(self) -> bool:
        """Whether the connection may carry another request: the answer ended by itself, and nothing came behind it."""
        closes = "close" in (self.fields.get("Connection") or "").lower()
        return self._whole and self._newest and self.status >= _FINAL and not closes and not self._unread

    def read_head(self) -> None:
        """Up to the empty line, past as many "100 Continue" as the limit of a head has room for."""
        while True:
            self._read_status()
            self.fields = Fields(self._fields())
            if self.status != _CONTINUE:
                return

    def read_body(self) -> bytes:
        """All of it, but no more than a reply may have, and no absurd framing."""
        if self._bodiless or self.status in _BODILESS or self.status < _FINAL:
            self._whole = True
        elif (coding := self.fields.get("Transfer-Encoding")) is not None:
            self._read_chunks(coding)
        elif lengths := self.fields.all("Content-Length"):
            self._read_length(lengths)
        else:
            while self._unread or self._more():
                self._take(len(self._unread))
        return bytes(self._body)

    def _read_length(self, lengths: Sequence[str]) -> None:
        if len(set(lengths)) > 1 or not _LENGTH.fullmatch(lengths[0]):
            raise self._no_engine(f"content length {', '.join(lengths)}")
        self._take(int(lengths[0]))
        self._whole = True

    def _read_chunks(self, coding: str) -> None:
        if coding.lower() != "chunked":
            raise self._no_engine(f"transfer encoding {coding}")
        while size := self._chunk_size():
            self._take(size)
            if self._line("end of a chunk"):
                raise self._no_engine("a chunk longer than it says")
            if self._allowance.received > 2 * len(self._body) + _FREE_FRAMING:
                # Chunks of one byte would cost seconds of our processor within every other limit.
                raise NotAnEngine(
                    f"{self._allowance.address} cut its answer to {self._allowance.what} into tiny chunks, which no "
                    f"engine does. See what listens there."
                )
        for _ in self._fields():  # trailers, in which no engine says anything
            pass
        self._whole = True

    def _chunk_size(self) -> int:
        line = self._line("chunk size")
        found = _CHUNK_SIZE.fullmatch(line)
        if found is None:
            raise self._no_engine(f"chunk size {_shown(line)}")
        return int(found[1], 16)

    def _read_status(self) -> None:
        try:
            line = self._line("status line")
        except Truncated:
            if not self._allowance.received:
                where, what = self._allowance.address, self._allowance.what
                raise Reset(f"{where} closed the connection without answering {what}. See the engine's log.") from None
            line = bytes(self._unread)  # what speaks another language need not end its lines
        found = _STATUS_LINE.fullmatch(line)
        if found is None:
            raise self._no_engine(_shown(line))
        self._newest, self.status = found[1] == b"1", int(found[2])
        self.reason = (found[3] or b"").decode("latin-1").strip()

    def _fields(self) -> Iterator[tuple[str, str]]:
        count = 0
        while line := self._line("header line"):
            name, colon, value = line.partition(b":")
            if not colon or not _FIELD_NAME.fullmatch(name):
                raise self._no_engine(f"header line {_shown(line)}")
            count += 1
            if count > _MOST_FIELDS:
                raise self._no_engine(f"more than {_MOST_FIELDS} headers")
            yield name.decode("latin-1"), value.decode("latin-1").strip()

    def _line(self, what: str) -> bytes:
        """Up to the next line feed, without it and a carriage return before it."""
        while (end := self._unread.find(b"\n")) < 0:
            if len(self._unread) > _LONGEST_LINE:
                raise self._no_engine(f"more than {_LONGEST_LINE} bytes of {what}")
            self._more_or_raise()
        line = bytes(self._unread[:end])
        del self._unread[: end + 1]
        return line.removesuffix(b"\r")

    def _take(self, count: int) -> None:
        """The next so many bytes, into the body."""
        wanted = len(self._body) + count
        if wanted > self._allowance.limits.reply_bytes:
            raise self._allowance.overflow()
        while True:
            missing = wanted - len(self._body)
            self._body += self._unread[:missing]
            del self._unread[:missing]
            if len(self._body) == wanted:
                return
            self._more_or_raise()

    def _more_or_raise(self) -> None:
        if not self._more():
            raise Truncated(
                f"{self._allowance.address} stopped in the middle of its answer to {self._allowance.what}. "
                f"See the engine's log, or a proxy in between."
            )

    def _more(self) -> bool:
        count = self._source.recv_into(self._piece)
        self._unread += memoryview(self._piece)[:count]
        return count > 0

    def _no_engine(self, flaw: str) -> NotAnEngine:
        return NotAnEngine(
            f"{self._allowance.address} does not answer {self._allowance.what} as an engine does "
            f"({quoted(flaw, 100)}). See what listens there and correct the address."
        )


def _shown(line: bytes) -> str:
    return line[:400].decode(errors="replace")
