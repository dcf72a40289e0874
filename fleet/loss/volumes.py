"""What data are lost with hosts: every volume on them, folders that containers write to, and their own layers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from fleet.loss.answer import StateLost, VolumeLoss
from fleet.loss.fates import Outcome
from fleet.loss.stored import Case, Lost, Machine, Replica, Stored
from fleet.loss.strikes import Blow
from fleet.state import Form, Holding

_SHORT = 12  # digits of an id that people compare
_ORDER = {True: 0, None: 1, False: 2}


def volumes_of(stored: Stored, lost: Lost) -> tuple[VolumeLoss, ...]:
    """Of each lost host; those that are lost first, then those of which nobody can tell."""
    users: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    folders: dict[tuple[str, str], VolumeLoss] = {}
    reasons: dict[tuple[str, str], str] = {}
    for case, one, held in _held(stored.cases, lost):
        if held.form in {Form.VOLUME, Form.ANONYMOUS, Form.CLUSTER} and held.source:
            users[one.host, held.source].add(case.name)
            reasons.setdefault((one.host, held.source), held.reason)
        elif held.counts and held.form in {Form.BIND, Form.LAYER}:
            name = held.source if held.form is Form.BIND else f"the layer of {one.name}"
            users[one.host, name].add(case.name)
            size = one.facts.size_rw if held.form is Form.LAYER and one.facts else None
            folders[one.host, name] = VolumeLoss(
                name=name,
                host=one.host,
                kind=held.form.value,
                driver="",
                lost=None if held.survives is None else not held.survives,
                reason=held.reason,
                size=size,
            )
    found = [
        _volume(name, machine, reasons.get((machine.name, name)))
        for machine in (stored.machines[host] for host in sorted(lost.hosts) if host in stored.machines)
        for name in machine.volumes or ()
    ]
    every = [*found, *folders.values()]
    named = [_used(one, users[one.host, one.name]) for one in every]
    return tuple(sorted(named, key=lambda one: (_ORDER[one.lost], not one.services, one.host, one.name)))


def _held(cases: Iterable[Case], lost: Lost) -> Iterator[tuple[Case, Replica, Holding]]:
    for case in cases:
        for one in case.replicas:
            if one.host in lost.hosts:
                for held in one.holdings or ():
                    yield case, one, held


def _used(one: VolumeLoss, services: Iterable[str]) -> VolumeLoss:
    return VolumeLoss(
        name=one.name,
        host=one.host,
        kind=one.kind,
        driver=one.driver,
        lost=one.lost,
        reason=one.reason,
        services=tuple(sorted(services)),
        size=one.size,
    )


def _volume(name: str, machine: Machine, reason: str | None) -> VolumeLoss:
    facts = (machine.volumes or {})[name]
    survives = (machine.keeps or {}).get(name)
    said = {
        True: "Other hosts reach it.",
        False: "It lies on the disk of its host.",
        None: "Where its data lie is not known.",
    }
    return VolumeLoss(
        name=name,
        host=machine.name,
        kind="volume",
        driver=facts.driver or "",
        lost=None if survives is None else not survives,
        reason=reason or said[survives],
        size=facts.size,
    )


def state_of_loss(case: Case, outcome: Outcome) -> tuple[StateLost, tuple[str, ...]]:
    """Whether the service loses data for good, with the evidence. Only the loss of a host takes data with it."""
    gone = [one.replica for one in outcome.struck if one.by(Blow.GONE)]
    found: dict[StateLost, list[str]] = {answer: [] for answer in StateLost}
    for one in gone:
        _look(one, found)
    copies = case.family if case.members > 1 and len(outcome.kept) >= case.needed else None
    behind = [strike.reason for one in outcome.struck for strike in one.strikes if strike.volume]
    if copies and not behind and (missed := found[StateLost.YES] + found[StateLost.UNKNOWN]):
        told = f"{copies.family} keeps copies on the members that stay, unless it was told otherwise."
        return StateLost.NO, (told, *missed[:3])
    if behind:
        found[StateLost.UNKNOWN] += ["Whether the data behind the plugin are lost with it is not seen.", behind[0]]
    for answer in StateLost:
        if found[answer]:
            return answer, tuple(dict.fromkeys(found[answer]))[:4]
    return StateLost.NO, ("Nothing of it on what is lost keeps data." if gone else "No disk of it is lost.",)


def named(held: Holding) -> str:
    """What holds the data; of what the engine named itself, the beginning."""
    name = held.source or held.destination
    return f"volume {name[:12]}…" if held.form is Form.ANONYMOUS and len(name) > _SHORT else name


def _look(one: Replica, found: Mapping[StateLost, list[str]]) -> None:
    if one.holdings is None:
        found[StateLost.UNKNOWN].append(f"What {one.place} keeps was not read.")
        return
    for held in one.holdings:
        if not held.counts:
            continue
        answer = {False: StateLost.YES, None: StateLost.UNKNOWN, True: StateLost.NO}[held.survives]
        found[answer].append(f"{named(held)} ({held.destination} in {one.place}): {held.reason}")
