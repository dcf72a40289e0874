"""How the trust in an image is said and drawn: a word, a mark and a colour for each state, of which one is green."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fleet.proving import NOT_LOOKED_AT
from fleet.trust.roots import Kind
from fleet.trust.states import State


@dataclass(frozen=True, slots=True)
class Told:
    """`tone` names the mark (dashboard.templatetags.marks), `group` the part of the bar, `means` ends a sentence."""

    word: str
    tone: str
    group: str
    means: str


@dataclass(frozen=True, slots=True)
class Group:
    """States that say alike much; `tone` is the colour of its area."""

    word: str
    tone: str


#: From what is proven to what nobody was asked about. Only the first is green.
GROUPS: Final = {
    "verified": Group("Verified", "ready"),
    "disproved": Group("Disproved", "not-ready"),
    "not-proven": Group("Not proven", "at-risk"),
    "untold": Group("Cannot be told", "unknown"),
    "no-root": Group("No trust root", "stage-none"),
}
STATES: Final = {
    State.VERIFIED.value: Told("Verified", "ready", "verified", "its publisher signed this very image"),
    State.INVALID.value: Told(
        "Invalid", "not-ready", "disproved", "forged, spoiled, rolled back, or withheld after it was seen"
    ),
    State.MISMATCH.value: Told("Mismatch", "not-ready", "disproved", "the tag is signed for another image"),
    State.UNKNOWN_PUBLISHER.value: Told(
        "Unknown publisher", "at-risk", "not-proven", "signed, by nobody who is registered"
    ),
    State.UNSIGNED.value: Told("Unsigned", "at-risk", "not-proven", "the registry has no signature of it"),
    State.EXPIRED.value: Told("Expired", "at-risk", "not-proven", "what was signed has ended"),
    State.LOCAL.value: Told(
        "Local", "at-risk", "not-proven", "nothing that the registry has under the name is this image"
    ),
    State.OTHER_TAG.value: Told(
        "Other tag", "at-risk", "not-proven", "signed under another tag than the one it runs by"
    ),
    State.SUPERSEDED.value: Told(
        "Superseded", "at-risk", "not-proven", "verified once; the tag is signed for a newer image by now"
    ),
    State.UNSUPPORTED.value: Told(
        "Unsupported", "unknown", "untold", "signed in a way that this version cannot read"
    ),
    State.UNREACHABLE.value: Told(
        "Unreachable", "unknown", "untold", "who could tell did not answer, or is not registered"
    ),
    NOT_LOOKED_AT: Told("Not looked at yet", "unknown", "untold", "a trust root speaks for it; its turn has not come"),
    State.NO_POLICY.value: Told(
        "No trust root", "not-applicable", "no-root", "no publisher is registered for the name; nobody was asked"
    ),
}  # fmt: skip
KINDS: Final = {
    Kind.NOTARY: "Notary v1",
    Kind.COSIGN: "cosign",
    Kind.COSIGN_KEYLESS: "cosign without keys",
    Kind.NOTATION: "Notation",
}
#: What stands behind "invalid".
REASONS: Final = {
    "bad-signature": "The signature is not good.",
    "hash": "Something is not what its digest says.",
    "threshold": "Fewer keys signed than must.",
    "rollback": "An older set was shown than was seen before.",
    "withheld": "Something that was there before, or that signed lists name, is gone.",
    "oversized": "Something is larger than it may be.",
    "malformed": "Something cannot be read.",
    "role": "A key signed for a role that is not its own.",
}
_ENGINE: Final = "The engine is believed in one thing: that the containers run this image ID."
_CONTENT: Final = "Nothing is said of what is in the image, or of whether holes in it are known."
_TAG_FREE: Final = (
    "That it is the newest: the signature binds neither a tag nor a date, so an old signed image under a new tag is "
    "verified, too."
)  # fmt: skip
_TAG_BOUND: Final = (
    "That it is the newest beyond that date: whoever withholds a newer list is found out when this one ends."
)  # fmt: skip


def proven(state: str, kind: Kind | None, publisher: str, tag: str) -> tuple[list[str], list[str]]:
    """What is proven and what is not, in sentences. Signed is not current, and never said so."""
    if state == State.VERIFIED:
        signed = f"The key that is registered for {publisher} signed exactly this image"
        if kind is Kind.NOTARY:
            return [f"{signed}, under the tag {tag}." if tag else f"{signed}."], [_TAG_BOUND, _ENGINE, _CONTENT]
        return [f"{signed}."], [_TAG_FREE, _ENGINE, _CONTENT]
    if state == State.OTHER_TAG:
        return [f"The key that is registered for {publisher} signed exactly this image."], [
            f"That it is what the publisher means by {tag or 'this tag'}.",
            _ENGINE,
        ]
    if state == State.SUPERSEDED:
        return [f"It was verified before, and {publisher} has signed the tag for a newer image since."], [
            "That the publisher still stands by it.",
            _ENGINE,
        ]
    return [], [_NOT_PROVEN.get(state, "Whose image this is."), _ENGINE]


_NOT_PROVEN: Final = {
    State.INVALID.value: "Whose image this is: what was offered as proof does not hold, as with a forged one.",
    State.MISMATCH.value: "Whose image this is; the publisher means another one by this tag.",
    State.UNREACHABLE.value: "Anything: nobody who knows could be asked, which says nothing for or against it.",
    NOT_LOOKED_AT: "Anything yet, which says nothing for or against it.",
    State.NO_POLICY.value: "Anything: no publisher is registered whose keys it could be held against.",
    State.UNSUPPORTED.value: "Anything: there is a signature, and this version of Loadline cannot read it.",
}
