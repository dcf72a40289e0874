"""What one signature beside an image turns out to be, and what several of them add up to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fleet.trust.asking import NOT_IN_REGISTRY, Asked, bound_candidates
from fleet.trust.states import Failure, Reason, State
from fleet.trust.subject import Bound

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
    valid_until: datetime | None = None


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


def first_signed(asked: Asked, signatures: Callable[[Asked, str], Iterable[Found]]) -> tuple[Bound, str, list[Found]]:
    """The way from what runs to the first digest on it that enough keys signed, that digest, and their signatures.

    Raises Failure with the first thing that was said of any digest otherwise.
    """
    failures: list[Failure] = []
    for path in bound_candidates(asked):
        for digest in path.digests:
            try:
                good = add_up(signatures(asked, digest), threshold=asked.root.threshold)
            except Failure as failure:
                failures.append(failure)
            else:
                return path, digest, list(good.values())
    if not failures:
        raise Failure(State.LOCAL, NOT_IN_REGISTRY)
    said = next((one for one in failures if one.state is not State.UNSIGNED), failures[0])
    if said.state is State.UNSIGNED and asked.verified_before.intersection(asked.subject.candidates):
        raise Failure.invalid(Reason.WITHHELD, "The signature that it was verified by before is not there any more.")
    raise said


def broken(sentence: str, reason: Reason, source: str, *, signer: str = "") -> Found:
    """A signature that is none; `sentence` without capital and full stop."""
    return Found(State.INVALID, f"{sentence[:1].upper()}{sentence[1:]}.", signer, reason, source)
