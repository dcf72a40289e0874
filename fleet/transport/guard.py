"""The last gate before bytes leave for an engine: a method, an endpoint or a parameter off the list stops here."""

from __future__ import annotations

import functools
import re
from urllib.parse import parse_qsl, unquote

from fleet.transport.allow_list import ALLOW_LIST, METHODS, Allowed
from fleet.transport.errors import RefusedByGuard, quoted

_LONGEST_TARGET = 8192
_VERSION = re.compile(r"/v1\.\d{2}(?=/)")
# What the engine's own router might read otherwise than we do is refused unread: encoded slashes, dots and
# percent signs, backslashes, and everything outside plain ASCII. Left: @ : + of image names.
_PATH = re.compile(r"(?:[A-Za-z0-9._~/:@+-]|%(?:40|3[Aa]|2[Bb]))+")
_QUERY = re.compile(r"(?:[A-Za-z0-9._~:@+=&,*/!'()\[\]-]|%[0-9A-Fa-f]{2})*")
_PATTERNS = tuple((allowed, allowed.pattern) for allowed in ALLOW_LIST)


def admit(method: str | None, target: str | None) -> None:
    """Return for a request on the allow list, raise RefusedByGuard for every other."""
    if method not in METHODS:
        raise _refusal(method, target, "only GET and HEAD may be sent")
    if not isinstance(target, str) or len(target) > _LONGEST_TARGET:
        raise _refusal(method, target, "the target is missing or too long")
    path, mark, query = target.partition("?")
    # An empty query is another spelling of the same request; one spelling is enough.
    if mark and not query:
        raise _refusal(method, target, "a question mark without parameters")
    _judge(method, target, allowed=_endpoint(path), query=query)


def _judge(method: str, target: str, *, allowed: Allowed | None, query: str) -> None:
    if allowed is None:
        raise _refusal(method, target, "the endpoint is not on the allow list")
    if method not in allowed.methods:
        raise _refusal(method, target, f"{allowed.path} may only be asked with {', '.join(sorted(allowed.methods))}")
    reason = _objection(allowed, query) if query or allowed.must else None
    if reason:
        raise _refusal(method, target, reason)


@functools.lru_cache(maxsize=256)
def _endpoint(path: str) -> Allowed | None:
    if not _PATH.fullmatch(path):
        return None
    plain = unquote(path)
    if "//" in plain or any(part in (".", "..") for part in plain.split("/")):
        return None
    version = _VERSION.match(plain)
    bare = plain[version.end() :] if version else plain
    return next((allowed for allowed, pattern in _PATTERNS if pattern.fullmatch(bare)), None)


def _objection(allowed: Allowed, query: str) -> str | None:
    if not _QUERY.fullmatch(query):
        return "the parameters hold a character that does not belong there"
    try:
        pairs = (
            []
            if not query
            else parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=16)
        )
    except ValueError:
        return "the parameters cannot be read"
    given = dict(pairs)
    if len(given) < len(pairs):
        return "a parameter is given twice"
    if not allowed.must <= given.keys():
        return f"{allowed.path} needs {', '.join(sorted(allowed.must))}"
    wrong = next((name for name, value in pairs if not _fits(allowed, name, value)), None)
    return None if wrong is None else f"the parameter {quoted(wrong, 40)} or its value is not on the allow list"


def _fits(allowed: Allowed, name: str, value: str) -> bool:
    pattern = allowed.params.get(name)
    return pattern is not None and pattern.fullmatch(value) is not None


def _refusal(method: str | None, target: str | None, reason: str) -> RefusedByGuard:
    # The query is left out: a filter may hold a label's value.
    path = quoted(str(target).partition("?")[0], 120)
    return RefusedByGuard(
        f"Loadline refused to send {quoted(str(method), 20)} {path}: {reason}. Nothing was sent. "
        f"If Loadline did this by itself, please report it as a bug."
    )
