"""Why a service is of its kind, in a sentence that a list can show, and what of that nobody has seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fleet.state.kinds import Form, Holding, StateKind, Where

_NAMED: Final = 2  # places that a sentence names


def sentence_of(kind: StateKind, counting: Sequence[Holding], *, containers: int, but: str = "") -> str:
    """`counting` are the places that count, the deciding one first. `but` says why a program that copies its data by
    itself does not count as replicated, with its name: "Cassandra …, but two members run".
    """
    if not counting:
        return "It writes to no place that has to be kept."
    first = counting[0]
    if kind is StateKind.ONE_DISK:
        return _at_risk(counting, containers) + (f" {but}" if but else "")
    if kind is StateKind.UNKNOWN:
        return _of(first) + first.reason
    copies = kind is StateKind.REPLICATED
    on = "storage that keeps copies on several machines" if copies else "storage that another machine serves"
    return f"Its state lies on {on}: {_names(counting)}."


def _at_risk(counting: Sequence[Holding], containers: int) -> str:
    lost = [one for one in counting if one.where in {Where.THIS_HOST, Where.MEMORY, Where.ONE_MACHINE}]
    said = _only_copy(lost[0])
    places = {(one.host, one.source or one.destination) for one in lost}
    hosts = {one.host for one in lost}
    if len(hosts) > 1 and containers > 1:
        return f"{said} Containers on {len(hosts)} hosts each have their own; nothing shows that these are copies."
    if len(places) > 1:
        more = len(places) - 1
        return f"{said} {'Another place' if more == 1 else f'{more} more places'} would be lost, too."
    return said


def _only_copy(one: Holding) -> str:
    if one.form is Form.LAYER or one.where is not Where.THIS_HOST:
        return _of(one) + one.reason if one.form is not Form.LAYER else one.reason
    if one.form is Form.ANONYMOUS:
        return f"A volume without a name holds {one.destination}, on {one.host} alone."
    what = "folder" if one.form is Form.BIND and not one.driver else "volume"
    return f"The {what} {one.source} lies on {one.host} alone."


def _of(one: Holding) -> str:
    """Which volume or folder a reason is about; empty for one about the container as a whole."""
    if not one.source:
        return ""
    name = f"{one.source[:12]}…" if one.form is Form.ANONYMOUS else one.source
    return f"{name} on {one.host}: "


def _names(holdings: Sequence[Holding]) -> str:
    names = list(dict.fromkeys(_with_driver(one) for one in holdings))
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _with_driver(one: Holding) -> str:
    by = one.options.get("type", "") if one.driver == "local" else one.driver
    name = f"{one.source[:12]}…" if one.form is Form.ANONYMOUS else one.source
    return f"{name} ({by})" if by else name


def proven(holdings: Sequence[Holding]) -> Iterator[str]:
    """What engines told that speaks for the kind."""
    for one in holdings:
        if one.where is not Where.UNKNOWN:
            yield _of(one) + one.reason


def assumed(kind: StateKind, holdings: Sequence[Holding]) -> Iterator[str]:
    """What the kind rests on and no engine tells."""
    if any(one.where is Where.ELSEWHERE for one in holdings):
        yield "That whoever serves the storage outlives the host; how many copies it keeps is not seen."
    if any(one.where is Where.SEVERAL for one in holdings):
        yield "That the copies are up to date and lie on machines that do not fail together."
    if any(one.options.get("Scope") == "global" for one in holdings):
        yield "That the plugin's volumes belong to all hosts, which it says itself and no table confirms."
    if any(one.form is Form.BIND and one.where is Where.THIS_HOST for one in holdings):
        yield "That a folder of the host lies on its own disk: a network file system that the host mounts is not seen."
    if kind is StateKind.STATELESS:
        yield "That what the program keeps it keeps in other services; what it sends over the network is not seen."
