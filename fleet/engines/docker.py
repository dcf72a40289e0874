"""The Docker Engine API, which Docker speaks and podman's compatible socket too: replies become a snapshot."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from fleet.engines.reading import container, events, fields, host, image, network, swarm, volume
from fleet.engines.reading.asking import Entry
from fleet.engines.reading.fetch import fetch, fetch_news
from fleet.engines.reading.first import Quiet, Replies
from fleet.engines.reading.plan import Plan, remembered
from fleet.inventory import ContainerFacts, Gap, HostFacts, ImageFacts, Looks, NothingNew, Snapshot, VolumeFacts
from fleet.inventory.host import clock_step
from fleet.transport import Endpoint, EngineClient

Fact = TypeVar("Fact")


def collect(client: EngineClient, *, now: datetime, plan: Plan | None = None) -> Snapshot:
    """One snapshot of one host; a TransportError when the engine does not tell the least that makes one."""
    started = time.monotonic()
    replies = fetch(client, plan=plan or Plan())
    return parse(replies, now=now, seconds=time.monotonic() - started, endpoint=client.endpoint, plan=plan)


def look(client: EngineClient, *, now: datetime, plan: Plan) -> Snapshot | NothingNew:
    """As `collect`, but with the plan's `looks` only as far as it takes to see whether anything changed."""
    started = time.monotonic()
    news = fetch_news(client, plan=plan, now=now.timestamp())
    seconds = time.monotonic() - started
    if isinstance(news, Quiet):
        return NothingNew(now, seconds, news.events_until)
    return parse(news, now=now, seconds=seconds, endpoint=client.endpoint, plan=plan)


def parse(replies: Replies, *, now: datetime, seconds: float, endpoint: Endpoint, plan: Plan | None = None) -> Snapshot:
    """Pure: the same replies are the same snapshot. Nothing in a reply, however odd, raises."""
    gaps = list(replies.gaps)
    happened = _happened(replies)
    machine = _host(replies, happened, now=now, endpoint=endpoint)
    return Snapshot(
        taken_at=now,
        seconds=seconds,
        host=machine,
        containers=_containers(replies, happened, podman=machine.kind == "podman"),
        images=_images(replies, machine, gaps),
        images_seen=_images_seen(replies, machine),
        images_gone=frozenset(replies.images_gone),
        networks=_each(replies.networks, network.from_entry, endpoint="/networks", gaps=gaps),
        volumes=_volumes(replies, gaps),
        services=_each(replies.services, swarm.service, endpoint="/services", gaps=gaps),
        tasks=_each(replies.tasks, swarm.task, endpoint="/tasks", gaps=gaps),
        nodes=_each(replies.nodes, swarm.node, endpoint="/nodes", gaps=gaps),
        plugins=_each(replies.plugins, swarm.plugin, endpoint="/plugins", gaps=gaps),
        unchanged=frozenset(replies.unchanged),
        running_unchanged=sum(map(replies.containers.runs, replies.unchanged)),
        version_told=replies.version is not None,
        remembered=_remembered(replies, plan or Plan()),
        rotated_until=plan.rotated_until if plan else None,
        told=_told(replies),
        events_until=replies.events_until,
        gaps=tuple(gaps),
        looks=_looks(replies, machine),
    )


def _looks(replies: Replies, machine: HostFacts) -> Looks | None:
    """Not of podman, which is not asked for events, nor of a swarm's manager, whose tasks fail without one."""
    if replies.looks is None or machine.kind == "podman" or replies.services is not None or replies.tasks is not None:
        return None
    return dataclasses.replace(replies.looks, clock=clock_step(machine.clock_offset))


def _told(replies: Replies) -> frozenset[str]:
    """What is not asked for by every sweep, of what this one was told."""
    parts = {
        "sizes": replies.sized,
        "usage": replies.usage is not None,
        "probe": replies.archive_probe is not None,
        "events": replies.events is not None,
    }
    return frozenset(name for name, there in parts.items() if there) | replies.things


