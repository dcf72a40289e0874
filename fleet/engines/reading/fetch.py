"""Asks an engine for everything a snapshot needs, one request after another over one connection."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from fleet.engines.reading import events, host
from fleet.engines.reading.asking import Entry, as_entries, as_list, as_object, optional
from fleet.engines.reading.fields import flag
from fleet.engines.reading.first import SLOW_SECONDS, Quiet, Replies, Told
from fleet.engines.reading.news import IMAGE_ID, image_of, inspect_some, names_of, news_of
from fleet.engines.reading.plan import RESTLESS, Plan
from fleet.engines.reading.redaction import redact_text
from fleet.inventory import Gap, Looks
from fleet.inventory.snapshot import THINGS
from fleet.transport import EngineClient, HttpError, NotFound, TransportError

VOLUMES_SECONDS: Final = 20.0  # a dead volume plugin makes the engine retry for 15 s before it answers
_FAILURES_IN_A_ROW: Final = 3  # then the engine is gone, and asking for the rest would only use up the sweep's time


def fetch(client: EngineClient, *, plan: Plan, clock: Callable[[], float] = time.monotonic) -> Replies:
    """Everything, or a TransportError when /version, /info or the container list does not answer.

    One request at a time: on an engine with 100 containers, threads made it slower. What the `plan` knows of a
    container, and what neither the list nor an event tells otherwise of, is not asked again.
    """
    started = clock()
    version = _version(client)
    return _whole(client, plan, Told.ask(client, started, clock), version)


def fetch_news(
    client: EngineClient, *, plan: Plan, now: float, clock: Callable[[], float] = time.monotonic
) -> Replies | Quiet:
    """As `fetch`, but for an engine that looks as the plan's `looks` say nothing else is asked, nor parsed.

    `now` is the collector's time, in seconds since 1970.
    """
    known = plan.looks
    if known is None:
        return fetch(client, plan=plan, clock=clock)
    started = clock()
    client.assume(known.api)
    try:
        told = Told.ask(client, started, clock)
    except HttpError:
        # An engine that was put back to an older one does not speak the version that was settled.
        return fetch(client, plan=plan, clock=clock)
    if not told.looks_as(known, now):
        return _whole(client, plan, told, _version(client, told, known))
    told.ask_for_more(client, plan, podman=False)
    if told.is_quiet(known, plan):
        return Quiet(told.events_until)
    return _all(client, plan, told.replies(client, _version(client, told, known)))


def _version(client: EngineClient, told: Told | None = None, known: Looks | None = None) -> Entry | None:
    """None, without asking, where what was told is of the engine that is `known`."""
    if told is not None and known is not None and told.is_the_same_engine(known):
        return None
    return as_object(client.get("/version"), "/version")


def _whole(client: EngineClient, plan: Plan, told: Told, version: Entry | None) -> Replies:
    """What is still to be asked once it is known what the engine says of itself."""
    told.ask_for_more(client, plan, podman=host.is_podman(version))
    return _all(client, plan, told.replies(client, version))


def _all(client: EngineClient, plan: Plan, replies: Replies) -> Replies:
    replies.unchanged = _unchanged(replies, plan)
    replies.containers.read(replies.containers.keys() - replies.unchanged)
    _inspect_containers(client, replies)
    replies.things, images = (THINGS, frozenset()) if plan.things else news_of(replies, plan)
    if images and not inspect_some(client, replies, images):
        replies.things |= {"images"}
    _fetch_things(client, replies, plan)
    _fetch_swarm(client, replies)
    _fetch_slow(client, replies, plan)
    return replies


def _fetch_slow(client: EngineClient, replies: Replies, plan: Plan) -> None:
    if plan.usage:
        # Without the parameter newer engines tell sums alone; older ones know no such parameter, and tell everything.
        ask = partial(client.get, "/system/df", params={"verbose": "1"}, timeout=SLOW_SECONDS)
        replies.usage = optional(replies.gaps, "/system/df", lambda: as_object(ask(), "/system/df"))
    if plan.probe:
        try:
            replies.archive_probe = client.probe()
        except TransportError as error:
            replies.gaps.append(Gap("HEAD /containers/{id}/archive", redact_text(str(error))))


def _unchanged(replies: Replies, plan: Plan) -> set[str]:
    """Those that need not be inspected again. Of what neither list nor events show the turns of inspection tell.

    An engine forgets events: where some may be missing, what restarted of late may have done so again.
    """
    told_of = plan.due | events.hints(replies.events or events.NONE, plan.known, secret=plan.secret)
    if plan.restless or replies.events is None or replies.events.cut:
        told_of |= {one for one, token in plan.known.items() if token.endswith(RESTLESS)}
    return {
        one
        for one in replies.containers
        if one not in told_of and replies.containers.looks_as(one, plan.known.get(one))
    }


def _inspect_containers(client: EngineClient, replies: Replies) -> None:
    failures = _Failures("/containers/{id}/json", "container")
    wanted = [identity for identity in replies.containers if identity not in replies.unchanged]
    for identity in wanted:
        if failures.given_up:
            failures.skipped += 1
            continue
        try:
            path = f"/containers/{identity}/json"
            replies.container_details[identity] = as_object(client.get(path), path)
            failures.in_a_row = 0
        except NotFound:
            replies.vanished.add(identity)
        except TransportError as error:
            failures.add(error)
    replies.gaps += failures.gaps(len(wanted))


def _fetch_things(client: EngineClient, replies: Replies, plan: Plan) -> None:
    if "images" in replies.things:
        replies.images = _optional_list(client, replies, "/images/json")
        if replies.images is not None:
            _inspect_used_images(client, replies, plan)
    if "networks" in replies.things:
        replies.networks = _optional_list(client, replies, "/networks")
    if "volumes" in replies.things:
        replies.volumes = optional(
            replies.gaps, "/volumes", lambda: as_object(client.get("/volumes", timeout=VOLUMES_SECONDS), "/volumes")
        )
    if "plugins" in replies.things:
        podman = host.is_podman(replies.version)
        replies.plugins = _optional_list(client, replies, "/plugins", may_be_absent=podman)


def _fetch_swarm(client: EngineClient, replies: Replies) -> None:
    """Each time: of a task that fails no event tells."""
    if flag(replies.info, "Swarm", "ControlAvailable"):
        replies.services = _optional_list(client, replies, "/services", params={"status": "true"})
        replies.tasks = _optional_list(client, replies, "/tasks")
        replies.nodes = _optional_list(client, replies, "/nodes")


def _inspect_used_images(client: EngineClient, replies: Replies, plan: Plan) -> None:
    """Those of running and stopped containers: an unused image's layers and volumes matter to no rule.

    One that was inspected before has its turn, or an event that names it.
    """
    failures = _Failures("/images/{id}/json", "image")
    used = {image_of(replies, identity) for identity in replies.containers}
    named = events.images(replies.events or events.NONE)
    told_of = {identity for entry in replies.images or () for identity in names_of(entry) if named & names_of(entry)}
    wanted = {identity for identity in used if plan.images.get(identity, True) or identity in told_of}
    identities = sorted(identity for identity in wanted if IMAGE_ID.match(identity))
    for identity in identities:
        if failures.given_up:
            failures.skipped += 1
            continue
        try:
            path = f"/images/{identity}/json"
            replies.image_details[identity] = as_object(client.get(path), path)
            failures.in_a_row = 0
        except NotFound:
            continue  # removed while a container still refers to it, or while we asked
        except TransportError as error:
            failures.add(error)
    replies.gaps += failures.gaps(len(identities))


@dataclass
class _Failures:
    """Counts single failures of many like requests, and makes one gap of them."""

    endpoint: str
    noun: str
    first: TransportError | None = None
    count: int = 0
    skipped: int = 0
    in_a_row: int = 0

    def add(self, error: TransportError) -> None:
        self.first = self.first or error
        self.count += 1
        self.in_a_row += 1

    @property
    def given_up(self) -> bool:
        return self.in_a_row >= _FAILURES_IN_A_ROW

    def gaps(self, total: int) -> list[Gap]:
        if self.first is None:
            return []
        missing = self.count + self.skipped
        return [
            Gap(
                self.endpoint,
                f"{missing} of {total} {self.noun}s could not be inspected: {redact_text(str(self.first))}",
            )
        ]


def _optional_list(
    client: EngineClient,
    replies: Replies,
    endpoint: str,
    *,
    params: dict[str, str] | None = None,
    may_be_absent: bool = False,
) -> list[Entry] | None:
    found = optional(
        replies.gaps,
        endpoint,
        lambda: as_list(client.get(endpoint, params=params), endpoint),
        may_be_absent=may_be_absent,
    )
    return None if found is None else as_entries(found, endpoint, replies.gaps)
