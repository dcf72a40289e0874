"""What goes wrong between a question and its proof; every reader and verifier raises one of these."""

# ruff: noqa: N818 - these names are read as what happened: "except Unreachable", "raise Failure"
from __future__ import annotations

from datetime import timedelta


class TrustError(Exception):
    """The base of all. `str()` is one sentence that a person can read."""


class Refused(TrustError):
    """Nothing was asked: the name, the address or the answer's wish is one that Loadline does not follow."""


class Unreachable(TrustError):
    """No answer that says anything about the image: time-out, refused connection, 401, 403, 429, 5xx.

    `retry_after` is what the server asked for, or None.
    """

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotFound(TrustError):
    """The server answered that it has none of that."""


class TooLarge(TrustError):
    """More bytes came than were signed for, or than any such document has."""


class Malformed(TrustError):
    """What came is not what it claims to be: no JSON, two members of one name, too deep, a wrong type."""


class BadDigest(TrustError):
    """The server returned other bytes than it was asked for."""


class UnusableKey(TrustError):
    """Not public material that signatures can be verified with; a private key, above all."""
