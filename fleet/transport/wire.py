"""One answer taken off the wire: its status, its header fields, and its body up to where that ends.

The bytes are parsed by httptools. Here is what a parser does not know: what a peer may cost, which answers no engine
gives, and whether the connection can carry another request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpResponseParser

from fleet.transport.errors import NotAnEngine, Reset, Truncated, quoted
from fleet.transport.limits import Allowance

_PIECE: Final = 64 * 1024
#: Less while the head is read, so that a line without an end is found before the head is too long.
_HEAD_PIECE: Final = 16 * 1024
_LONGEST_LINE: Final = 64 * 1024
_MOST_FIELDS: Final = 100
_MOST_DIGITS: Final = 18  # of a content length
#: What framing may take besides as much as the body itself.
_FREE_FRAMING: Final = 512 * 1024
#: The parser takes RTSP, other versions, and empty lines in front as well.
_START: Final = b"HTTP/1."
_SHOWN: Final = 400
_CONTINUE: Final = 100
_FINAL: Final = 200


class Source(Protocol):
    """A socket that counts time and bytes itself."""

    def recv_into(self, buffer: memoryview, /) -> int: ...


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


class _Parsed:
    """What the parser told of one answer. Nothing here raises: the parser would put an error of its own around it."""

    #: Taken away once the head is known: the two hold each other, and sweeps look for garbage seldom.
    parser: HttpResponseParser

    def __init__(self, *, bodiless: bool) -> None:
        self._bodiless = bodiless
        self.status, self.version, self.reason = 0, "", b""
        self.fields: list[tuple[str, str]] = []
        self.body = bytearray()
        self.headed = self.ended = False
        self.words = self.headers = 0  # how often it told anything, and how many fields, those of trailers included

    def on_status(self, part: bytes) -> None:
        self.words += 1
        if not self.ended:
            self.reason += part

    def on_header(self, name: bytes, value: bytes) -> None:
        self.words += 1
        self.headers += 1
        if not self.headed:  # else a trailer, in which no engine says anything
            self.fields.append((name.decode("latin-1"), value.decode("latin-1").strip()))

    def on_headers_complete(self) -> None:
        if self.ended:
            return
        self.status, self.version = self.parser.get_status_code(), self.parser.get_http_version()
        self.headed = self.status != _CONTINUE
        self.ended = self.headed and self._bodiless

    def on_body(self, part: bytes) -> None:
        self.words += 1
        if not self.ended:
            self.body += part

    def on_message_complete(self) -> None:
        if self.headed:
            self.ended = True
        else:
            self.fields.clear()
            self.reason = b""


class Answer:
    """What a peer sends on one connection after one request. Raises a TransportError for what is no answer."""

    def __init__(self, source: Source, allowance: Allowance, *, bodiless: bool = False) -> None:
        """`bodiless` is the answer to a HEAD."""
        self._source, self._allowance = source, allowance
        self._piece, self._start = memoryview(bytearray(_PIECE)), b""
        self._parsed = _Parsed(bodiless=bodiless)
        self._parser = self._parsed.parser = HttpResponseParser(self._parsed)
        self._silent = 0  # bytes since the parser told anything
        self._more_came = False
        self.status = 0
        self.reason = ""
        self.fields = Fields()

    @property
    def keeps(self) -> bool:
        """Whether the connection may carry another request: the answer ended by itself, and nothing came behind it."""
        parsed = self._parsed
        closes = "close" in ",".join(self.fields.all("Connection")).lower()
        return parsed.ended and parsed.version == "1.1" and self.status >= _FINAL and not closes and not self._more_came

    def read_head(self) -> None:
        """Up to the empty line, past as many "100 Continue" as the limit of a head has room for."""
        parsed = self._parsed
        try:
            while not parsed.headed:
                if not self._more(_HEAD_PIECE):
                    raise self._ended_early()
        finally:
            del parsed.parser
        self.status, self.reason = parsed.status, parsed.reason.decode("latin-1").strip()
        self.fields = Fields(parsed.fields)
        if self.status < _CONTINUE:
            raise self._no_engine(self._first_line())
        # The parser takes what stands before "chunked" for its user's business.
        coding = ", ".join(self.fields.all("Transfer-Encoding"))
        if coding and coding.lower() != "chunked":
            raise self._no_engine(f"transfer encoding {coding}")

    def read_body(self) -> bytes:
        """All of it, but no more than a reply may have, and no absurd framing."""
        parsed, allowance = self._parsed, self._allowance
        framed = "Transfer-Encoding" in self.fields or self._is_measured()
        while True:
            if len(parsed.body) > allowance.limits.reply_bytes:
                raise allowance.overflow()
            if allowance.received > 2 * len(parsed.body) + _FREE_FRAMING:
                # Chunks of one byte would cost seconds of our processor within every other limit.
                raise NotAnEngine(
                    f"{allowance.address} cut its answer to {allowance.what} into tiny chunks, which no "
                    f"engine does. See what listens there."
                )
            if parsed.ended:
                break
            if not self._more(_PIECE):
                if framed:
                    raise self._ended_early()
                break  # its end is that of the connection
        return bytes(parsed.body)

    def _is_measured(self) -> bool:
        """Whether it says how long it is; raises for more than a reply may have before that has come."""
        length = self.fields.get("Content-Length")
        if length is None or self._parsed.ended:
            return length is not None
        if len(length) > _MOST_DIGITS:
            raise self._no_engine(f"content length {length}")
        if int(length) > self._allowance.limits.reply_bytes:
            raise self._allowance.overflow()
        return True

    def _more(self, most: int) -> bool:
        """Hands on what comes next; False when the peer has hung up."""
        count = self._source.recv_into(self._piece[:most])
        if not count:
            return False
        piece, parsed = self._piece[:count], self._parsed
        if len(self._start) < _SHOWN:
            self._start += piece[:_SHOWN]
            if not _START.startswith(self._start[: len(_START)]):
                raise self._no_engine(self._first_line())
        words = parsed.words
        # The parser does not say where an answer ends: when it did before the last byte, something came behind it.
        self._parse(piece[:-1])
        if parsed.ended:
            self._more_came = True
        else:
            self._parse(piece[-1:])
        if parsed.headers > _MOST_FIELDS:
            raise self._no_engine(f"more than {_MOST_FIELDS} headers")
        self._silent = 0 if parsed.words > words else self._silent + count
        if self._silent > _LONGEST_LINE:
            what = "chunk size or trailer" if parsed.headed else "header line"
            raise self._no_engine(f"more than {_LONGEST_LINE} bytes of {what}")
        return True

    def _parse(self, piece: memoryview) -> None:
        try:
            self._parser.feed_data(piece)
        except HttpParserCallbackError as error:
            # What a signal raised while the parser was telling, such as Ctrl-C.
            raise error.__context__ or error from None
        except (HttpParserError, HttpParserUpgrade) as error:
            if not self._parsed.ended:
                known = self._parsed.status or self._parsed.words
                raise self._no_engine(str(error) if known else self._first_line()) from None

    def _ended_early(self) -> Reset | Truncated:
        where, what = self._allowance.address, self._allowance.what
        if not self._allowance.received:
            return Reset(f"{where} closed the connection without answering {what}. See the engine's log.")
        return Truncated(
            f"{where} stopped in the middle of its answer to {what}. See the engine's log, or a proxy in between."
        )

    def _first_line(self) -> str:
        return self._start[:_SHOWN].split(b"\n", 1)[0].decode(errors="replace")

    def _no_engine(self, flaw: str) -> NotAnEngine:
        return NotAnEngine(
            f"{self._allowance.address} does not answer {self._allowance.what} as an engine does "
            f"({quoted(flaw, 100)}). See what listens there and correct the address."
        )
