"""Whether a reply can be believed to be an engine's: its status, its text, its shape."""

from __future__ import annotations

import http
import http.client

import msgspec

from fleet.transport.connection import Reply
from fleet.transport.errors import (
    BadJson,
    Forbidden,
    HttpError,
    NotAnEngine,
    NotAvailable,
    NotFound,
    TlsFailed,
    TransportError,
    quoted,
)

_KINDS = {403: Forbidden, 404: NotFound, 501: NotAvailable, 503: NotAvailable}
_REMEDIES = {
    401: "Something before the engine asks for a password; Loadline has none to give.",
    403: "The proxy before the engine does not permit this; allow it there, or live with what stays unknown.",
}
_decoder = msgspec.json.Decoder()
_items = msgspec.json.Decoder(list[msgspec.Raw])


def check_status(reply: Reply, *, address: str, what: str) -> None:
    """Raise the typed error for everything but a success."""
    status = reply.status
    if 200 <= status < 300:  # noqa: PLR2004
        return
    if 300 <= status < 400:  # noqa: PLR2004
        target = quoted(reply.headers.get("Location") or "nowhere", 120)
        raise NotAnEngine(
            f"{address} redirected {what} to {target}, which no engine does. Register the engine's own address."
        )
    if status < 200:  # noqa: PLR2004
        raise NotAnEngine(f"{address} answered {what} with status {status}, which no engine does. See what it is.")
    if b"HTTP request to an HTTPS server" in reply.body[:200]:
        raise TlsFailed(f"{address} speaks TLS only. Register it with its certificates (ca.pem, cert.pem, key.pem).")
    if status == http.HTTPStatus.NOT_FOUND and is_page(reply):
        # Engines write their errors as JSON; a proxy before one may write a page for 403 or 503, never for this.
        raise page(address, what)
    raise _http_error(reply, address=address, what=what)


def decode(body: bytes, *, address: str, what: str, depth: int, lines: bool = False) -> object:
    """The JSON in a reply: strict UTF-8, no NaN, not deeper than allowed.

    `lines` reads one value per line into a list, as the engine writes events.
    """
    try:
        value: object = _decoder.decode_lines(body) if lines else _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _explain(error, body, address=address, what=what) from None
    # Where fewer brackets open than that there is nothing to walk through; so it is with most containers.
    if body.count(b"{") + body.count(b"[") + lines > depth and deeper_than(value, depth):
        raise _explain(RecursionError(), body, address=address, what=what)
    return value


def items(body: bytes, *, address: str, what: str) -> list[bytes] | None:
    """The items of a list, uncopied into values; None for no list. Strict as `decode` is, but for the depth of an item
    and the size of its numbers.
    """
    try:
        if not body.isascii():
            body.decode()  # what is passed over is not looked at so closely
        return [bytes(item) for item in _items.decode(body)]
    except msgspec.ValidationError:
        return None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _explain(error, body, address=address, what=what) from None


def deeper_than(value: object, depth: int) -> bool:
    """Level by level, not by recursion: this is what has to survive an absurd depth."""
    level = [value] if type(value) in (dict, list) else []
    while level:
        if depth == 0:
            return True
        depth -= 1
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)  # type: ignore[attr-defined]
            if type(child) is dict or type(child) is list
        ]
    return False


def is_page(reply: Reply) -> bool:
    """Whether a web page came instead of an engine's words."""
    return reply.body.lstrip()[:1] == b"<" or "html" in (reply.headers.get("Content-Type") or "").lower()


def page(address: str, what: str) -> NotAnEngine:
    return NotAnEngine(
        f"{address} answered {what} with a web page, so a web server listens there and no engine. Correct the address."
    )


def _explain(error: Exception, body: bytes, *, address: str, what: str) -> TransportError:
    if body.lstrip()[:1] == b"<":
        return page(address, what)
    if isinstance(error, RecursionError):
        flaw = "is nested absurdly deep"
    elif isinstance(error, UnicodeDecodeError):
        flaw = "is not UTF-8"
    elif "truncated" in str(error):
        flaw = "ends too early" if body else "is empty"
    else:
        flaw = f"is not JSON ({quoted(str(error), 80)})"
    return BadJson(f"The answer of {address} to {what} {flaw}. See what listens there, or the engine's log.")


def _http_error(reply: Reply, *, address: str, what: str) -> HttpError:
    kind = _KINDS.get(reply.status, HttpError)
    said = message(reply)
    phrase = http.client.responses.get(reply.status, "")
    detail = f": {said}" if said else ""
    sentence = f"{address} answered {what} with {reply.status} {phrase}".rstrip() + f"{detail}."
    remedy = _REMEDIES.get(reply.status)
    return kind(
        f"{sentence.replace('..', '.')} {remedy}" if remedy else sentence.replace("..", "."), status=reply.status
    )


def message(reply: Reply) -> str:
    """The engine's own words, made safe; nothing of a web page."""
    try:
        value = msgspec.json.decode(reply.body[:65536])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "" if is_page(reply) else quoted(reply.body[:1200].decode(errors="replace"))
    words = value.get("message") if isinstance(value, dict) else None
    return quoted(words) if isinstance(words, str) else ""
