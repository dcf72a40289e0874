"""What one signature beside an image turns out to be, and what several of them add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fleet.trust.states import Failure, Reason, State

#: Of one digest, so that nobody can keep a verifier busy.
MOST_SIGNATURES: Final = 32


@dataclass(frozen=True, slots=True)
class Found:
    """One signature. `state` is VERIFIED, UNKNOWN_PUBLISHER, UNSUPPORTED, EXPIRED or INVALID; `signer` a fingerprint
    or an identity where it is known; `source` where it lay.
    """

    state: State
    sentence: str
    signer: str = ""
    reason: Reason = Reason.NONE
    source: str = ""


def add_up(found: Iterable[Found], *, threshold: int) -> Mapping[str, Found]:
    """The good ones by signer, when they are enough. Raises Failure for what else they say.

    A bad one beside enough good ones says nothing, as anybody who can write to a registry could put it there.
    """
    all_of = list(found)
    good = {one.signer: one for one in all_of if one.state is State.VERIFIED}
    if len(good) >= threshold:
        return good
    if good:
        raise Failure.invalid(
            Reason.THRESHOLD, f"{len(good)} of {threshold} registered keys that must sign it signed it."
        )
    for state in (State.INVALID, State.EXPIRED, State.UNKNOWN_PUBLISHER, State.UNSUPPORTED):
        for one in all_of:
            if one.state is state:
                raise Failure(one.state, one.sentence, one.reason)
    raise Failure(State.UNSIGNED, "The registry has no signature of this image.")
