"""The chain from containers to whoever registered a key, step by step, and where it broke."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dashboard.trust import short_digest
from fleet.models import TrustResult
from fleet.proving import NOT_LOOKED_AT, Known, chain_of
from fleet.trust.names import is_digest
from fleet.trust.states import State

_HOLDS: Final = "holds"
_BROKE: Final = "broke"
_OPEN: Final = "open"
_MISSING: Final = "missing"
_TITLES: Final = {
    "containers": "Containers",
    "image": "Image ID",
    "manifest": "Manifest",
    "index": "Index",
    "signature": "Signature",
    "key": "Key",
    "root": "Trust root",
    "person": "Registered by",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One step. `state`: it holds, it broke here, it could not be told (open), or it was not come to (missing)."""

    what: str
    title: str
    state: str
    value: str = ""  # whole; a digest is drawn short
    note: str = ""
    at: datetime | None = None

    @property
    def is_digest(self) -> bool:
        return is_digest(self.value)

    @property
    def tone(self) -> str:
        """The name of its mark."""
        return {_HOLDS: "ready", _BROKE: "not-ready", _OPEN: "unknown", _MISSING: "not-applicable"}[self.state]

    @property
    def word(self) -> str:
        return {_HOLDS: "Holds", _BROKE: "Broke here", _OPEN: "Not told", _MISSING: "Not come to"}[self.state]


def chain(known: Known, containers: str) -> list[Link]:
    """From what runs up to who vouches for the key. What an engine says is believed and not proven, and holds."""
    top = known.shown.result
    proven = list(_proven(known, top, containers))
    if known.state == State.VERIFIED and top is not None:
        return [*proven, _registered_by(top)]
    what, note = _break(known)
    broke = Link(what=what, title=_TITLES[what], state=_break_state(known.state), note=note)
    # A root that was found on the way says who was asked; it vouches for nothing here.
    kept = [link for link in proven if link.what not in {"root", what}]
    return [*kept, broke, *_beyond(kept, broke)]


def _proven(known: Known, top: TrustResult | None, containers: str) -> Iterator[Link]:
    yield Link(what="containers", title=_TITLES["containers"], state=_HOLDS, value=containers,
               note=f"run it as {short_digest(known.called)}")  # fmt: skip
    # The chain is of the last verdict: of one that is not said any more, nothing holds now.
    steps = chain_of(top) if top is not None and known.state == top.state else ()
    if not any(step.what == "image" for step in steps):
        yield Link(what="image", title=_TITLES["image"], state=_HOLDS, value=known.image_id,
                   note="what the engine says that they run")  # fmt: skip
    if known.state == State.UNSIGNED and not steps:
        note = "the registry has this very image"
        yield Link(what="manifest", title=_TITLES["manifest"], state=_HOLDS, note=note)
    if known.state == State.UNKNOWN_PUBLISHER and not steps:
        yield Link(
            what="signature", title=_TITLES["signature"], state=_OPEN, note="there is one; whose, nobody can tell"
        )
    for step in steps:
        yield Link(what=step.what, title=_TITLES.get(step.what, step.what.capitalize()), state=_HOLDS,
                   value=step.value, note=step.note)  # fmt: skip


def _registered_by(top: TrustResult) -> Link:
    version = top.version
    return Link(
        what="person",
        title=_TITLES["person"],
        state=_HOLDS,
        value=version.author_name or "somebody whose account is gone",
        note=f"made version {version.number}",
        at=version.made_at,
    )


#: Where the chain ends by each state, and why, where the result has no sentence of its own.
_BREAKS: Final[Mapping[str, str]] = {
    State.LOCAL.value: "manifest",
    State.UNREACHABLE.value: "manifest",
    NOT_LOOKED_AT: "manifest",
    State.UNSIGNED.value: "signature",
    State.INVALID.value: "signature",
    State.MISMATCH.value: "signature",
    State.SUPERSEDED.value: "signature",
    State.OTHER_TAG.value: "signature",
    State.EXPIRED.value: "signature",
    State.UNSUPPORTED.value: "signature",
    State.UNKNOWN_PUBLISHER.value: "key",
    State.NO_POLICY.value: "root",
}
_OPEN_STATES: Final = {
    State.UNREACHABLE.value, NOT_LOOKED_AT, State.UNSUPPORTED.value, State.NO_POLICY.value,
}  # fmt: skip
_ORDER: Final[Sequence[str]] = ("manifest", "signature", "key", "root", "person")


def _break(known: Known) -> tuple[str, str]:
    return _BREAKS[known.state], known.shown.sentence


def _break_state(state: str) -> str:
    return _OPEN if state in _OPEN_STATES else _BROKE


def _beyond(kept: Sequence[Link], broke: Link) -> Iterator[Link]:
    """What would have had to hold besides. Without a root the steps between were not looked at either."""
    there = {link.what for link in kept} | {broke.what}
    yield from (
        Link(what=what, title=_TITLES[what], state=_MISSING)
        for what in _ORDER[_ORDER.index(broke.what) :]
        if what not in there
    )
