"""For how long what was found out is believed, and when it is looked at again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fleet.trust.roots import Kind
from fleet.trust.states import State

#: How long a verdict keeps after it was due to be looked at again and nobody could.
GRACE: Final = timedelta(hours=24)
#: Signatures that bind no tag change seldom; the signed tags of a Notary repository cost one request to look at.
_SIGNED: Final = timedelta(hours=24)
_TAGS: Final = timedelta(hours=1)
_UNSIGNED: Final = timedelta(hours=1)
_INVALID: Final = timedelta(minutes=15)
_FIRST_RETRY: Final = timedelta(minutes=5)
_LAST_RETRY: Final = timedelta(hours=6)
_SOONEST: Final = timedelta(minutes=1)
#: By how much clocks of two machines may differ. What is dated later than that, a wrong clock dated, and nobody knows
#: when it was.
SKEW: Final = timedelta(minutes=5)
#: Of an interval, so that what was asked together is not asked together for ever.
_SPREAD: Final = 0.2
#: Whatever time passes.
_STAY: Final = frozenset({State.INVALID, State.UNREACHABLE})


@dataclass(frozen=True, slots=True)
class Aged:
    """What may be said now. `fresh` is False for what is said only because nobody could look again."""

    state: State
    sentence: str
    fresh: bool


def interval(state: State, kind: Kind) -> timedelta:
    """Until a verdict is looked at again."""
    if state is State.INVALID:
        return _INVALID
    if state is State.VERIFIED:
        return _TAGS if kind is Kind.NOTARY else _SIGNED
    return _TAGS if kind is Kind.NOTARY else _UNSIGNED


def due_after(state: State, kind: Kind, *, key: str, valid_until: datetime | None, now: datetime) -> datetime:
    """When to look again at what was found out now; not later than its own end, and spread by `key`."""
    due = now + spread(interval(state, kind), key)
    if valid_until is not None and now < valid_until < due:
        return max(valid_until, now + _SOONEST)
    return due


def is_too_old(checked_at: datetime, every: timedelta, now: datetime) -> bool:
    """Whether what is looked at `every` so often is no longer said when nobody can be asked; nor is what a wrong clock
    dated.
    """
    return now >= checked_at + every + GRACE or is_ahead(checked_at, now)


def spread(interval: timedelta, key: str) -> timedelta:
    """Up to a fifth less, the same for the same key."""
    return interval * (1 - _SPREAD * _fraction(key))


def retry_after(failures: int, *, key: str, asked: timedelta | None, now: datetime) -> datetime:
    """When to try again after so many tries in a row that came to nothing; never sooner than the server `asked`."""
    doubled = min(_FIRST_RETRY * float(2 ** min(max(failures, 1) - 1, 12)), _LAST_RETRY)
    return now + max(doubled * (1 + _SPREAD * _fraction(key)), asked or timedelta())


def aged(
    *,
    state: State,
    sentence: str,
    kind: Kind,
    checked_at: datetime,
    valid_until: datetime | None,
    obstacle: str,
    now: datetime,
) -> Aged:
    """What a stored verdict of `checked_at` says now. `obstacle` is why it could not be looked at again since.

    What is invalid stays so until somebody could look: whoever was caught cannot get out of it by falling silent. What
    is dated ahead of now is believed no more than what is too old, else it would stay fresh until then.
    """
    if is_ahead(checked_at, now) and state not in _STAY:
        dated = f"It was {state.value} on {checked_at:%Y-%m-%d at %H:%M} UTC, which is yet to come"
        why = "a worker’s clock is wrong, or this machine’s"
        return Aged(State.UNREACHABLE, f"{dated}: {why}. It is due again.", fresh=False)
    end = ends(state=state, kind=kind, checked_at=checked_at, valid_until=valid_until)
    if end is None or now < end:
        return Aged(state, sentence, fresh=not obstacle)
    last = f"On {checked_at:%Y-%m-%d at %H:%M} UTC it was {state.value}."
    why = obstacle or "It was not looked at again in time."
    return Aged(State.UNREACHABLE, f"{why} {last}", fresh=False)


def ends(*, state: State, kind: Kind, checked_at: datetime, valid_until: datetime | None) -> datetime | None:
    """When a verdict may not be said any more unless somebody looked again; None for one that stays."""
    if state in _STAY:
        return None
    end = checked_at + interval(state, kind) + GRACE
    if valid_until is not None and valid_until < end and state is not State.EXPIRED:
        return valid_until
    return end


def is_ahead(moment: datetime, now: datetime) -> bool:
    """Whether that was written by a clock which is wrong, or this one is."""
    return moment > now + SKEW


def _fraction(key: str) -> float:
    """Of one, the same for the same key."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) / 2**32
