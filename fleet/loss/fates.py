"""What becomes of one service: which replicas stay, whether they are enough, and what starts again elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fleet.loss.answer import Fate, When
from fleet.loss.rescheduling import Placed, placed
from fleet.loss.stored import Case, Lost, Replica, Stored, Works
from fleet.loss.strikes import Blow, Struck, strike
from fleet.loss.words import counted, listed

_AT_ONCE: Final = (Blow.GONE, Blow.CUT)
_SAID: Final = 6  # reasons of single replicas that are told


@dataclass(frozen=True, slots=True)
class Outcome:
    """`struck` are all replicas with what strikes them; `kept` work on for certain."""

    fate: Fate
    when: When
    reasons: tuple[str, ...]
    struck: tuple[Struck, ...]
    kept: tuple[Replica, ...]


def fate_of(case: Case, lost: Lost, stored: Stored) -> Outcome:
    """At once first; what shows only when something starts again decides where it is worse."""
    struck = strike(case.replicas, lost, stored)
    now = _Count.of(case, struck, _AT_ONCE, lost, stored)
    fate, when = now.fate, When.AT_ONCE
    chosen = now
    if fate not in {Fate.DOWN, Fate.IDLE} and any(one.by(Blow.NEXT) is not False for one in struck):
        later = _Count.of(case, struck, (*_AT_ONCE, Blow.NEXT), lost, stored)
        if later.fate.rank < fate.rank:
            fate, when, chosen = later.fate, When.NEXT_START, later
    return Outcome(fate, when, _reasons(chosen, when), tuple(struck), tuple(chosen.kept))


@dataclass(frozen=True, slots=True)
class _Count:
    """The replicas of a service sorted by what becomes of them.

    `kept` work on for certain, `doubtful` may, `struck` worked, or may have, and do not any more, or may not.
    """

    case: Case
    kept: Sequence[Replica]
    doubtful: Sequence[Struck]
    struck: Sequence[Struck]
    partly: Sequence[Struck]
    placed: Placed
    before: int  # how many may work now

    @classmethod
    def of(cls, case: Case, struck: Sequence[Struck], blows: Sequence[Blow], lost: Lost, stored: Stored) -> _Count:
        kept, doubtful, hit, partly = [], [], [], []
        for one in struck:
            works, falls = one.replica.works, one.by(*blows)
            if works is Works.NO:
                continue
            if falls is not False:
                hit.append(one)
            if falls is None or (falls is False and works is Works.MAYBE):
                doubtful.append(one)
            if falls is False and works is Works.YES:
                kept.append(one.replica)
            if one.by(Blow.PARTLY) is not False:
                partly.append(one)
        gone = [one for one in hit if one.by(Blow.GONE)]
        stay = [one.replica for one in struck if not one.by(Blow.GONE)]
        elsewhere = placed(case, gone, stay, lost, stored) if case.in_swarm else Placed(0, 0, ())
        before = sum(1 for one in struck if one.replica.works is not Works.NO)
        return cls(case, kept, doubtful, hit, partly, elsewhere, before)

    @property
    def fate(self) -> Fate:
        needed = self.case.needed
        if self.before < needed:
            return Fate.IDLE
        if len(self.kept) + len(self.doubtful) + self.placed.possible < needed:
            return Fate.DOWN
        if len(self.kept) + self.placed.sure < self.case.needed_at_most:
            return Fate.UNKNOWN
        short = len(self.struck) > self.placed.sure or self.partly
        return Fate.DEGRADED if short else Fate.SURVIVES


def _reasons(count: _Count, when: When) -> tuple[str, ...]:
    """The sentence that decides, then what swarm does, then what happens to each replica."""
    fate, case = count.fate, count.case
    found = [_deciding(count, when)]
    found += [one for one in (_of_the_vote(count),) if one]
    found += count.placed.reasons
    if fate in {Fate.DOWN, Fate.UNKNOWN} and not case.in_swarm and any(one.by(Blow.GONE) for one in count.struck):
        found.append(_of_the_policy(count.struck))
    doubts = [_doubt(one) for one in count.doubtful]
    blows = [strike.reason for one in (*count.struck, *count.partly) for strike in one.strikes]
    told = list(dict.fromkeys([*doubts, *(reason for reason in blows if " is gone with " not in reason)]))
    found += told[:_SAID]
    if len(told) > _SAID:
        found.append(f"The same of {counted(len(told) - _SAID, 'other replica')}.")
    return tuple(found)


def _deciding(count: _Count, when: When) -> str:
    said = {
        Fate.IDLE: _idle,
        Fate.DOWN: _down,
        Fate.UNKNOWN: _untold,
        Fate.DEGRADED: _degraded,
        Fate.SURVIVES: _surviving,
    }
    return said[count.fate](count, when)


def _idle(count: _Count, _when: When) -> str:
    if count.before:
        return f"It has no majority now: {count.before} of {count.case.members} members work."
    return "None of its containers works now, so nothing stops." if count.case.replicas else "It has no container."


def _down(count: _Count, when: When) -> str:
    where = listed(sorted({one.replica.host for one in count.struck}))
    if count.kept:
        return f"Only {_staying(count)}{_later(when)}."
    if len(count.struck) == 1:
        verb = "runs" if when is When.AT_ONCE else "has to start again"
        return f"Its only working replica {verb} on {where}."
    every = "Both" if len(count.struck) == 2 else f"All {len(count.struck)}"  # noqa: PLR2004 - two are both
    return f"{every} of its working replicas are on {where}."


def _untold(count: _Count, _when: When) -> str:
    if count.kept:
        return f"Whether what stays is enough cannot be told; certainly {_staying(count)}{_named(count)}."
    return "Whether anything of it works on cannot be told."


def _degraded(count: _Count, when: When) -> str:
    return f"{_staying(count)}{_later(when)}{_named(count)}."


def _surviving(count: _Count, _when: When) -> str:
    if not count.struck:
        return f"None of its working replicas is struck{_named(count).replace(', on', '; they run on')}."
    if not count.kept:
        return "Everything of it starts again elsewhere."
    return f"{_staying(count)}{_named(count)}, and the others start again elsewhere."


def _staying(count: _Count) -> str:
    return f"{len(count.kept)} of {counted(count.before, 'working replica')} {_do(len(count.kept), 'stay')}"


def _named(count: _Count) -> str:
    """Where they are: a service with many replicas is read by its hosts, and the page has their names as well."""
    hosts = sorted({one.host for one in count.kept})
    return f", on {listed(hosts)}" if hosts else ""


def _later(when: When) -> str:
    return " once they start again" if when is When.NEXT_START else ""


def _do(number: int, verb: str) -> str:
    return f"{verb}s" if number == 1 else verb


def _of_the_vote(count: _Count) -> str:
    case = count.case
    if case.family is None or case.members < 2:  # noqa: PLR2004 - alone there is no vote
        return ""
    left = len(count.kept) + count.placed.sure
    enough = "a majority" if left >= case.needed else "no majority"
    told = f"{case.family.family} needs {case.needed} of its {case.members} members; {left} stay, {enough}."
    if case.family.replicates == "ring" and left >= case.needed:
        told += " Data of which most copies lay on the lost members cannot be written meanwhile."
    return told


def _of_the_policy(struck: Sequence[Struck]) -> str:
    policies = {
        one.replica.facts.restart_policy.name
        for one in struck
        if one.replica.facts is not None and one.replica.facts.restart_policy is not None
    } - {"no", ""}
    told = f" ({listed(sorted(policies))})" if policies else ""
    return f"A restart policy{told} starts a container again on its own host only."


def _doubt(one: Struck) -> str:
    replica = one.replica
    if not replica.fresh:
        return f"Whether {replica.place} works cannot be told: {replica.host} has not answered for too long."
    if replica.works is Works.MAYBE and one.by(*Blow) is False:
        health = "is still starting" if replica.health == "starting" else "does not tell its health"
        return f"{replica.place} {health}."
    return next((strike.reason for strike in one.strikes if not strike.sure), "")
