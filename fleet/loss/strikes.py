"""How one replica is struck by a loss: gone with its host, cut off from its network, or unable to start again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from fleet.inventory import ImageReference
from fleet.loss.stored import BUILT_IN_NETWORKS, Lost, Machine, Replica, Stored

_MOST_HOPS: Final = 8  # of containers that share a namespace with one another


class Blow(StrEnum):
    """What a strike does. `PARTLY` leaves the replica working without a part of what it reaches."""

    GONE = "gone"
    CUT = "cut"
    PARTLY = "partly"
    NEXT = "next"  # it runs on, and cannot be started or made anew


@dataclass(frozen=True, slots=True)
class Strike:
    """`sure` is False where a fact is missing that would tell."""

    blow: Blow
    sure: bool
    reason: str
    volume: bool = False  # whether it is a volume that cannot be reached


@dataclass(frozen=True, slots=True)
class Struck:
    """A replica with all that strikes it."""

    replica: Replica
    strikes: tuple[Strike, ...]

    def by(self, *blows: Blow) -> bool | None:
        """Whether one of the blows strikes it; None when that cannot be told."""
        found = {strike.sure for strike in self.strikes if strike.blow in blows}
        return True if True in found else None if found else False


def strike(replicas: Collection[Replica], lost: Lost, stored: Stored) -> list[Struck]:
    """Each of the replicas of one service with what strikes it. One container that two hosts tell of, because they are
    one machine registered twice, goes with either.
    """
    gone = {one.id for one in replicas if one.host in lost.hosts}
    return [Struck(one, tuple(_strikes(one, lost, stored, gone))) for one in replicas]


def _strikes(one: Replica, lost: Lost, stored: Stored, gone: Collection[str]) -> Iterator[Strike]:
    if one.host in lost.hosts:
        yield Strike(Blow.GONE, True, f"{one.short_name} is gone with {one.host}.")  # noqa: FBT003 - read as a sentence
    elif one.id in gone:
        yield Strike(Blow.GONE, True, f"{one.place} is the same container, registered twice.")  # noqa: FBT003
    if lost.networks:
        yield from _cut(one, lost, stored)
    if lost.plugins and (lost.plugin_hosts is None or one.host in lost.plugin_hosts):
        yield from _unmounted(one, lost, stored.machines.get(one.host))
    if lost.registries:
        yield from _unpulled(one, lost)


def _cut(one: Replica, lost: Lost, stored: Stored, hops: int = 0) -> Iterator[Strike]:
    prefix, _, target = (one.network_mode or "").partition(":")
    if prefix == "container" and target:
        other = stored.by_container.get((one.host, target))
        if other is None or hops > _MOST_HOPS:
            reason = f"{one.place} shares the network of {target[:12]}, of which nothing was read."
            yield Strike(Blow.CUT, False, reason)  # noqa: FBT003
            return
        for strike in _cut(other, lost, stored, hops + 1):
            yield replace(strike, reason=f"{one.place} shares the network of {other.short_name}. {strike.reason}")
        return
    if one.networks is None or (one.network_mode is None and not one.networks):
        yield Strike(Blow.CUT, False, f"Which networks {one.place} is attached to was not told.")  # noqa: FBT003
        return
    cut = [key for key in one.networks if key in lost.networks]
    if not cut:
        return
    machine = stored.machines.get(one.host)
    name = _network_name(machine, cut[0])
    rest = [_network_name(machine, key) for key in one.networks if key not in lost.networks]
    if rest:
        yield Strike(Blow.PARTLY, True, f"{one.place} loses {name} and keeps {rest[0]}.")  # noqa: FBT003
    elif one.facts is None:
        reason = f"{one.place} loses {name}, its only network; whether a port of it is published was not read."
        yield Strike(Blow.CUT, False, reason)  # noqa: FBT003
    elif _spans(machine, cut[0]) and any(port.bound for port in one.facts.ports or ()):
        # Doors of a container on an overlay lead through a bridge of its host.
        reason = f"{one.place} loses {name}, its only network, and is reached by its published port alone."
        yield Strike(Blow.PARTLY, True, reason)  # noqa: FBT003
    else:
        yield Strike(Blow.CUT, True, f"{one.place} loses {name}, its only network.")  # noqa: FBT003


def _network_name(machine: Machine | None, key: str) -> str:
    facts = (machine.networks or {}).get(key) if machine else None
    return facts.name if facts else key[:12]


def _spans(machine: Machine | None, key: str) -> bool:
    facts = (machine.networks or {}).get(key) if machine else None
    return facts is not None and facts.driver == "overlay"


def _unmounted(one: Replica, lost: Lost, machine: Machine | None) -> Iterator[Strike]:
    """A plugin is asked when a volume is mounted and when a network is joined: what runs has both already."""
    for what, driver in (*_volume_drivers(one, machine), *_network_drivers(one, machine)):
        if driver is None:
            yield Strike(Blow.NEXT, False, f"Of which driver {what} of {one.place} is was not told.")  # noqa: FBT003
        elif lost.plugin(driver):
            reason = f"{one.place} uses {what} through {driver}: it runs on, and does not start again."
            yield Strike(Blow.NEXT, True, reason, volume=what.startswith("volume"))  # noqa: FBT003


def _volume_drivers(one: Replica, machine: Machine | None) -> Iterator[tuple[str, str | None]]:
    known = machine.volumes if machine and machine.volumes is not None else {}
    if one.facts is not None and one.facts.mounts is not None:
        for mount in one.facts.mounts:
            if mount.kind in {"volume", "cluster"}:
                facts = known.get(mount.name or "")
                yield f"volume {mount.name or mount.destination}", mount.driver or (facts.driver if facts else None)
    elif one.volumes is None:
        yield "a volume", None
    else:
        for name in one.volumes:
            yield f"volume {name}", known[name].driver if name in known else None


def _network_drivers(one: Replica, machine: Machine | None) -> Iterator[tuple[str, str | None]]:
    if one.networks is None:
        yield "a network", None
        return
    known = machine.networks if machine and machine.networks is not None else {}
    for key in one.networks:
        facts = known.get(key)
        driver = facts.driver if facts else None
        if driver is None or driver not in BUILT_IN_NETWORKS:
            yield f"network {facts.name if facts else key[:12]}", driver


def _unpulled(one: Replica, lost: Lost) -> Iterator[Strike]:
    """What has its image on its host starts again without any registry."""
    reference = ImageReference.parse(one.image_reference)
    if one.image_there or (one.image_reference and (reference is None or reference.registry not in lost.registries)):
        return
    name = one.image_reference or "its image"
    if one.image_there is None or reference is None:
        yield Strike(Blow.NEXT, False, f"Whether {name} is still on {one.host} was not told.")  # noqa: FBT003
    else:
        reason = f"{name} is not on {one.host} any more: {one.short_name} cannot be made anew."
        yield Strike(Blow.NEXT, True, reason)  # noqa: FBT003
