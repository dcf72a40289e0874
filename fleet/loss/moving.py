"""Where the containers of a service could be started when their hosts are lost, and what stops them elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from fleet.inventory import ContainerFacts, ImageReference, NetworkFacts
from fleet.inventory.paths import is_engine_socket
from fleet.loss.answer import Move, Moving
from fleet.loss.stored import Case, Lost, Machine, Replica, Stored
from fleet.loss.volumes import named
from fleet.loss.words import counted, listed

#: Networks whose addresses belong to the wire that the host is on.
_OF_A_WIRE: Final = frozenset({"macvlan", "ipvlan"})
#: Networks that engines have from the start, and the labels of those that compose makes.
_EVERYWHERE: Final = frozenset({"bridge", "docker_gwbridge", "host", "none", "podman"})
_OF_COMPOSE: Final = ("com.docker.compose.network", "com.docker.compose.project", "io.podman.compose.project")
_EVERY_ADDRESS: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - what an engine said, bound by nobody here
#: An engine's word for an architecture and an image's.
_SAME: Final = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}
_MOST_STOPS: Final = 6
_MOST_ALIKE: Final = 3  # hosts of which what stops it there is said


def move_of(case: Case, replicas: Sequence[Replica], lost: Lost, stored: Stored) -> Move:
    """Of replicas that are lost; what stops one of them stops the service from being whole again."""
    read = [(one, one.facts) for one in replicas if one.facts is not None]
    if len(read) < len(replicas) or not read:
        return Move(moving=Moving.UNKNOWN, stops=("What it needs of its host was not read.",))
    behind = list(dict.fromkeys(text for one, _ in read for text in _left_behind(one)))
    bound = list(dict.fromkeys(text for one, facts in read for text in _bound(one, facts, stored)))
    places = _places(replicas, stored)
    if not places:
        told = "No other host of its environment answers, so there is nowhere to try."
        return Move(moving=Moving.UNKNOWN, stops=(told, *bound, *behind)[:_MOST_STOPS])
    refusals = {
        place.name: [
            text
            for one, facts in read
            for text in (
                *_refused(one, facts, place, lost),
                *_without_network(facts, stored.machines.get(one.host), place),
            )
        ]
        for place in places
    }
    able = tuple(name for name, texts in refusals.items() if not texts)
    stops = [*bound, *([] if able else _common(refusals)), *behind]
    if bound or not able:
        return Move(moving=Moving.NO, stops=tuple(stops[:_MOST_STOPS]))
    doubts = {
        name: [text for one, facts in read for text in _untold(one, facts, stored.machines, name)] for name in able
    }
    free = tuple(name for name, texts in doubts.items() if not texts)
    if not free:
        doubtful = list(dict.fromkeys(texts[0] for texts in doubts.values()))[:_MOST_ALIKE]
        return Move(moving=Moving.UNKNOWN, hosts=able, stops=(*doubtful, *behind)[:_MOST_STOPS])
    return _with_data([one for one, _ in read], free, behind)


def _with_data(replicas: Sequence[Replica], free: tuple[str, ...], behind: Sequence[str]) -> Move:
    """To hosts that lack nothing: whether what it keeps is there as well."""
    if behind:
        return Move(moving=Moving.EMPTY, hosts=free, stops=tuple(behind[:_MOST_STOPS]))
    unknown = any(held.counts and held.survives is None for one in replicas for held in one.holdings or ())
    if unknown or any(one.holdings is None for one in replicas):
        return Move(
            moving=Moving.UNKNOWN, hosts=free, stops=("Whether its data can be reached from there is not known.",)
        )
    return Move(moving=Moving.WITH_STATE, hosts=free)


def _places(replicas: Sequence[Replica], stored: Stored) -> list[Machine]:
    """Of the candidates those of the environments that the replicas were in."""
    environments = {stored.machines[one.host].environment for one in replicas if one.host in stored.machines}
    there = [stored.machines[name] for name in stored.candidates if name in stored.machines]
    return [one for one in there if one.environment in environments]


def _left_behind(one: Replica) -> Iterator[str]:
    for held in one.holdings or ():
        if held.counts and held.survives is False:
            yield f"{named(held)} stays behind: {held.reason}"


def _bound(one: Replica, facts: ContainerFacts, stored: Stored) -> Iterator[str]:
    """What ties it to the machine it is on, wherever it would go."""
    if facts.devices:
        yield f"{one.short_name} uses the device {listed([device.host_path for device in facts.devices])}."
    sockets = [mount.source for mount in facts.mounts or () if mount.source and is_engine_socket(mount.source)]
    if sockets:
        yield f"{one.short_name} speaks to the engine it runs on ({sockets[0]}), and would see another one."
    if facts.pid_mode == "host":
        yield f"{one.short_name} looks at the processes of its host (--pid host)."
    prefix, _, target = (facts.network_mode or "").partition(":")
    other = stored.by_container.get((one.host, target)) if prefix == "container" else None
    if prefix == "container":
        named = other.short_name if other else target[:12]
        yield f"{one.short_name} shares the network of {named} and has to move with it."
    if facts.links:
        yield f"{one.short_name} is linked to containers of its own host."
    machine = stored.machines.get(one.host)
    for attached in facts.networks or ():
        network = (machine.networks or {}).get(attached.network_id or attached.name) if machine else None
        if network is not None and network.driver in _OF_A_WIRE:
            wire = f"{network.name} ({network.driver}), which belongs to its host's wire"
            yield f"{one.short_name} has an address on {wire}."
        elif attached.static_address and not facts.swarm_task:
            yield f"{one.short_name} has the fixed address {attached.static_address} on {attached.name}."


def _refused(one: Replica, facts: ContainerFacts, place: Machine, lost: Lost) -> Iterator[str]:
    """What this very host lacks, or has in the way."""
    built, machine = one.image.architecture if one.image else None, place.architecture
    if built and machine and _SAME.get(built, built) != _SAME.get(machine, machine):
        yield f"{place.name} is {machine}, and the image that {one.short_name} runs is built for {built}."
    if facts.device_requests and not _has_gpu(place):
        yield f"{one.short_name} asks for a GPU, of which {place.name} tells nothing."
    if place.runtimes is not None and facts.runtime and facts.runtime not in {*place.runtimes, "runc"}:
        yield f"{place.name} has no runtime {facts.runtime}."
    yield from _plugins(one, facts, lost)
    reference = ImageReference.parse(one.image_reference)
    there = place.images is not None and bool({one.image_id, one.image_reference} & place.images)
    if not there and reference is not None and reference.registry in lost.registries:
        yield f"{one.image_reference} is not on {place.name}, and its registry is lost."
    if not there and _made_here(one):
        yield f"The image of {one.short_name} came from no registry, and is not on {place.name}."
    for port in facts.ports or ():
        wanted = port.host_port
        if wanted is not None and _taken(port.host_ip, wanted, port.protocol, place):
            yield f"Port {wanted}/{port.protocol} is taken on {place.name}."


def _without_network(facts: ContainerFacts, home: Machine | None, place: Machine) -> Iterator[str]:
    """Networks that it would be started on and that are not there. Compose makes those of its project itself, and a
    swarm those of its tasks; what somebody made by hand has to be made there by hand as well.
    """
    for network in _lacking(facts, home, place):
        if network.scope == "swarm" and place.node_id is not None:
            yield f"{place.name} is not in the swarm that the network {network.name} belongs to."
        elif network.scope != "swarm" and network.labels is not None:
            made = f"docker network create {network.name}"
            yield f"{place.name} has no network {network.name}, which was made by hand: {made} there first."


def _lacking(facts: ContainerFacts, home: Machine | None, place: Machine) -> Iterator[NetworkFacts]:
    """Networks of its own host that the other one does not have and that nothing makes there, as far as is told."""
    if facts.swarm_task or home is None or place.networks is None:
        return
    for attached in facts.networks or ():
        network = (home.networks or {}).get(attached.network_id or attached.name)
        if network is None or network.name in _EVERYWHERE or network.driver in _OF_A_WIRE:
            continue
        if network.name not in place.networks and not any(name in (network.labels or {}) for name in _OF_COMPOSE):
            yield network


def _has_gpu(place: Machine) -> bool:
    return any("nvidia" in name for name in place.runtimes or ())


def _plugins(one: Replica, facts: ContainerFacts, lost: Lost) -> Iterator[str]:
    for driver in _drivers(facts):
        if lost.plugin(driver):
            yield f"{one.short_name} needs {driver}, which is lost."


def _untold(one: Replica, facts: ContainerFacts, machines: Mapping[str, Machine], name: str) -> Iterator[str]:
    """What this host may lack. An engine names a plugin that is no managed one from its first use on."""
    place = machines[name]
    for network in _lacking(facts, machines.get(one.host), place):
        yield f"{one.short_name} is on {network.name}, and {name} has no network of that name."
    for driver in _drivers(facts):
        if place.volume_plugins is not None and driver.removesuffix(":latest") not in _untagged(place):
            yield f"{one.short_name} needs the volume plugin {driver}, and {place.name} has not used one of that name."


def _drivers(facts: ContainerFacts) -> list[str]:
    return sorted({mount.driver for mount in facts.mounts or () if mount.driver and mount.driver != "local"})


def _untagged(place: Machine) -> set[str]:
    return {name.removesuffix(":latest") for name in place.volume_plugins or ()}


def _made_here(one: Replica) -> bool:
    """Known by an id alone, or built on its host: no registry answers for it."""
    if ImageReference.parse(one.image_reference) is None:
        return True
    return one.image is not None and one.image.digests == () and not one.image.containerd_store


def _taken(address: str, number: int, protocol: str, place: Machine) -> bool:
    """Whether a door there has the number already on this address, or either of them is open on every one."""
    for other, taken, spoken in place.ports or ():
        if (taken, spoken) == (number, protocol) and (
            other == address or other in _EVERY_ADDRESS or address in _EVERY_ADDRESS
        ):
            return True
    return False


def _common(refusals: dict[str, list[str]]) -> list[str]:
    """Of hosts that all refuse: what each says first, and of how many that is."""
    first = list(dict.fromkeys(texts[0] for texts in refusals.values()))
    told = first[:_MOST_ALIKE]
    if len(refusals) > len(told):
        told.append(
            f"None of {counted(len(refusals), 'host')} that {'was' if len(refusals) == 1 else 'were'} tried takes it."
        )
    return told
