"""COSE_Sign1 as Notation writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import cbor2

from fleet.trust.errors import Malformed

_SIGN1: Final = 18  # the tag of COSE_Sign1
_ALG, _CRIT, _CTY, _X5CHAIN = 1, 2, 3, 33
_ALGORITHMS: Final = {-37: "PS256", -38: "PS384", -39: "PS512", -7: "ES256", -35: "ES384", -36: "ES512"}
_MAP: Final = 5  # CBOR's major type
_SHORT: Final = 24


@dataclass(frozen=True, slots=True)
class Sign1:
    """`message` is the Sig_structure that is signed; `headers` are the protected ones that have names."""

    algorithm: str
    headers: Mapping[str, Any]
    critical: tuple[Any, ...]
    content_type: str
    payload: bytes
    message: bytes
    signature: bytes
    chain: tuple[bytes, ...]


def read_cose(body: bytes) -> Sign1:
    """Raises Malformed."""
    document = _load(body)
    if not isinstance(document, cbor2.CBORTag) or document.tag != _SIGN1:
        raise Malformed("it is no COSE_Sign1")
    parts = document.value
    if not isinstance(parts, list | tuple) or len(parts) != 4:  # noqa: PLR2004 - RFC 9052, 4.2
        raise Malformed("it has not four parts")
    protected, outer, payload, signature = parts
    if not all(isinstance(one, bytes) for one in (protected, payload, signature)) or not isinstance(outer, Mapping):
        raise Malformed("its parts are of other kinds than they must be")
    headers = _load(protected)
    if not isinstance(headers, Mapping) or len(headers) != _length_of_map(protected):
        raise Malformed("its protected headers are no map, or name one thing twice")
    algorithm, critical, kind = headers.get(_ALG), headers.get(_CRIT), headers.get(_CTY)
    if algorithm not in _ALGORITHMS or not isinstance(critical, list | tuple) or not isinstance(kind, str):
        raise Malformed("its headers do not say how it was signed")
    chain = outer.get(_X5CHAIN)
    certificates = [chain] if isinstance(chain, bytes) else chain
    if not isinstance(certificates, list | tuple) or not all(isinstance(one, bytes) for one in certificates):
        raise Malformed("it has no chain of certificates")
    message = cbor2.dumps(["Signature1", protected, b"", payload])
    named = {name: value for name, value in headers.items() if isinstance(name, str)}
    critical = tuple(one for one in critical if one != _CTY)
    return Sign1(_ALGORITHMS[algorithm], named, critical, kind, payload, message, signature, tuple(certificates))


def _load(body: bytes) -> Any:
    stream = BytesIO(body)
    try:
        document = cbor2.load(stream)
    except (cbor2.CBORError, ValueError, TypeError, RecursionError, OverflowError, MemoryError) as error:
        raise Malformed(f"it cannot be read as CBOR: {type(error).__name__}") from error
    if stream.read(1):
        raise Malformed("something follows the CBOR")
    return document


def _length_of_map(body: bytes) -> int:
    """How many pairs it says that it has: one name twice leaves fewer in the map that was read."""
    if not body or body[0] >> 5 != _MAP or (body[0] & 31) >= _SHORT:
        raise Malformed("its protected headers are no short map")
    return body[0] & 31
