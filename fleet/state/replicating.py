"""Whether a datastore that replicates by itself looks as if it did: members on hosts and places of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fleet.inventory.places import within
from fleet.state.kinds import Form, Holding, StateMember, Where
from fleet.tables import Tables
from fleet.tables.keeping import datastore_of, image_name_of

#: Members on hosts of their own that a program needs to keep its data when one host is lost: of two that disagree,
#: nobody knows which is right.
LEAST: Final = 3
_KEPT: Final = frozenset({Form.BIND, Form.VOLUME, Form.CLUSTER})
_SOMEWHERE: Final = frozenset({Where.THIS_HOST, Where.ONE_MACHINE, Where.ELSEWHERE, Where.SEVERAL})

#: A container of the service with what it holds.
Held = tuple[StateMember, tuple[Holding, ...]]


@dataclass(frozen=True, slots=True)
class Proof:
    """`faults` say why it does not look replicated, each as what stands behind "but"; empty when it does.

    `besides` are paths of members that no copy is made of.
    """

    members: int
    hosts: int
    faults: tuple[str, ...]
    besides: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        return f"{self.members} members on {self.hosts} hosts"


def family_members(held: Sequence[Held], tables: Tables) -> list[Held]:
    """Those whose image is of a family that replicates by itself."""
    found = []
    for one in held:
        reference = image_name_of(one[0].facts, one[0].image)
        known = tables.datastores.known(reference) if reference else None
        if known and known.replicates:
            found.append(one)
    return found


def proof_of(held: Sequence[Held], tables: Tables) -> Proof:
    """Of all members of one family; those that do not run hold no copy that anybody could use."""
    running = [one for one in held if one[0].facts.running]
    machines = Counter(member.node_id or member.host for member, _ in running)
    faults = [*_spread(machines, len(running)), *_places(running, tables)]
    besides = dict.fromkeys(path for member, holdings in running for path in _besides(member, holdings, tables))
    return Proof(len(running), len(machines), tuple(dict.fromkeys(faults)), tuple(besides))


def _spread(machines: Counter[str], total: int) -> Iterator[str]:
    """What speaks against losing any one host."""
    if len(machines) < LEAST:
        members = "one member runs" if total == 1 else f"{total} members run" if total else "no member runs"
        hosts = f" on {len(machines)} host{'s' if len(machines) > 1 else ''}" if total else ""
        yield f"{members}{hosts}, and it takes {LEAST} of each"
    else:
        crowded = sorted(machine for machine, number in machines.items() if 2 * (total - number) <= total)
        if crowded:
            yield f"half of its members or more run on {crowded[0]}"


def _places(running: Sequence[Held], tables: Tables) -> Iterator[str]:
    """What speaks against each member having a place of its own for its data."""
    used: Counter[tuple[str, str]] = Counter()
    for member, holdings in running:
        places = _data_places(member, holdings, tables)
        if isinstance(places, str):
            yield places
            continue
        used.update({_key(one) for one in places})
    shared = sorted(name for (_, name), number in used.items() if number > 1)
    if shared:
        yield f"two members share {shared[0]}"


def _data_places(member: StateMember, holdings: Sequence[Holding], tables: Tables) -> list[Holding] | str:
    """What holds the member's data; or what is wrong with that."""
    name = member.facts.name
    doubt = next((one for one in holdings if one.form is Form.OTHER and one.destination == "/" and one.counts), None)
    if doubt:
        return f"of {name} too little is known"
    store = datastore_of(member.facts, member.image, tables.datastores)
    places: list[Holding] = []
    for path in store.directories if store else ():
        place = _over(path, holdings)
        if place is None and store and store.movable:
            place = next((one for one in holdings if _keeps(one)), None)
        if place is None or not _keeps(place):
            return f"{name} has no volume of its own for {path}"
        places.append(place)
    return places or f"where {name} keeps its data is not known"


def _over(path: str, holdings: Sequence[Holding]) -> Holding | None:
    """The deepest mount over a path."""
    mounts = [one for one in holdings if one.form not in {Form.LAYER, Form.OTHER} and within(path, one.destination)]
    return max(mounts, key=lambda one: len(one.destination.rstrip("/")), default=None)


def _keeps(one: Holding) -> bool:
    return one.form in _KEPT and one.counts and one.where in _SOMEWHERE


def _key(one: Holding) -> tuple[str, str]:
    """Equal for two places that are one and the same."""
    return (one.host if one.where is Where.THIS_HOST else one.driver, one.source)


def _besides(member: StateMember, holdings: Sequence[Holding], tables: Tables) -> Iterator[str]:
    """Places with state outside of the data directories, of which no other member has a copy."""
    store = datastore_of(member.facts, member.image, tables.datastores)
    if store is None or store.movable:
        return
    over = {id(_over(path, holdings)) for path in store.directories}
    for one in holdings:
        if _keeps(one) and one.where is Where.THIS_HOST and id(one) not in over:
            yield one.destination
