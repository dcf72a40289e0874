"""What can be said of the trust in one running image, and how it came to be said."""

# ruff: noqa: N818 - these names are read as what happened: "except Unreachable", "raise Failure"
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """Only VERIFIED is good. UNREACHABLE, NO_POLICY and UNSUPPORTED say nothing of the image."""

    VERIFIED = "verified"
    SUPERSEDED = "superseded"  # verified once under this name, which is signed for a newer image by now
    OTHER_TAG = "other-tag"  # signed by the publisher, under another tag than it runs by
    MISMATCH = "mismatch"  # the name is signed for another image
    UNSIGNED = "unsigned"
    INVALID = "invalid"
    EXPIRED = "expired"
    UNKNOWN_PUBLISHER = "unknown-publisher"  # signed, by nobody who is registered
    UNSUPPORTED = "unsupported"  # signed in a way that this version cannot read
    LOCAL = "local"  # in no registry that is known
    NO_POLICY = "no-policy"  # no trust root speaks for this name
    UNREACHABLE = "unreachable"


#: From best to worst, when several roots that fit as closely say different things.
ORDER = (
    State.VERIFIED, State.SUPERSEDED, State.OTHER_TAG, State.EXPIRED, State.UNKNOWN_PUBLISHER, State.UNSUPPORTED,
    State.UNSIGNED, State.LOCAL, State.MISMATCH, State.INVALID, State.UNREACHABLE, State.NO_POLICY,
)  # fmt: skip


#: What says nothing of the image.
GREY = frozenset({State.UNSUPPORTED, State.UNREACHABLE, State.NO_POLICY})
#: What is better or worse for who runs it: nothing known is worse than proven, and better than proven otherwise.
WORST_FIRST = (
    *(state for state in reversed(ORDER) if state not in GREY and state is not State.VERIFIED),
    State.NO_POLICY, State.UNREACHABLE, State.UNSUPPORTED, State.VERIFIED,
)  # fmt: skip


class Reason(StrEnum):
    """Why something is INVALID, or what else stands behind a state."""

    BAD_SIGNATURE = "bad-signature"
    HASH = "hash"
    THRESHOLD = "threshold"
    ROLLBACK = "rollback"
    WITHHELD = "withheld"
    OVERSIZED = "oversized"
    MALFORMED = "malformed"
    ROLE = "role"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the chain from the container to whoever registered the key: what it is, and what it is here."""

    what: str  # container, image, manifest, index, signature, key, identity, root
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`sentence` says what is and what is not proven; `valid_until` when it stops being so at the latest."""

    state: State
    sentence: str
    reason: Reason = Reason.NONE
    signer: str = ""  # fingerprint of the key, or identity
    digest: str = ""  # the one that was signed
    valid_until: datetime | None = None
    chain: tuple[Step, ...] = ()
    warnings: tuple[str, ...] = field(default=())
    retry_after: timedelta | None = None  # what a server that cannot be asked now wants

    @property
    def good(self) -> bool:
        return self.state is State.VERIFIED


class Failure(Exception):
    """Raised inside a verifier; becomes its verdict."""

    def __init__(self, state: State, sentence: str, reason: Reason = Reason.NONE) -> None:
        super().__init__(sentence)
        self.state = state
        self.reason = reason

    @classmethod
    def invalid(cls, reason: Reason, sentence: str) -> Failure:
        return cls(State.INVALID, sentence, reason)

    def verdict(self) -> Verdict:
        return Verdict(state=self.state, sentence=str(self), reason=self.reason)
