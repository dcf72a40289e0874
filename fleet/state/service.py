"""Where one service keeps its state, from what each of its containers holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from fleet.state.holdings import holdings_of
from fleet.state.kinds import Form, Holding, ServiceState, StateKind, StateMember, Where
from fleet.state.replicating import LEAST, Held, Proof, family_members, proof_of
from fleet.state.sentences import assumed, proven, sentence_of
from fleet.tables import Tables
from fleet.tables.keeping import datastore_of
from fleet.tables.members import family_of

#: What is wrong with a place, the worst first: what decides a service's kind stands first among what it holds.
_ORDER: Final = (
    Where.THIS_HOST, Where.MEMORY, Where.ONE_MACHINE, Where.UNKNOWN, Where.ELSEWHERE, Where.SEVERAL, Where.NOWHERE,
)  # fmt: skip
_FORMS: Final = (Form.LAYER, Form.ANONYMOUS, Form.VOLUME, Form.CLUSTER, Form.BIND, Form.TMPFS, Form.OTHER)
_KINDS: Final = {
    Where.THIS_HOST: StateKind.ONE_DISK,
    Where.MEMORY: StateKind.ONE_DISK,
    Where.ONE_MACHINE: StateKind.ONE_DISK,
    Where.UNKNOWN: StateKind.UNKNOWN,
    Where.ELSEWHERE: StateKind.NETWORKED,
    Where.SEVERAL: StateKind.REPLICATED,
}
_NO_CONTAINER: Final = "It runs in no container, so nothing of its state was seen."
_SILENT: Final = "Not every host answered, so members may run where nobody looks."


def state_of(
    members: Sequence[StateMember], *, tables: Tables, roles: Collection[str] = (), all_hosts_answered: bool = True
) -> ServiceState:
    """Of the service whose containers these are, wherever they run; `roles` are what their labels and the policy say.

    `all_hosts_answered` is False when a host of the fleet is silent. A missing fact never makes the answer safer.
    """
    if not members:
        return ServiceState(kind=StateKind.UNKNOWN, sentence=_NO_CONTAINER, missing=(_NO_CONTAINER,))
    shared = iter(_shared([holdings_of(member, tables=tables, roles=roles) for member in members]))
    held: list[Held] = list(zip(members, shared, strict=True))
    family = family_of(members, tables.datastores)
    ring = family_members(held, tables) if family else []
    proof = proof_of(ring, tables) if any(one.counts for _, holdings in ring for one in holdings) else None
    if family and proof and not proof.faults:
        return _replicated(family.family, proof, held, ring)
    said = _put_together(held, family=family.family if family else _store_of(members, tables), proof=proof)
    if said.kind is StateKind.ONE_DISK and proof and proof.hosts < LEAST and not all_hosts_answered:
        missing = (_SILENT, *said.missing)
        return replace(said, kind=StateKind.UNKNOWN, sentence=f"{said.sentence} {_SILENT}", missing=missing)
    return said


def _replicated(family: str, proof: Proof, held: Sequence[Held], ring: Sequence[Held]) -> ServiceState:
    """Of a service whose datastore looks replicated; what else belongs to it may still lie on one disk."""
    members = {id(member) for member, _ in ring}
    others = [one for one in held if id(one[0]) not in members]
    rest = _put_together(others, family=family, proof=None)
    holdings = _ordered(one for _, each in held for one in each)
    shown = f"{family} looks replicated: {proof.said}, each with a place of its own for its data."
    copies = f"That {family} is set to keep copies of everything on other members: no engine tells that."
    machines = "That these hosts are machines of their own, which do not fail together."
    besides = [f"That nothing is lost with {path}, which no other member has." for path in proof.besides]
    if others and not rest.kind.safe:
        return replace(rest, holdings=holdings, proven=(shown, *rest.proven), assumed=(copies, machines, *rest.assumed))
    return ServiceState(
        kind=StateKind.SELF_REPLICATED,
        sentence=shown,
        holdings=holdings,
        proven=(shown,),
        assumed=(copies, machines, *besides),
        missing=_missing(holdings),
        family=family,
    )


def _put_together(held: Sequence[Held], *, family: str, proof: Proof | None) -> ServiceState:
    """The worst place decides."""
    holdings = _ordered(one for _, each in held for one in each)
    counting = [one for one in holdings if one.counts]
    kind = _KINDS[counting[0].where] if counting else StateKind.STATELESS
    but = f"{family} copies its data between members, but {proof.faults[0]}." if proof and proof.faults else ""
    return ServiceState(
        kind=kind,
        sentence=_spared(holdings) if not counting else sentence_of(kind, counting, containers=len(held), but=but),
        holdings=holdings,
        proven=tuple(dict.fromkeys(proven(counting))),
        assumed=tuple(assumed(kind, counting)),
        missing=_missing(holdings),
        family=family,
    )


def _missing(holdings: Iterable[Holding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.reason for one in holdings if one.counts and one.where is Where.UNKNOWN))


def _spared(holdings: Sequence[Holding]) -> str:
    """Of a service without state that counts."""
    lying = [one for one in holdings if one.where is not Where.NOWHERE]
    role = next((one.reason for one in lying if one.form is not Form.TMPFS and "Its role is" in one.reason), "")
    if role:
        return role[role.index("Its role is") :]
    return "It writes to nothing but memory." if lying else "It writes to no place that has to be kept."


def _store_of(members: Iterable[StateMember], tables: Tables) -> str:
    """The first datastore among them; empty without one."""
    stores = (datastore_of(member.facts, member.image, tables.datastores) for member in members)
    return next((store.name for store in stores if store), "")


def _ordered(holdings: Iterable[Holding]) -> tuple[Holding, ...]:
    """Those that count first, the worst of them before the others."""
    return tuple(
        sorted(
            holdings,
            key=lambda one: (
                not one.counts,
                _ORDER.index(one.where),
                _FORMS.index(one.form),
                one.host,
                one.container,
                one.destination,
            ),
        )
    )


def _shared(each: Sequence[tuple[Holding, ...]]) -> list[tuple[Holding, ...]]:
    """With the other containers of the service that mount the same, by container."""
    users: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for holdings in each:
        for one in holdings:
            if one.source:
                users[_key(one)].add(_name(one))
    return [
        tuple(
            replace(one, shared_with=tuple(sorted(users[_key(one)] - {_name(one)})))
            if one.source and len(users[_key(one)]) > 1
            else one
            for one in holdings
        )
        for holdings in each
    ]


def _name(one: Holding) -> str:
    return f"{one.container} on {one.host}"


def _key(one: Holding) -> tuple[str, ...]:
    """Equal for two places that are one and the same."""
    elsewhere = one.where in {Where.ELSEWHERE, Where.SEVERAL, Where.ONE_MACHINE}
    return ("", one.driver, one.source) if elsewhere else (one.host, one.driver, one.source)