def _remembered(replies: Replies, plan: Plan) -> dict[str, str]:
    """Of each container inspected now, what tells a later sweep that it is still the same."""
    return {
        identity: remembered(replies.containers.marks[identity], events.health_command(detail), secret=plan.secret)
        for identity, detail in replies.container_details.items()
    }


def _happened(replies: Replies) -> events.Happened | None:
    if replies.events is None:
        return None
    details = replies.container_details
    uninspected = replies.containers.keys() - details.keys() - replies.vanished - replies.unchanged
    return events.read(replies.events, details, uninspected=uninspected)


def _host(replies: Replies, happened: events.Happened | None, *, now: datetime, endpoint: Endpoint) -> HostFacts:
    warnings = None
    if replies.volumes is not None:
        warnings = host.redacted(fields.texts(replies.volumes, "Warnings", absent=()))
    machine = host.from_replies(
        replies.version or {},
        replies.info,
        asked_at=now + timedelta(seconds=replies.info_asked_at),
        round_trip=replies.info_round_trip,
        endpoint=endpoint,
        volume_warnings=warnings,
    )
    return dataclasses.replace(
        machine,
        disk_usage=host.disk_usage(replies.usage) if replies.usage is not None else None,
        archive_probe=replies.archive_probe,
        events_whole=happened.whole if happened else None,
    )


def _containers(replies: Replies, happened: events.Happened | None, *, podman: bool) -> tuple[ContainerFacts, ...]:
    found = []
    left_out = replies.vanished | replies.unchanged
    for identity in replies.containers:
        if identity in left_out:
            continue
        entry, detail = replies.containers[identity], replies.container_details.get(identity)
        changes = happened.by_container.get(identity, ()) if happened else None
        if detail is not None:
            found.append(
                container.from_inspect(
                    detail, listed=entry, identity=identity, podman=podman, sized=replies.sized, hand_changes=changes
                )
            )
        else:
            found.append(container.from_list(entry, identity=identity, sized=replies.sized, hand_changes=changes))
    return tuple(sorted(found, key=lambda facts: (facts.name, facts.id)))


def _images(replies: Replies, machine: HostFacts, gaps: list[Gap]) -> tuple[ImageFacts, ...] | None:
    def read(entry: Entry) -> ImageFacts | None:
        identity = fields.filled(entry, "Id")
        if identity is None:
            return None
        return image.from_replies(entry, replies.image_details.get(identity), identity=identity, host=machine)

    return _each(replies.images, read, endpoint="/images/json", gaps=gaps)


def _volumes(replies: Replies, gaps: list[Gap]) -> tuple[VolumeFacts, ...] | None:
    read = partial(volume.from_entry, sizes=volume.sizes(replies.usage))
    return _each(_volume_entries(replies, gaps), read, endpoint="/volumes", gaps=gaps)


def _images_seen(replies: Replies, machine: HostFacts) -> tuple[ImageFacts, ...]:
    """Those that were inspected and not listed: an inspection tells what the list would."""
    told = () if replies.images is not None else sorted(replies.image_details.items())
    return tuple(image.from_replies(detail, detail, identity=identity, host=machine) for identity, detail in told)


def _volume_entries(replies: Replies, gaps: list[Gap]) -> list[Entry] | None:
    if replies.volumes is None:
        return None
    entries = fields.rows(replies.volumes, "Volumes")
    if entries is None:
        gaps.append(Gap("/volumes", "the reply has no list of volumes"))
    return entries


def _each(
    entries: list[Entry] | None, read: Callable[[Entry], Fact | None], *, endpoint: str, gaps: list[Gap]
) -> tuple[Fact, ...] | None:
    """Each entry read; one without the name that makes it something is left out and counted as a gap."""
    if entries is None:
        return None
    found = tuple(fact for fact in map(read, entries) if fact is not None)
    if len(found) < len(entries):
        gaps.append(Gap(endpoint, f"{len(entries) - len(found)} of {len(entries)} entries have no id or name"))
    return found
